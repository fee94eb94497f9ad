"""The rate window under traffic: many containers, clocks that differ, writes in any order."""

from collections.abc import Generator
from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from deskbell.admission import Count, Permit, admission, returning, seen_windows
from deskbell.errors import RateLimitedError
from deskbell.rate_window import HOUR, MINUTE, Outcome, WindowWrite
from tests.builders.rate_traffic import (
    START,
    Arrival,
    Container,
    Figures,
    containers,
    limits,
    poisson,
    replay,
    worst_hour,
)
from tests.fakes.rate_windows import FakeRateWindows

KEY = "window"
WORST_SKEW = 2_000
LONGEST_WAIT = 30_000

# Steps of time that meet the edges of minutes and hours, where a window could go wrong.
STEPS = st.one_of(
    st.integers(0, 3_000),
    st.sampled_from([MINUTE - 1, MINUTE, MINUTE + 1, 59 * MINUTE, 60 * MINUTE - 1, 60 * MINUTE, 61 * MINUTE]),
    st.integers(0, 70 * MINUTE),
)


@given(
    limit=st.integers(1, 8),
    skews=st.lists(st.sampled_from([-WORST_SKEW, 0, WORST_SKEW]), min_size=1, max_size=4),
    traffic=st.lists(st.tuples(STEPS, st.integers(0, 3), st.integers(1, 9)), min_size=1, max_size=60),
)
@settings(max_examples=400, deadline=None)
def test_no_true_hour_ever_holds_more_than_the_limit(
    limit: int, skews: list[int], traffic: list[tuple[int, int, int]]
) -> None:
    windows, crowd = FakeRateWindows(), [Container(skew) for skew in skews]
    now, admitted = START, []
    for step, container, burst in traffic:
        now += step
        for _ in range(burst):
            try:
                crowd[container % len(crowd)].admit(windows, Arrival(now, "client"), limits(limit))
            except RateLimitedError:
                break
            admitted.append(now)
    assert worst_hour(admitted) <= limit


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("load", [0.6, 1, 3])
def test_random_arrivals_at_containers_with_skewed_clocks(load: float, seed: int) -> None:
    rng = Random(seed)
    got = replay(poisson(rng, 200 * load, 6), containers(rng, 20), limits(200), rng)
    assert got.worst_hour <= 200


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("limit", [200, 1_000])
def test_at_full_load_nearly_all_that_the_exact_log_admits_are_admitted(limit: int, seed: int) -> None:
    rng = Random(seed)
    got = replay(poisson(rng, limit, 12), containers(rng, 20), limits(limit), rng)
    assert got.admitted >= 0.97 * got.exact


def flood(clients: int) -> Figures:
    rng = Random(clients)
    got = replay(poisson(rng, 100 * 200, 1, clients), containers(rng, 20), limits(200, 10), rng)
    print(
        f"\n100x flood from {clients} client(s): {got.attempts} attempts, {got.admitted} admitted, "
        f"{got.writes_per_attempt:.4f} writes an attempt to the window of all, {got.client_writes} to clients'"
    )
    return got


def test_a_flood_from_many_clients_costs_next_to_nothing() -> None:
    got = flood(clients=20_000)
    assert got.admitted == got.worst_hour == 200
    assert got.writes_per_attempt <= 0.02


def test_a_flood_from_one_client_takes_only_that_clients_share() -> None:
    got = flood(clients=1)
    assert got.admitted == 10
    assert got.writes_per_attempt <= 0.02
    assert got.client_writes <= 0.02 * got.attempts


@dataclass
class Asking:
    """An admission between two of its writes: what it will try next, under which limit, since when."""

    course: Generator[WindowWrite, Outcome, Permit]
    write: WindowWrite
    limit: int
    began: int


