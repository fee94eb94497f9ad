"""ULIDs, as clients make them for messages and submissions (github.com/ulid/spec)."""

import secrets
import time

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid() -> str:
    """A new one."""
    value = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
    return "".join(_DIGITS[value >> shift & 31] for shift in range(125, -5, -5))
