"""JSON as it comes in, held to what can go on: text in UTF-8, numbers that are numbers, bounded depth."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, NoReturn

from deskbell.errors import FieldError, InvalidFieldError, MalformedError, TooLargeError

MAX_DEPTH = 32


def read_text(event: dict[str, Any]) -> str:
    """Give an event's body as text; raises MalformedError for bytes that are no UTF-8."""
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body)
    try:
        return base64.b64decode(body, validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise MalformedError("The text is not UTF-8.") from error


def read_object(text: str, most_bytes: int) -> dict[str, Any]:
    """Read one JSON object; raises MalformedError, TooLargeError."""
    if len(text) > most_bytes or len(text.encode("utf-8", "surrogatepass")) > most_bytes:
        raise TooLargeError(f"At most {most_bytes} bytes.")
    try:
        found = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise MalformedError("This is not JSON.") from error
    if not isinstance(found, dict):
        raise MalformedError("This is not a JSON object.")
    _check(found)
    return found


def object_in(body: dict[str, Any], name: str) -> dict[str, Any]:
    """Give the object that a body must hold under a name; raises InvalidFieldError."""
    found = body.get(name)
    if not isinstance(found, dict):
        problem = FieldError(name, "missing" if found is None else "invalid_type", "expects an object")
        raise InvalidFieldError(f"The body needs `{name}`.", [problem])
    return found


def whole_number(text: str | None, name: str) -> int:
    """Read a number from a query string, 0 where it is absent; raises InvalidFieldError."""
    if text is None or text == "":
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 9):  # noqa: PLR2004 - entries have nine digits
        raise InvalidFieldError(
            f"`{name}` is not a number.", [FieldError(name, "invalid_type", "expects a whole number")]
        )
    return int(text)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _check(value: Any, depth: int = 0) -> None:
    """Refuse what JSON's grammar lets pass and nobody can store: half characters, bottomless nesting."""
    if depth > MAX_DEPTH:
        raise MalformedError("This is nested too deeply.")
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise MalformedError("The text holds half a character.")
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth + 1)
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check(name, depth + 1)
            _check(inner, depth + 1)