class Interleaving(RuleBasedStateMachine):
    """Containers whose writes a scheduler lets through one at a time, over one window.

    A request may wait up to 30 s between its arrival and any of its writes, and clocks are off by up to 2 s. The
    limit changes at will. Each admission is checked against all that were admitted in the true hour before it.
    """

    @initialize(skews=st.lists(st.integers(-WORST_SKEW, WORST_SKEW), min_size=2, max_size=5))
    def start(self, skews: list[int]) -> None:
        self.windows = FakeRateWindows()
        self.now = START
        self.skews = skews
        self.memories = [seen_windows() for _ in skews]
        self.asking: dict[int, Asking] = {}
        self.held: list[tuple[int, Permit, int]] = []
        self.limit = 3

    @rule(limit=st.integers(1, 6))
    def change_the_limit(self, limit: int) -> None:
        self.limit = limit

    @rule(step=STEPS)
    def let_time_pass(self, step: int) -> None:
        self.now += step
        for index, asking in list(self.asking.items()):
            if self.now - asking.began > LONGEST_WAIT:
                del self.asking[index]

    @rule(index=st.integers(0, 4))
    def arrive(self, index: int) -> None:
        index %= len(self.skews)
        if index in self.asking:
            return
        course = admission(self.memories[index], KEY, self.limit, self.now + self.skews[index], "Later.")
        try:
            write = next(course)
        except RateLimitedError:
            return
        self.asking[index] = Asking(course, write, self.limit, self.now)

    @precondition(lambda self: self.asking)
    @rule(data=st.data())
    def one_write(self, data: st.DataObject) -> None:
        index = data.draw(st.sampled_from(sorted(self.asking)))
        asking = self.asking[index]
        try:
            asking.write = asking.course.send(self.windows.write(asking.write))
        except RateLimitedError:
            del self.asking[index]
        except StopIteration as end:
            del self.asking[index]
            self.held.append((self.now, end.value, index))
            in_the_hour = sum(at > self.now - HOUR for at, _, _ in self.held)
            assert in_the_hour <= asking.limit

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        _, permit, index = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
        course = returning(self.memories[index], permit)
        try:
            course.send(self.windows.write(next(course)))
        except StopIteration:
            return

    @invariant()
    def the_total_is_the_sum_of_buckets_that_are_never_negative(self) -> None:
        window = self.windows.windows.get(KEY)
        if window:
            assert window.total == sum(window.buckets.values())
            assert all(count >= 0 for count in window.buckets.values())

    @invariant()
    def every_permit_of_the_last_hour_is_counted(self) -> None:
        window = self.windows.windows.get(KEY)
        if window:
            recent = [permit for at, permit, _ in self.held if at > self.now - HOUR]
            assert window.total >= len(recent)
            assert all(permit.counts[0].key == KEY for permit in recent)


Interleaving.TestCase.settings = settings(
    max_examples=250,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much],
)
TestContainersInterleaved = Interleaving.TestCase


@pytest.mark.parametrize("seed", range(20))
def test_thousands_of_writes_of_twenty_containers_in_random_order(seed: int) -> None:
    rng = Random(seed)
    windows, limit, now = FakeRateWindows(), 30, START
    memories = [seen_windows() for _ in range(20)]
    skews = [rng.randint(-WORST_SKEW, WORST_SKEW) for _ in range(20)]
    asking: dict[int, Asking] = {}
    admitted: list[int] = []
    counted: list[Count] = []
    for _ in range(4_000):
        now += rng.randrange(10 * MINUTE) if rng.random() < 0.03 else rng.choice([0, 0, 5, 50, 2_000])
        index = rng.randrange(20)
        begun = asking.pop(index, None)
        try:
            if begun is None or now - begun.began > LONGEST_WAIT:
                course = admission(memories[index], KEY, limit, now + skews[index], "Later.")
                asking[index] = Asking(course, next(course), limit, now)
            else:
                begun.write = begun.course.send(windows.write(begun.write))
                asking[index] = begun
        except RateLimitedError:
            continue
        except StopIteration as end:
            admitted.append(now)
            counted.extend(end.value.counts)
    assert len(admitted) > 2 * limit
    assert worst_hour(admitted) <= limit
    window = windows.windows[KEY]
    assert window.total == sum(count.minute > window.minute - 62 for count in counted)
