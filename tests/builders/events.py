"""Events as AWS sends them, read from `tests/events` and varied."""

import copy
import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parents[1] / "events"


def event(name: str) -> dict[str, Any]:
    """One of the recorded events, to be changed at will."""
    found: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text())
    return found


def frame_event(body: str, *, binary: bool = False, **authorizer: str) -> dict[str, Any]:
    """A frame that came on a socket."""
    found = event("websocket_message")
    found["body"] = body
    found["isBase64Encoded"] = binary
    found["requestContext"]["authorizer"] |= authorizer
    return found


def sqs_event(*bodies: str) -> dict[str, Any]:
    """A batch of messages, by ids `0`, `1` and so on."""
    found = event("sqs_batch")
    (record,) = found["Records"]
    found["Records"] = [
        {**copy.deepcopy(record), "messageId": str(number), "body": body}
        for number, body in enumerate(bodies)
    ]
    return found
