"""Opening times, on the wall clock of a zone and through its clock changes."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskbell.schedule import DayException, Intervals, Schedule, Weekly, minutes_of

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE: Intervals = (("09:00", "12:00"), ("13:00", "17:30"))
WEEKDAYS = Weekly(monday=OFFICE, tuesday=OFFICE, wednesday=OFFICE, thursday=OFFICE, friday=OFFICE)


def at(text: str, zone: ZoneInfo | None = None) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone or UTC).timestamp()) * 1000


def shown(moment: int | None, zone: ZoneInfo) -> str | None:
    return None if moment is None else datetime.fromtimestamp(moment / 1000, zone).isoformat()


def test_a_blank_schedule_is_always_open() -> None:
    assert Schedule().is_open(at("2026-02-01 03:00"))
    assert Schedule().next_opening(at("2026-02-01 03:00")) == at("2026-02-01 03:00")


@pytest.mark.parametrize(
    ("wall", "is_open"),
    [
        ("2026-02-02 08:59:59", False),
        ("2026-02-02 09:00", True),
        ("2026-02-02 11:59:59", True),
        ("2026-02-02 12:00", False),
        ("2026-02-02 13:00", True),
        ("2026-02-02 17:30", False),
        ("2026-02-07 10:00", False),
    ],
)
def test_it_is_open_from_the_start_of_an_interval_until_before_its_end(wall: str, is_open: bool) -> None:
    schedule = Schedule(zone="Europe/Berlin", weekly=WEEKDAYS)

    assert schedule.is_open(at(wall, BERLIN)) is is_open


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-02-02 10:00", "2026-02-02T10:00:00+01:00"),
        ("2026-02-02 12:10", "2026-02-02T13:00:00+01:00"),
        ("2026-02-02 18:00", "2026-02-03T09:00:00+01:00"),
        ("2026-02-06 18:00", "2026-02-09T09:00:00+01:00"),
    ],
)
def test_the_next_opening_is_the_first_moment_when_it_is_open(now: str, opening: str) -> None:
    schedule = Schedule(zone="Europe/Berlin", weekly=WEEKDAYS)

    assert shown(schedule.next_opening(at(now, BERLIN)), BERLIN) == opening


def test_an_exception_replaces_the_day() -> None:
    schedule = Schedule(
        zone="Europe/Berlin",
        weekly=WEEKDAYS,
        exceptions=(
            DayException(date="2026-12-25"),
            DayException(date="2026-12-26", intervals=(("10:00", "11:00"),)),
        ),
    )

    assert not schedule.is_open(at("2026-12-25 10:00", BERLIN))
    assert schedule.is_open(at("2026-12-26 10:30", BERLIN))
    assert shown(schedule.next_opening(at("2026-12-25 09:00", BERLIN)), BERLIN) == "2026-12-26T10:00:00+01:00"


def test_without_a_weekly_pattern_only_exceptions_close() -> None:
    schedule = Schedule(exceptions=(DayException(date="2026-12-25"),))

    assert schedule.is_open(at("2026-12-24 23:59"))
    assert not schedule.is_open(at("2026-12-25 12:00"))
    assert schedule.next_opening(at("2026-12-25 12:00")) == at("2026-12-26 00:00")


def test_what_never_opens_has_no_next_opening() -> None:
    assert Schedule(weekly=Weekly()).next_opening(at("2026-01-01 00:00")) is None


def test_an_opening_years_ahead_is_found() -> None:
    schedule = Schedule(
        weekly=Weekly(), exceptions=(DayException(date="2029-01-01", intervals=(("10:00", "11:00"),)),)
    )

    assert schedule.next_opening(at("2026-01-01 00:00")) == at("2029-01-01 10:00")


def test_midnight_ends_a_day_and_begins_the_next() -> None:
    late = Schedule(weekly=Weekly(monday=(("22:00", "24:00"),), tuesday=(("00:00", "06:00"),)))

    assert late.is_open(at("2026-02-02 23:59:59"))
    assert late.is_open(at("2026-02-03 00:00"))
    assert not late.is_open(at("2026-02-03 06:00"))


def test_an_hour_that_the_clock_skips_opens_when_it_jumps() -> None:
    night = Schedule(zone="Europe/Berlin", weekly=Weekly(sunday=(("02:30", "05:00"),)))

    assert shown(night.next_opening(at("2026-03-29 01:00", BERLIN)), BERLIN) == "2026-03-29T03:00:00+02:00"


def test_an_hour_that_the_clock_repeats_is_open_twice() -> None:
    night = Schedule(zone="Europe/Berlin", weekly=Weekly(sunday=(("02:10", "02:30"),)))
    between = at("2026-10-25 00:45")

    assert not night.is_open(between)
    assert night.next_opening(between) == at("2026-10-25 01:10")
    assert night.is_open(at("2026-10-25 01:15"))


_ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo"]
)
_CLOCKS = st.integers(0, 96).map(lambda it: f"{it // 4:02}:{it % 4 * 15:02}")


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    def interval() -> Intervals:
        start, end = sorted(draw(st.lists(_CLOCKS, min_size=2, max_size=2, unique=True)))
        return ((start, end),) if draw(st.booleans()) else ()

    return Schedule(
        zone=draw(_ZONES),
        weekly=Weekly(monday=interval(), saturday=interval(), sunday=interval()),
        exceptions=(DayException(date="2026-03-29", intervals=interval()),) if draw(st.booleans()) else (),
    )


@given(
    schedules(),
    st.sampled_from(["2026-03-08", "2026-03-29", "2026-10-25", "2026-11-01", "2026-04-05"]),
    st.integers(-30, 30),
)
@settings(deadline=None, max_examples=60)
def test_the_next_opening_is_what_looking_at_every_quarter_of_an_hour_finds(
    schedule: Schedule, day: str, hours: int
) -> None:
    now = at(f"{day} 00:00") + hours * 3_600_000 + 60_000
    quarter = 15 * 60_000

    first = next(
        (
            it
            for it in range(now - now % quarter + quarter, now + 8 * 86_400_000, quarter)
            if schedule.is_open(it)
        ),
        None,
    )

    expected = now if schedule.is_open(now) else first
    if expected is not None:
        assert schedule.next_opening(now) == expected


@pytest.mark.parametrize(
    "clock", ["9:00", "09:60", "24:01", "25:00", "09-00", "ab:cd", "09:0", "\u0660\u0669:\u0660\u0660"]
)
def test_a_clock_time_has_two_digits_a_side(clock: str) -> None:
    with pytest.raises(ValueError, match="expects a time"):
        minutes_of(clock)
