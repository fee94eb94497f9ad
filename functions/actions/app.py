"""Carries out what participants do to a chat."""


def handler(event: dict[str, object], context: object) -> dict[str, object]:
    """Answers that the function is deployed."""
    return {"statusCode": 200}
