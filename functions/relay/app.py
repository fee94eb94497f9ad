"""Carries messages."""

import json


def handler(event: dict[str, object], context: object) -> dict[str, object]:
    """Answers a frame with its own text."""
    return {"statusCode": 200, "body": json.dumps({"type": "echo", "body": event.get("body")})}
