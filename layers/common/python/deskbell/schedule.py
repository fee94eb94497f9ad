"""When a queue is open: intervals per weekday and dated exceptions, on the wall clock of one IANA zone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, ClassVar
from zoneinfo import ZoneInfo

from deskbell.bounds import Length

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_MINUTES = 24 * 60
# A week would do for the weekly pattern, were it not for exceptions that may close many weeks.
_DAYS_AHEAD = 400
_CLOCK = re.compile("[0-9]{2}:[0-5][0-9]")

type Clock = Annotated[str, Length(5, 5)]
type Intervals = Annotated[tuple[tuple[Clock, Clock], ...], Length(0, 24)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """The intervals of each weekday, `("09:00", "17:30")` each; `24:00` is the day's end."""

    __pydantic_config__: ClassVar = {"extra": "forbid", "strict": True}

    monday: Intervals = ()
    tuesday: Intervals = ()
    wednesday: Intervals = ()
    thursday: Intervals = ()
    friday: Intervals = ()
    saturday: Intervals = ()
    sunday: Intervals = ()

    def days(self) -> tuple[Intervals, ...]:
        """From Monday on."""
        return (
            self.monday,
            self.tuesday,
            self.wednesday,
            self.thursday,
            self.friday,
            self.saturday,
            self.sunday,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DayException:
    """The intervals of one date (`2026-12-25`) instead of its weekday's; none at all closes the day."""

    __pydantic_config__: ClassVar = {"extra": "forbid", "strict": True}

    date: Annotated[str, Length(10, 10)]
    intervals: Intervals = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Opening times; without `weekly` every day is open all day, so a blank schedule is always open."""

    __pydantic_config__: ClassVar = {"extra": "forbid", "strict": True}

    zone: Annotated[str, Length(1, 64)] = "UTC"
    weekly: Weekly | None = None
    exceptions: Annotated[tuple[DayException, ...], Length(0, 400)] = ()

    def is_open(self, at: int) -> bool:
        """Whether the wall clock of the zone shows an opening time at `at` (epoch milliseconds)."""
        local = _local(at, _zone(self.zone))
        minute = local.hour * 60 + local.minute
        return any(start <= minute < end for start, end in self._minutes(local.date()))

    def next_opening(self, at: int) -> int | None:
        """The first moment from `at` on when it is open, in epoch milliseconds; None if there is none."""
        if self.is_open(at):
            return at
        zone = _zone(self.zone)
        for day in self._days(_local(at, zone).date()):
            opened = [
                moment for moment in self._candidates(day, zone) if moment >= at and self.is_open(moment)
            ]
            if opened:
                return min(opened)
        return None

    def _minutes(self, day: date) -> tuple[tuple[int, int], ...]:
        weekly, exceptions = _compiled(self)
        if day in exceptions:
            return exceptions[day]
        return weekly[day.weekday()]

    def _days(self, first: date) -> Iterator[date]:
        for ahead in range(_DAYS_AHEAD):
            yield first + ahead * _DAY
        yield from sorted(day for day in _compiled(self)[1] if day >= first + _DAYS_AHEAD * _DAY)

    def _candidates(self, day: date, zone: ZoneInfo) -> Iterator[int]:
        """Moments when it may turn open: starts, in both readings of a repeated hour, and clock changes."""
        for start, _ in self._minutes(day):
            wall = datetime.combine(day, time(start // 60, start % 60), zone)
            yield _millis(wall)
            yield _millis(wall.replace(fold=1))
        yield from _jumps(day, zone)


def minutes_of(clock: str) -> int:
    """Minutes since midnight of `HH:MM`, `24:00` included; raises ValueError."""
    if _CLOCK.fullmatch(clock) is None:
        raise ValueError("expects a time such as 09:30")
    total = int(clock[:2]) * 60 + int(clock[3:])
    if total > _MINUTES:
        raise ValueError("expects a time of 24:00 at the latest")
    return total


type _Day = tuple[tuple[int, int], ...]


@lru_cache(maxsize=256)
def _compiled(schedule: Schedule) -> tuple[tuple[_Day, ...], dict[date, _Day]]:
    week: tuple[_Day, ...] = (((0, _MINUTES),),) * 7
    if schedule.weekly is not None:
        week = tuple(_day(intervals) for intervals in schedule.weekly.days())
    return week, {date.fromisoformat(it.date): _day(it.intervals) for it in schedule.exceptions}


def _day(intervals: Intervals) -> _Day:
    return tuple((minutes_of(start), minutes_of(end)) for start, end in intervals)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _local(at: int, zone: ZoneInfo) -> datetime:
    return (_EPOCH + timedelta(milliseconds=at)).astimezone(zone)


def _millis(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _jumps(day: date, zone: ZoneInfo) -> Iterator[int]:
    """The moments of a day, to the minute, at which the zone's offset changes."""
    low = _millis(datetime.combine(day, time(), zone)) // 60_000
    high = _millis(datetime.combine(day + _DAY, time(), zone)) // 60_000
    before = _local(low * 60_000, zone).utcoffset()
    if _local(high * 60_000, zone).utcoffset() == before:
        return
    while high - low > 1:
        middle = (low + high) // 2
        if _local(middle * 60_000, zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    yield high * 60_000
