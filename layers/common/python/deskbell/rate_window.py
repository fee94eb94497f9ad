"""The rate window: how many were admitted in the last hour, in one small item of minute buckets.

The item is `{pk, m, tot, b0..b61, ttl}`: the minute the window stands at, the total of its buckets, and for
each of the last 62 minutes a counter in slot `minute mod 62`. Minutes count from the epoch. Three conditional
writes change it; each is a value here, `applied` is what it means, and an adapter turns it into one
UpdateItem.

Why 62 buckets. Any 3600 s touch 61 minutes. A permit is counted in the larger of its writer's minute and the
window's, so it can stand too early only by what the clocks and the events' times are apart; the 62nd bucket
allows 60 s for that. It covers clocks 2 s off either way and the 30 s after which API Gateway gives up on a
request, whose time of arrival is the time used here. So no more than the limit is admitted in any true
3600 s, and a permit returns after 61 to 62 minutes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

MINUTE = 60_000
HOUR = 60 * MINUTE
BUCKETS = 62


@dataclass(frozen=True, slots=True)
class Window:
    """A window as stored; `buckets` maps slots to counts and leaves out slots that were never used."""

    minute: int
    total: int
    buckets: Mapping[int, int]

    def minute_of(self, slot: int) -> int:
        """Return the one minute of those the window covers whose counts are in this slot."""
        return self.minute - (self.minute - slot) % BUCKETS

    def expired(self, minute: int) -> dict[int, int]:
        """Return the buckets, by slot, that a window standing at this later minute no longer covers."""
        return {
            slot: count for slot, count in self.buckets.items() if self.minute_of(slot) <= minute - BUCKETS
        }

    def opens(self, limit: int) -> int:
        """Return the first minute at which enough has expired to be below a limit of at least 1."""
        minute, left = self.minute, self.total
        for counted_in, count in sorted(
            (self.minute_of(slot), count) for slot, count in self.buckets.items()
        ):
            if left < limit:
                break
            minute, left = counted_in + BUCKETS, left - count
        return minute


@dataclass(frozen=True, slots=True)
class Add:
    """Count one in `minute`; holds where there is no window, or it stands at that minute below the limit."""

    key: str
    minute: int
    limit: int


@dataclass(frozen=True, slots=True)
class Roll:
    """Move a window from minute `since` to `minute`, drop what has expired and count one.

    Holds while the window stands at `since`, every bucket to be dropped still has the count it was read with,
    and the rest is below the limit. Counts added to `since` meanwhile do not disturb it.
    """

    key: str
    since: int
    minute: int
    limit: int
    expired: Mapping[int, int]

    @property
    def dropped(self) -> int:
        """How many permits return."""
        return sum(self.expired.values())


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Take one off the bucket of `minute`; holds while the window covers it and it is not empty."""

    key: str
    minute: int


type WindowWrite = Add | Roll | GiveBack


@dataclass(frozen=True, slots=True)
class Written:
    """The write took effect and left this window."""

    window: Window


@dataclass(frozen=True, slots=True)
class Refused:
    """The write's condition did not hold; what it was held against, None if there is no window."""

    found: Window | None


@dataclass(frozen=True, slots=True)
class Throttled:
    """The store turned the write away for being one of too many; it took no effect."""


type Outcome = Written | Refused | Throttled


@dataclass(frozen=True, slots=True)
class Full:
    """No permit is to be had before `until`, epoch milliseconds."""

    until: int


def slot_of(minute: int) -> int:
    """Return the slot that holds a minute's count."""
    return minute % BUCKETS


def lapses(minute: int) -> int:
    """Return the epoch second after which a window at this minute is empty by anyone's clock."""
    return (minute + BUCKETS + 2) * 60


def next_write(key: str, found: Window | None, limit: int, minute: int) -> Add | Roll | Full:
    """Decide what would admit one more, given the window as it is and the minute by the caller's clock.

    Time does not go back: a window ahead of the caller's clock is added to where it stands. `limit` is at
    least 1.
    """
    if found is None:
        return Add(key, minute, limit)
    minute = max(minute, found.minute)
    expired = found.expired(minute)
    if found.total - sum(expired.values()) >= limit:
        return Full(found.opens(limit) * MINUTE)
    if minute == found.minute:
        return Add(key, minute, limit)
    return Roll(key, found.minute, minute, limit, expired)


def applied(write: WindowWrite, window: Window | None) -> Window | None:
    """Return the window that a write leaves behind, or None where its condition does not hold."""
    match write:
        case Add(minute=minute) if window is None:
            return Window(minute, 1, {slot_of(minute): 1})
        case Add() if window and window.minute == write.minute and window.total < write.limit:
            slot = slot_of(write.minute)
            return Window(
                window.minute, window.total + 1, {**window.buckets, slot: window.buckets.get(slot, 0) + 1}
            )
        case Roll() if (
            window
            and window.minute == write.since
            and window.total < write.limit + write.dropped
            and all(window.buckets.get(slot) == count for slot, count in write.expired.items())
        ):
            kept = {slot: count for slot, count in window.buckets.items() if slot not in write.expired}
            return Window(write.minute, window.total + 1 - write.dropped, {**kept, slot_of(write.minute): 1})
        case GiveBack() if (
            window
            and write.minute <= window.minute < write.minute + BUCKETS
            and window.buckets.get(slot_of(write.minute), 0) > 0
        ):
            slot = slot_of(write.minute)
            return Window(window.minute, window.total - 1, {**window.buckets, slot: window.buckets[slot] - 1})
        case _:
            return None
