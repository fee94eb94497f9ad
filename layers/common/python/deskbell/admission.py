"""Admission: taking a permit from one rate window, or from a guest's two, and giving it back.

A container remembers each window as it last saw it. From that it refuses, since counts fall only by expiry,
and it never admits from it. What is remembered is the window and not the refusal, so a changed limit holds at
once. (A permit that another container gave back is not noticed until then: too few, never too many.)
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from deskbell.course import run
from deskbell.errors import RateLimitedError, UnavailableError
from deskbell.ports import RateWindows
from deskbell.rate_window import (
    HOUR,
    MINUTE,
    Add,
    Full,
    GiveBack,
    Outcome,
    Refused,
    Roll,
    Throttled,
    Window,
    WindowWrite,
    Written,
    applied,
    next_write,
)
from deskbell.recent import Recent

GUESTS = "guests"
CLIENT_REFUSED = "Too many chats were started from your network address, please retry later."

# A turn of the minute costs a lost write, a lost roll and an add; more means a window too hot to wait for.
_MOST_WRITES = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """A window as this container last saw it; `alone` while nobody else has been seen to write to it."""

    window: Window
    alone: bool


type SeenWindows = Recent[str, Seen]


@dataclass(frozen=True, slots=True)
class Count:
    """One in the bucket of a minute."""

    key: str
    minute: int


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to create one conversation in this invocation; empty counts where nothing is limited."""

    counts: Sequence[Count] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestLimits:
    """Conversations an hour, of all guests and of one client, and what the refused are told.

    0 admits none, a negative number is no limit.
    """

    all_guests: int
    one_client: int
    refusal: str
    client_refusal: str = CLIENT_REFUSED


def seen_windows(most: int = 2_048) -> SeenWindows:
    """Make a container's memory of windows; about 1 KB each at the most."""
    return Recent(most)


def admit(windows: RateWindows, seen: SeenWindows, key: str, *, limit: int, now: int, refusal: str) -> Permit:
    """Take a permit from one window.

    Raises RateLimitedError(refusal) when there is none, or when the window's item is overloaded;
    UnavailableError when the store did not answer, in which case a permit may be lost.
    """
    return run(windows.write, admission(seen, key, limit, now, refusal))


def admit_guest(
    windows: RateWindows, seen: SeenWindows, client: str | None, limits: GuestLimits, now: int
) -> Permit:
    """Take a guest's permits: the client's, unless it is None (excepted from the limit), and everybody's.

    Raises as `admit` does, having given back the client's where everybody's were refused.
    """
    return run(windows.write, guest_admission(seen, client, limits, now))


def give_back(windows: RateWindows, seen: SeenWindows, permit: Permit) -> None:
    """Return a permit that created nothing; only after a definite failure, never after an unknown outcome.

    What cannot be given back is lost until it expires, which is the safe side.
    """
    run(windows.write, returning(seen, permit))


def admission(
    seen: SeenWindows, key: str, limit: int, now: int, refusal: str
) -> Generator[WindowWrite, Outcome, Permit]:
    """Describe `admit` as a course of conditional writes."""
    if limit < 0:
        return Permit()
    _refuse_if_known_full(seen, key, limit, now, refusal)
    minute = now // MINUTE
    remembered = seen.get(key)
    write = _first_write(remembered, key, limit, minute)
    alone = True
    for attempt in range(_MOST_WRITES):
        outcome = yield write
        if attempt == 0:
            alone = _undisturbed(remembered, write, outcome)
        match outcome:
            case Written(window):
                seen.put(key, Seen(window, alone))
                return Permit((Count(key, write.minute),))
            case Refused(found):
                _remember(seen, key, found, alone)
                step = next_write(key, found, limit, minute)
                if isinstance(step, Full):
                    raise RateLimitedError(refusal, step.until)
                write = step
            case Throttled():
                break
    raise RateLimitedError(refusal, now + _pause(now))


def guest_admission(
    seen: SeenWindows, client: str | None, limits: GuestLimits, now: int
) -> Generator[WindowWrite, Outcome, Permit]:
    """Describe `admit_guest` as a course of conditional writes."""
    of_client = client_window(client) if client is not None else None
    if of_client is not None:
        _refuse_if_known_full(seen, of_client, limits.one_client, now, limits.client_refusal)
    _refuse_if_known_full(seen, GUESTS, limits.all_guests, now, limits.refusal)
    own = Permit()
    if of_client is not None:
        own = yield from admission(seen, of_client, limits.one_client, now, limits.client_refusal)
    try:
        everybodys = yield from admission(seen, GUESTS, limits.all_guests, now, limits.refusal)
    except RateLimitedError:
        yield from returning(seen, own)
        raise
    return Permit((*own.counts, *everybodys.counts))


def returning(seen: SeenWindows, permit: Permit) -> Generator[WindowWrite, Outcome]:
    """Describe `give_back` as a course of conditional writes."""
    for count in permit.counts:
        try:
            outcome = yield GiveBack(count.key, count.minute)
        except UnavailableError:
            continue
        remembered = seen.get(count.key)
        alone = remembered is not None and remembered.alone
        match outcome:
            case Written(window):
                seen.put(count.key, Seen(window, alone))
            case Refused(found):
                _remember(seen, count.key, found, alone)


def client_window(client: str) -> str:
    """Name the window of one client, which `clients.client_key` identifies."""
    return f"client#{client}"


def _refuse_if_known_full(seen: SeenWindows, key: str, limit: int, now: int, refusal: str) -> None:
    """Refuse without a call where no call could admit."""
    if limit < 0:
        return
    if limit == 0:
        raise RateLimitedError(refusal, now + HOUR)
    remembered = seen.get(key)
    if remembered:
        step = next_write(key, remembered.window, limit, now // MINUTE)
        if isinstance(step, Full):
            raise RateLimitedError(refusal, step.until)


def _first_write(remembered: Seen | None, key: str, limit: int, minute: int) -> Add | Roll:
    """Guess the write that will hold.

    When the minute has turned, a window that others write to has most likely been rolled by one of them; a
    window that is used by this container alone has not.
    """
    if remembered:
        step = next_write(key, remembered.window, limit, minute)
        if isinstance(step, Add) or (isinstance(step, Roll) and remembered.alone):
            return step
    return Add(key, minute, limit)


def _undisturbed(remembered: Seen | None, write: Add | Roll, outcome: Outcome) -> bool:
    """Tell whether the window was as this container had left it; taken to be so until there is a sign."""
    if remembered is None:
        return True
    match outcome:
        case Written(window):
            return applied(write, remembered.window) == window
        case Refused(found):
            return found == remembered.window
        case Throttled():
            return False


def _remember(seen: SeenWindows, key: str, found: Window | None, alone: bool) -> None:
    if found is None:
        seen.forget(key)
    else:
        seen.put(key, Seen(found, alone))


def _pause(now: int) -> int:
    """Spread the retries of those turned away from an overloaded item over 1 to 5 s, by when they came."""
    return 1_000 + now % 4_001
