"""Routes submitted chats to agent queues."""


def handler(event: dict[str, object], context: object) -> dict[str, object]:
    """Answers that the function is deployed."""
    return {"statusCode": 200}
