"""What the emulator's own operations answer."""

import json
from http import HTTPStatus
from typing import Any


def accepted(response: tuple[int, dict[str, str], bytes | str]) -> dict[str, Any]:
    """The body of a successful answer; raises ValueError, which fails the stack's resource, otherwise."""
    status, _headers, body = response
    if status >= HTTPStatus.BAD_REQUEST:
        raise ValueError(f"the emulator refused: {body!r}")
    document: dict[str, Any] = json.loads(body)
    return document
