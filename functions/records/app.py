"""Serves interactions and their messages."""


def handler(event: dict[str, object], context: object) -> dict[str, object]:
    """Answers that the function is deployed."""
    return {"statusCode": 200}
