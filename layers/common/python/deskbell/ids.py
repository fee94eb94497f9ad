"""Identifiers: the shapes clients may choose, and those derived so that a repeated request meets itself."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ULID_PATTERN = r"^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}$"
_ULID = re.compile(ULID_PATTERN)
_UUID = re.compile(r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")


def is_ulid(text: str) -> bool:
    """Tell whether text is a ULID in Crockford's base 32, either case (github.com/ulid/spec)."""
    return _ULID.fullmatch(text) is not None


def is_idempotency_key(text: str) -> bool:
    """Tell whether text can name one submission for good: a UUID or a ULID."""
    return is_ulid(text) or _UUID.fullmatch(text) is not None


def interaction_id(key: str, form: str, answers: Mapping[str, object]) -> str:
    """Derive the interaction that a submission creates, from its idempotency key and what it says.

    The same key with the same answers names the same interaction; with other answers it names another one, so a
    reused key can never reach somebody's chat. 130 bits as 26 Crockford characters.
    """
    canonical = json.dumps([form, dict(answers)], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    digest = hmac.new(key.lower().encode(), canonical.encode(), hashlib.sha256).digest()
    return _crockford(int.from_bytes(digest[:17]), 26)


def number_of(interaction: str) -> str:
    """Give the short number people quote for an interaction, derived from its id: `CH-7K3M-9QXT`."""
    digest = hashlib.sha256(b"number:" + interaction.encode()).digest()
    text = _crockford(int.from_bytes(digest[:5]), 8)
    return f"CH-{text[:4]}-{text[4:]}"


def _crockford(value: int, length: int) -> str:
    digits = []
    for _ in range(length):
        value, digit = divmod(value, 32)
        digits.append(CROCKFORD[digit])
    return "".join(reversed(digits))
