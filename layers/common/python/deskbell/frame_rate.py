"""The frame rate: a burst of frames per connection, then so many a second, across all containers.

A container passes a few frames of each connection freely, so that ordinary chat writes nothing. Beyond those
it leases frames, five at a time, from an item that all containers share, `{pk: frames#<connection>, tat,
ttl}`: the theoretical arrival time of the generic cell rate algorithm (ITU-T I.371), epoch milliseconds.
DynamoDB's conditions and expressions have no maximum, so a lease is one of two writes: the connection was
idle, or its time is moved on.

A burst passes however it is spread: a container leases no earlier than at the fifth frame it sees, and five
are then leased for five seen, so that all leases together never exceed the frames. What may pass beyond the
limit is, for each container that the connection's frames reach, 4 frames and then 1 a second, and at most 4
left of an old lease. Clocks that differ by a second shorten or lengthen the burst by what passes in a second.
"""

from dataclasses import dataclass

FREE_BURST = 4
FREE_INTERVAL = 1_000

# More than one above the free burst, and stranded leases could cut a burst short.
_LEASE = FREE_BURST + 1
_SECOND = 1_000
_LIFE = 600


@dataclass(frozen=True, slots=True)
class FrameLimits:
    """How many frames a connection may send at once, and how many a second after that; both at least 1."""

    burst: int = 100
    per_second: int = 10

    def __post_init__(self) -> None:
        if self.burst < 1 or self.per_second < 1:
            raise ValueError(f"a connection must be allowed at least one frame, not {self}")

    @property
    def lease(self) -> int:
        """How many frames one write leases."""
        return min(_LEASE, self.burst)

    @property
    def free_burst(self) -> int:
        """How many frames a container passes at once without a lease."""
        return min(FREE_BURST, self.burst)

    @property
    def lease_time(self) -> int:
        """How many milliseconds the frames of a lease take at the steady rate."""
        return self.lease * _SECOND // self.per_second

    @property
    def headroom(self) -> int:
        """How many milliseconds the shared time may be ahead for a lease still to fit in the burst."""
        return self.burst * _SECOND // self.per_second - self.lease_time


@dataclass(frozen=True, slots=True)
class Start:
    """Set the shared time to `tat`; holds where there is none, or it is not after `now`."""

    connection: str
    now: int
    tat: int


@dataclass(frozen=True, slots=True)
class Extend:
    """Move the shared time on by `by`; holds while it is after `now` and not after `latest`."""

    connection: str
    now: int
    by: int
    latest: int


type LeaseWrite = Start | Extend


@dataclass(frozen=True, slots=True)
class Leased:
    """The lease was granted and left the shared time at this."""

    tat: int


@dataclass(frozen=True, slots=True)
class NotLeased:
    """The condition did not hold; the time it was held against, None if there is none."""

    tat: int | None


type LeaseOutcome = Leased | NotLeased


def next_lease(connection: str, tat: int | None, limits: FrameLimits, now: int) -> LeaseWrite | None:
    """Decide what would lease more frames, given the shared time; None where no lease fits yet."""
    if tat is None or tat <= now:
        return Start(connection, now, now + limits.lease_time)
    if tat <= now + limits.headroom:
        return Extend(connection, now, limits.lease_time, now + limits.headroom)
    return None


def retry_at(tat: int, limits: FrameLimits, now: int) -> int:
    """Return when a lease fits again: whole seconds from now, at least one."""
    wait = tat - limits.headroom - now
    return now + max(1, -(-wait // _SECOND)) * _SECOND


def granted(write: LeaseWrite, tat: int | None) -> int | None:
    """Return the shared time that a write leaves behind, or None where its condition does not hold."""
    match write:
        case Start() if tat is None or tat <= write.now:
            return write.tat
        case Extend() if tat is not None and write.now < tat <= write.latest:
            return tat + write.by
        case _:
            return None


def lapses(now: int) -> int:
    """Return the epoch second after which an item last written at this moment says nothing any more."""
    return now // _SECOND + _LIFE
