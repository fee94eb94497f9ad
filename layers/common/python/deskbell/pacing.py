"""Pacing: letting a connection's frames pass, or telling it to wait."""

from collections.abc import Generator
from dataclasses import dataclass, replace

from deskbell.course import run
from deskbell.errors import RateLimitedError, UnavailableError
from deskbell.frame_rate import (
    FREE_INTERVAL,
    FrameLimits,
    Leased,
    LeaseOutcome,
    LeaseWrite,
    NotLeased,
    next_lease,
    retry_at,
)
from deskbell.ports import FrameRates
from deskbell.recent import Recent

_REFUSAL = "Too many frames; wait before sending more."

# An idle connection's item is started by one container only; the others then extend it.
_MOST_WRITES = 3


@dataclass(frozen=True, slots=True)
class Pace:
    """A connection as a container knows it: own allowance, frames still leased, shared time last seen."""

    free_tat: int = 0
    leased: int = 0
    tat: int = 0


type Paces = Recent[str, Pace]


def paces(most: int = 4_096) -> Paces:
    """Make a container's memory of connections; about 300 bytes each."""
    return Recent(most)


def admit_frame(rates: FrameRates, known: Paces, connection: str, limits: FrameLimits, now: int) -> None:
    """Let one frame pass, or raise RateLimitedError with a `retry_at` whole seconds away, at least one.

    Where the store cannot be reached the frame passes, and as many more as a lease has: the limit keeps one
    connection from crowding out the others and gives nobody access to anything, so a chat that goes on
    without it is better than one that stops. The next lease tries the store again.
    """
    run(rates.lease, frame(known, connection, limits, now))


def frame(
    known: Paces, connection: str, limits: FrameLimits, now: int
) -> Generator[LeaseWrite, LeaseOutcome]:
    """Describe `admit_frame` as a course of conditional writes."""
    pace = known.get(connection) or Pace()
    if not pace.leased and next_lease(connection, pace.tat, limits, now) is None:
        raise RateLimitedError(_REFUSAL, retry_at(pace.tat, limits, now))
    free_tat = max(pace.free_tat, now) + FREE_INTERVAL
    if free_tat - now <= limits.free_burst * FREE_INTERVAL:
        known.put(connection, replace(pace, free_tat=free_tat))
        return
    if pace.leased:
        known.put(connection, replace(pace, leased=pace.leased - 1))
        return
    try:
        outcome = yield from _leasing(connection, pace.tat, limits, now)
    except UnavailableError:
        outcome = Leased(pace.tat)
    match outcome:
        case Leased(tat):
            known.put(connection, replace(pace, leased=limits.lease - 1, tat=tat))
        case NotLeased(tat):
            known.put(connection, replace(pace, tat=tat or 0))
            raise RateLimitedError(_REFUSAL, retry_at(tat or 0, limits, now))


def _leasing(
    connection: str, tat: int | None, limits: FrameLimits, now: int
) -> Generator[LeaseWrite, LeaseOutcome, LeaseOutcome]:
    outcome: LeaseOutcome = NotLeased(tat)
    for _ in range(_MOST_WRITES):
        write = next_lease(connection, outcome.tat, limits, now)
        if write is None:
            break
        outcome = yield write
        if isinstance(outcome, Leased):
            break
    return outcome
