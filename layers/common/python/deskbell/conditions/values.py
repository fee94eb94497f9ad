"""How a value of each field type is written in a query and compared."""

import unicodedata
from datetime import UTC, datetime, timedelta

from deskbell.conditions.fields import FieldType
from deskbell.times import rfc3339

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_INTEGER = 2**53


def fold(text: str) -> str:
    """Text as conditions compare it: without case, and canonically composed."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def integer(text: str) -> int:
    """A whole number of at most 53 bits; raises ValueError."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > len(str(_MAX_INTEGER)):
        raise ValueError("expects a whole number")
    value = int(text)
    if abs(value) > _MAX_INTEGER:
        raise ValueError("expects a whole number of at most 53 bits")
    return value


def moment(text: str) -> int:
    """Epoch milliseconds of `2026-01-31 12:00:00` (UTC, as in ServiceNow) or RFC 3339; raises ValueError."""
    try:
        at = datetime.fromisoformat(text)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("expects a date and time such as 2026-01-31 12:00:00") from None
    return (at - _EPOCH) // timedelta(milliseconds=1)


def canonical(text: str, kind: FieldType) -> tuple[str, str | int]:
    """The value as it is printed and as it is compared; raises ValueError where the type does not take it."""
    if kind == "integer":
        number = integer(text)
        return str(number), number
    if kind == "datetime":
        at = moment(text)
        return rfc3339(at), at
    written = text if text.isascii() else unicodedata.normalize("NFC", text)
    return written, fold(written)


def converted(value: str | int, kind: FieldType) -> str | int | None:
    """A record's value as its field compares it; None where it is not of the field's type."""
    if kind in ("string", "choice"):
        return fold(value) if isinstance(value, str) else None
    if isinstance(value, int):
        return value
    try:
        return moment(value.upper()) if kind == "datetime" else integer(value)
    except ValueError:
        return None
