"""Acts when a timer is up, and on what a lost timer left behind."""


def handler(event: dict[str, object], context: object) -> dict[str, object]:
    """Answers that the function is deployed."""
    return {"statusCode": 200}
