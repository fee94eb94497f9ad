"""The guest's token: signed, short-lived, bound to one interaction, and safe in a header or a subprotocol.

`g1.<payload>.<mac>` in unpadded base64url, so every character is one that RFC 6455 allows in a subprotocol.
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass

from deskbell.errors import TokenExpiredError, TokenInvalidError
from deskbell.identity import GuestIdentity

PREFIX = "g1."


@dataclass(frozen=True, slots=True, repr=False)
class TokenKeys:
    """The key that signs, and the one before it, which still verifies until its tokens have run out."""

    current: bytes
    previous: bytes | None = None


def sign_guest_token(interaction: str, expires_at: int, keys: TokenKeys) -> str:
    """Make the token of one interaction, good until `expires_at` (epoch milliseconds)."""
    claims = json.dumps({"i": interaction, "x": expires_at}, separators=(",", ":"))
    payload = _encode(claims.encode())
    return f"{PREFIX}{payload}.{_encode(_mac(payload, keys.current))}"


def verify_guest_token(token: str, now: int, keys: TokenKeys) -> GuestIdentity:
    """Read a token back as the guest it was signed for.

    Raises TokenInvalidError for anything we did not sign, TokenExpiredError for what we did, too long ago.
    """
    payload, _, mac = token.removeprefix(PREFIX).partition(".")
    if not token.startswith(PREFIX) or not _signed(payload, mac, keys):
        raise TokenInvalidError("This is not a token of this chat service.")
    claims = json.loads(_decode(payload))
    if claims["x"] <= now:
        raise TokenExpiredError("The token of this chat has expired.")
    return GuestIdentity(interaction=claims["i"], expires_at=claims["x"])


def _signed(payload: str, mac: str, keys: TokenKeys) -> bool:
    try:
        claimed = _decode(mac)
    except (binascii.Error, ValueError):
        return False
    # The canonical text is demanded: a second spelling of the same bytes would be a second token.
    if _encode(claimed) != mac or not payload.isascii():
        return False
    candidates = [key for key in (keys.current, keys.previous) if key is not None]
    return any(hmac.compare_digest(_mac(payload, key), claimed) for key in candidates)


def _mac(payload: str, key: bytes) -> bytes:
    return hmac.new(key, b"deskbell guest token 1:" + payload.encode(), hashlib.sha256).digest()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
