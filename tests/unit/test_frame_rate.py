"""How fast a connection may send, whichever containers its frames reach."""

from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskbell.errors import RateLimitedError
from deskbell.frame_rate import Extend, FrameLimits, Leased, NotLeased, Start
from deskbell.pacing import Paces, admit_frame, frame, paces
from tests.fakes.frame_rates import FakeFrameRates

NOW = 1_800_000_000_000
FREE, LEASE = 4, 5


@dataclass
class Crowd:
    """Some containers over one table, and a connection whose frames reach them."""

    count: int = 1
    limits: FrameLimits = field(default_factory=FrameLimits)
    rates: FakeFrameRates = field(default_factory=FakeFrameRates)
    memories: list[Paces] = field(init=False)
    waits: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.memories = [paces() for _ in range(self.count)]

    def send(self, now: int, container: int = 0, connection: str = "connection") -> bool:
        try:
            admit_frame(self.rates, self.memories[container], connection, self.limits, now)
        except RateLimitedError as refusal:
            self.waits.append(refusal.retry_at - now)
            return False
        return True

    def passed(self, frames: int, now: int) -> int:
        return sum(self.send(now, i % self.count) for i in range(frames))


def refusal(crowd: Crowd, now: int) -> RateLimitedError:
    with pytest.raises(RateLimitedError) as caught:
        admit_frame(crowd.rates, crowd.memories[0], "connection", crowd.limits, now)
    return caught.value


def test_ordinary_chat_writes_nothing() -> None:
    crowd = Crowd()
    assert all(crowd.send(NOW + second * 1_000) for second in range(3_600))
    assert all(crowd.send(NOW + 3_700_000) for _ in range(FREE))
    assert crowd.rates.writes == 0


def test_a_burst_of_100_passes_and_little_more() -> None:
    assert Crowd().passed(1_000, NOW) == 100 + FREE


def test_a_burst_costs_one_write_for_five_frames() -> None:
    crowd = Crowd()
    crowd.passed(100, NOW)
    assert crowd.rates.writes == 20


@given(st.lists(st.integers(0, 29), min_size=100, max_size=100))
@settings(max_examples=300, deadline=None)
def test_a_burst_of_100_passes_however_it_is_spread(spread: list[int]) -> None:
    crowd = Crowd(30)
    assert all(crowd.send(NOW, container) for container in spread)


@given(st.lists(st.integers(0, 7), min_size=500, max_size=500))
@settings(max_examples=100, deadline=None)
def test_the_excess_over_the_burst_is_the_free_frames_of_each_container(spread: list[int]) -> None:
    crowd = Crowd(8)
    passed = sum(crowd.send(NOW, container) for container in spread)
    assert 100 <= passed <= 100 + 8 * FREE


@pytest.mark.parametrize("count", [1, 2, 5])
def test_after_the_burst_it_is_ten_a_second_and_the_free_one_of_each_container(count: int) -> None:
    crowd, seconds = Crowd(count), 60
    crowd.passed(300, NOW)
    rng = Random(count)
    passed = sum(crowd.send(NOW + at, rng.randrange(count)) for at in range(20, seconds * 1_000, 20))
    assert 0.95 * 10 * seconds <= passed <= (10 + count) * seconds + count * (LEASE - 1)


@pytest.mark.parametrize("count", [1, 3, 10])
def test_ten_a_second_pass_for_ever(count: int) -> None:
    crowd, rng = Crowd(count), Random(count)
    assert all(crowd.send(NOW + at, rng.randrange(count)) for at in range(0, 120_000, 100))


def test_a_refusal_tells_the_whole_seconds_to_wait_and_a_retry_then_passes() -> None:
    crowd = Crowd(limits=FrameLimits(burst=10, per_second=1))
    crowd.passed(100, NOW)
    refused = refusal(crowd, NOW)
    assert (refused.code, refused.retry_at) == ("rate_limited", NOW + 5_000)
    assert not crowd.send(NOW + 4_999)
    assert crowd.send(refused.retry_at)


def test_a_wait_is_never_less_than_a_second() -> None:
    crowd = Crowd()
    for later in range(0, 500, 7):
        crowd.passed(1_000, NOW + later)
    assert set(crowd.waits) == {1_000}
    assert refusal(crowd, NOW + 499).retry_at == NOW + 1_499


def test_a_refused_connection_costs_no_further_writes_until_it_may_send_again() -> None:
    crowd = Crowd()
    crowd.passed(1_000, NOW)
    before = crowd.rates.writes
    crowd.passed(10_000, NOW + 400)
    assert crowd.rates.writes == before


def test_a_container_that_did_not_see_the_burst_learns_of_it_in_one_write() -> None:
    crowd = Crowd(2)
    for _ in range(200):
        crowd.send(NOW, 0)
    before = crowd.rates.writes
    assert [crowd.send(NOW, 1) for _ in range(50)] == [True] * FREE + [False] * 46
    assert crowd.rates.writes - before == 1


def test_connections_do_not_share_their_bursts() -> None:
    crowd = Crowd()
    crowd.passed(1_000, NOW)
    assert all(crowd.send(NOW, connection="another") for _ in range(100))


def test_after_ten_quiet_seconds_the_whole_burst_is_there_again() -> None:
    crowd = Crowd()
    crowd.passed(1_000, NOW)
    assert crowd.passed(100, NOW + 10_000) == 100


def test_frames_pass_while_the_store_cannot_be_reached() -> None:
    crowd = Crowd()
    crowd.rates.down = True
    assert crowd.passed(1_000, NOW) == 1_000


def test_and_the_limit_holds_again_once_it_can() -> None:
    crowd = Crowd()
    crowd.rates.down = True
    crowd.passed(50, NOW)
    crowd.rates.down = False
    assert crowd.passed(1_000, NOW) <= 100 + LEASE


def test_a_write_lost_to_another_container_is_decided_again_from_what_it_met() -> None:
    course = frame(busy := paces(), "connection", FrameLimits(), NOW)
    for _ in range(FREE):
        admit_frame(FakeFrameRates(), busy, "connection", FrameLimits(), NOW)
    assert isinstance(next(course), Start)
    assert isinstance(course.send(NotLeased(NOW + 500)), Extend)
    with pytest.raises(StopIteration):
        course.send(Leased(NOW + 1_000))


def test_a_small_burst_is_kept_too() -> None:
    assert Crowd(limits=FrameLimits(burst=1, per_second=1)).passed(50, NOW) == 2
    assert Crowd(limits=FrameLimits(burst=3, per_second=1)).passed(50, NOW) == 6


@pytest.mark.parametrize(("burst", "per_second"), [(0, 10), (100, 0), (-1, -1)])
def test_limits_that_would_let_nothing_through_are_refused(burst: int, per_second: int) -> None:
    with pytest.raises(ValueError, match="at least one frame"):
        FrameLimits(burst, per_second)


def test_the_memory_of_connections_is_bounded() -> None:
    known = paces(10)
    for number in range(100):
        admit_frame(FakeFrameRates(), known, f"connection {number}", FrameLimits(), NOW)
    assert len(known) == 10
