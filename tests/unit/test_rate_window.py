"""The rate window, one container and one write at a time."""

from collections.abc import Callable

import pytest

from deskbell.admission import (
    CLIENT_REFUSED,
    GUESTS,
    GuestLimits,
    Permit,
    SeenWindows,
    admit,
    admit_guest,
    client_window,
    give_back,
    seen_windows,
)
from deskbell.errors import RateLimitedError, UnavailableError
from deskbell.rate_window import (
    BUCKETS,
    HOUR,
    MINUTE,
    Add,
    GiveBack,
    Outcome,
    Refused,
    Roll,
    Window,
    WindowWrite,
    lapses,
    slot_of,
)
from tests.fakes.rate_windows import FakeRateWindows

KEY = "window"
REFUSAL = "Guest Chat is currently not available, please retry later."
START = 30_000_000 * MINUTE


@pytest.fixture
def windows() -> FakeRateWindows:
    return FakeRateWindows()


@pytest.fixture
def seen() -> SeenWindows:
    return seen_windows()


@pytest.fixture
def take(windows: FakeRateWindows, seen: SeenWindows) -> Callable[..., Permit]:
    """One admission by one container; give another memory for another container."""

    def take_permit(now: int, limit: int = 2, seen: SeenWindows = seen) -> Permit:
        return admit(windows, seen, KEY, limit=limit, now=now, refusal=REFUSAL)

    return take_permit


type Take = Callable[..., Permit]


def refusal_of(call: Callable[[], object]) -> RateLimitedError:
    with pytest.raises(RateLimitedError) as caught:
        call()
    return caught.value


class TestAdmitting:
    def test_the_first_admission_creates_the_window_in_one_write(
        self, windows: FakeRateWindows, take: Take
    ) -> None:
        take(START)
        assert windows.windows[KEY] == Window(START // MINUTE, 1, {slot_of(START // MINUTE): 1})
        assert windows.writes[KEY] == 1

    def test_up_to_the_limit_each_admission_is_one_write(self, windows: FakeRateWindows, take: Take) -> None:
        for i in range(5):
            take(START + i, limit=5)
        assert windows.windows[KEY].total == 5
        assert windows.writes[KEY] == 5

    def test_a_container_alone_rolls_the_window_without_asking_first(
        self, windows: FakeRateWindows, take: Take
    ) -> None:
        for minute in range(0, 500, 7):
            take(START + minute * MINUTE, limit=100)
        assert windows.writes[KEY] == len(range(0, 500, 7))

    def test_a_container_that_knows_nothing_learns_of_the_old_minute_from_its_lost_write(
        self, windows: FakeRateWindows, take: Take
    ) -> None:
        take(START)
        take(START + MINUTE, seen=seen_windows())
        assert [type(write) for write in windows.tried] == [Add, Add, Roll]
        assert windows.windows[KEY].total == 2

    def test_a_container_that_met_another_leaves_the_roll_to_whoever_comes_first(
        self, windows: FakeRateWindows, take: Take
    ) -> None:
        mine, others = seen_windows(), seen_windows()
        take(START, limit=9, seen=mine)
        take(START + 1, limit=9, seen=others)
        take(START + 2, limit=9, seen=mine)
        take(START + MINUTE, limit=9, seen=others)
        before = windows.writes[KEY]
        take(START + MINUTE + 1, limit=9, seen=mine)
        assert windows.writes[KEY] - before == 1

    def test_a_window_that_was_idle_for_hours_starts_afresh(
        self, windows: FakeRateWindows, take: Take
    ) -> None:
        take(START)
        take(START)
        take(START + 5 * HOUR)
        assert windows.windows[KEY].total == 1
        assert list(windows.windows[KEY].buckets.values()) == [1]

    def test_a_clock_behind_the_window_counts_in_the_windows_minute(
        self, windows: FakeRateWindows, take: Take
    ) -> None:
        take(START)
        permit = take(START - 2_000, seen=seen_windows())
        assert windows.windows[KEY].minute == START // MINUTE
        assert permit.counts[0].minute == START // MINUTE


class TestRefusing:
    def test_it_refuses_with_the_callers_words(self, take: Take) -> None:
        take(START, limit=1)
        refusal = refusal_of(lambda: take(START, limit=1))
        assert refusal.detail == REFUSAL
        assert refusal.code == "rate_limited"

    def test_it_tells_the_first_millisecond_at_which_capacity_returns(self, take: Take) -> None:
        take(START)
        take(START + 10 * MINUTE)
        retry_at = refusal_of(lambda: take(START + 20 * MINUTE)).retry_at
        assert retry_at == START + BUCKETS * MINUTE
        refusal_of(lambda: take(retry_at - 1, seen=seen_windows()))
        take(retry_at, seen=seen_windows())

    def test_it_refuses_from_what_it_saw_without_a_call(self, windows: FakeRateWindows, take: Take) -> None:
        take(START)
        take(START)
        windows.down.add(KEY)
        refusal_of(lambda: take(START + 59 * MINUTE))

    def test_a_container_that_saw_nothing_needs_one_call_to_learn_it(
        self, windows: FakeRateWindows, take: Take
    ) -> None:
        take(START)
        take(START)
        other = seen_windows()
        for second in range(1, 3_600):
            refusal_of(lambda at=START + 1_000 * second: take(at, seen=other))  # type: ignore[misc]
        assert windows.writes[KEY] == 3

    def test_it_asks_again_once_something_has_expired(self, windows: FakeRateWindows, take: Take) -> None:
        take(START)
        take(START)
        take(START + BUCKETS * MINUTE)
        assert windows.writes[KEY] == 3

    def test_raising_the_limit_works_at_once(self, take: Take) -> None:
        take(START, limit=1)
        refusal_of(lambda: take(START, limit=1))
        take(START, limit=2)

    def test_lowering_the_limit_evicts_nobody_and_admits_none_until_enough_have_expired(
        self, windows: FakeRateWindows, take: Take
    ) -> None:
        for minute in range(5):
            take(START + minute * MINUTE, limit=5)
        refusal = refusal_of(lambda: take(START + 5 * MINUTE, limit=2))
        assert windows.windows[KEY].total == 5
        assert refusal.retry_at == START + (3 + BUCKETS) * MINUTE
        take(refusal.retry_at, limit=2)

    def test_a_limit_of_zero_admits_none_and_writes_nothing(
        self, windows: FakeRateWindows, take: Take
    ) -> None:
        assert refusal_of(lambda: take(START, limit=0)).retry_at == START + HOUR
        assert not windows.writes

    def test_a_negative_limit_admits_all_and_writes_nothing(
        self, windows: FakeRateWindows, take: Take
    ) -> None:
        assert [take(START, limit=-1) for _ in range(1_000)] == [Permit()] * 1_000
        assert not windows.writes

    def test_an_overloaded_window_refuses_for_one_to_five_seconds(
        self, windows: FakeRateWindows, take: Take
    ) -> None:
        windows.throttled.add(KEY)
        waits = {refusal_of(lambda now=now: take(now)).retry_at - now for now in range(START, START + 9_000)}  # type: ignore[misc]
        assert min(waits) == 1_000
        assert max(waits) == 5_000

    def test_a_window_that_never_holds_still_is_given_up_after_five_writes(self, seen: SeenWindows) -> None:
        class Restless:
            writes = 0

            def write(self, write: WindowWrite) -> Outcome:
                self.writes += 1
                return Refused(Window(write.minute + 1, 0, {}))

        restless = Restless()
        refusal = refusal_of(lambda: admit(restless, seen, KEY, limit=1, now=START, refusal=REFUSAL))
        assert restless.writes == 5
        assert 1_000 <= refusal.retry_at - START <= 5_000

    def test_a_store_that_does_not_answer_admits_nobody(self, windows: FakeRateWindows, take: Take) -> None:
        windows.down.add(KEY)
        with pytest.raises(UnavailableError):
            take(START)


class TestAnyTrueHour:
    """The 62nd bucket: bursts that an hour of 60 or 61 buckets would let through."""

    def test_a_permit_counts_for_the_whole_hour_that_follows_it(self, take: Take) -> None:
        last_moment_of_a_minute = START + MINUTE - 1
        take(last_moment_of_a_minute, limit=1)
        refusal_of(lambda: take(last_moment_of_a_minute + HOUR - 1, limit=1))

    def test_and_when_the_first_clock_is_two_seconds_slow_and_the_second_two_seconds_fast(
        self, take: Take
    ) -> None:
        true_moment = START + 1_999
        take(true_moment - 2_000, limit=1, seen=seen_windows())
        refusal_of(lambda: take(true_moment + HOUR - 1 + 2_000, limit=1, seen=seen_windows()))

    def test_and_when_the_request_waited_thirty_seconds_before_its_write(self, take: Take) -> None:
        written = START + 31_000
        take(written - 30_000 - 2_000, limit=1, seen=seen_windows())
        refusal_of(lambda: take(written + HOUR - 1 + 2_000, limit=1, seen=seen_windows()))

    def test_the_item_outlives_what_it_counts(self) -> None:
        minute = START // MINUTE
        assert lapses(minute) * 1_000 > (minute + BUCKETS) * MINUTE + 30_000


class TestGivingBack:
    def test_a_permit_given_back_can_be_taken_again(
        self, windows: FakeRateWindows, seen: SeenWindows, take: Take
    ) -> None:
        permit = take(START, limit=1)
        give_back(windows, seen, permit)
        assert windows.windows[KEY].total == 0
        take(START, limit=1)

    def test_it_comes_off_the_bucket_it_was_counted_in(
        self, windows: FakeRateWindows, seen: SeenWindows, take: Take
    ) -> None:
        permit = take(START, limit=9)
        take(START + MINUTE, limit=9)
        give_back(windows, seen, permit)
        minute = START // MINUTE
        assert windows.windows[KEY] == Window(minute + 1, 1, {slot_of(minute): 0, slot_of(minute + 1): 1})

    def test_a_bucket_never_falls_below_zero(
        self, windows: FakeRateWindows, seen: SeenWindows, take: Take
    ) -> None:
        permit = take(START)
        for _ in range(3):
            give_back(windows, seen, permit)
        assert windows.windows[KEY].total == 0

    def test_a_later_minute_in_the_same_slot_keeps_its_count(
        self, windows: FakeRateWindows, seen: SeenWindows, take: Take
    ) -> None:
        permit = take(START)
        take(START + BUCKETS * MINUTE)
        give_back(windows, seen, permit)
        assert windows.windows[KEY].total == 1

    def test_a_roll_prepared_before_a_bucket_changed_does_not_hold(self, windows: FakeRateWindows) -> None:
        minute = START // MINUTE
        windows.windows[KEY] = Window(minute, 2, {slot_of(minute): 1, slot_of(minute - 61): 1})
        prepared = Roll(KEY, minute, minute + 1, 2, {slot_of(minute - 61): 1})
        windows.write(GiveBack(KEY, minute - 61))
        assert isinstance(windows.write(prepared), Refused)

    def test_what_cannot_be_given_back_is_let_go(
        self, windows: FakeRateWindows, seen: SeenWindows, take: Take
    ) -> None:
        permit = take(START)
        windows.down.add(KEY)
        give_back(windows, seen, permit)
        assert windows.windows[KEY].total == 1


class TestGuests:
    CLIENT = "5f2b"

    def ask(
        self,
        windows: FakeRateWindows,
        seen: SeenWindows,
        *,
        all_guests: int = 10,
        one_client: int = 2,
        client: str | None = CLIENT,
    ) -> Permit:
        terms = GuestLimits(all_guests=all_guests, one_client=one_client, refusal=REFUSAL)
        return admit_guest(windows, seen, client, terms, START)

    def test_a_guest_counts_for_the_client_and_for_all_in_two_writes(
        self, windows: FakeRateWindows, seen: SeenWindows
    ) -> None:
        permit = self.ask(windows, seen)
        assert [count.key for count in permit.counts] == [client_window(self.CLIENT), GUESTS]
        assert windows.writes.total() == 2

    def test_an_excepted_client_counts_for_all_only(
        self, windows: FakeRateWindows, seen: SeenWindows
    ) -> None:
        self.ask(windows, seen, client=None)
        assert set(windows.writes) == {GUESTS}

    def test_a_client_at_its_limit_is_told_so_and_takes_nothing_from_the_others(
        self, windows: FakeRateWindows, seen: SeenWindows
    ) -> None:
        for _ in range(2):
            self.ask(windows, seen)
        refusal = refusal_of(lambda: self.ask(windows, seen))
        assert (refusal.code, refusal.detail) == ("rate_limited", CLIENT_REFUSED)
        assert windows.windows[GUESTS].total == 2

    def test_a_refusal_by_all_gives_back_the_clients_permit(
        self, windows: FakeRateWindows, seen: SeenWindows
    ) -> None:
        self.ask(windows, seen_windows(), all_guests=1, client="another")
        refusal = refusal_of(lambda: self.ask(windows, seen, all_guests=1))
        assert refusal.detail == REFUSAL
        assert windows.windows[client_window(self.CLIENT)].total == 0

    def test_an_overloaded_window_of_all_gives_back_the_clients_permit(
        self, windows: FakeRateWindows, seen: SeenWindows
    ) -> None:
        windows.throttled.add(GUESTS)
        refusal_of(lambda: self.ask(windows, seen))
        assert windows.windows[client_window(self.CLIENT)].total == 0

    def test_a_failed_give_back_does_not_hide_the_refusal(self, seen: SeenWindows) -> None:
        class Failing(FakeRateWindows):
            def write(self, write: WindowWrite) -> Outcome:
                if isinstance(write, GiveBack):
                    raise UnavailableError("lost")
                return super().write(write)

        windows = Failing()
        windows.throttled.add(GUESTS)
        assert refusal_of(lambda: self.ask(windows, seen)).detail == REFUSAL

    def test_an_unknown_outcome_gives_nothing_back(self, windows: FakeRateWindows, seen: SeenWindows) -> None:
        windows.down.add(GUESTS)
        with pytest.raises(UnavailableError):
            self.ask(windows, seen)
        assert windows.windows[client_window(self.CLIENT)].total == 1

    def test_once_all_are_known_to_be_full_a_client_costs_no_write(
        self, windows: FakeRateWindows, seen: SeenWindows
    ) -> None:
        self.ask(windows, seen, all_guests=1)
        before = windows.writes.total()
        for number in range(100):
            refusal_of(lambda number=number: self.ask(windows, seen, all_guests=1, client=f"client {number}"))  # type: ignore[misc]
        assert windows.writes.total() == before

    def test_a_limit_of_zero_for_all_costs_no_write(
        self, windows: FakeRateWindows, seen: SeenWindows
    ) -> None:
        assert refusal_of(lambda: self.ask(windows, seen, all_guests=0)).detail == REFUSAL
        assert not windows.writes

    def test_giving_back_a_guests_permit_returns_both(
        self, windows: FakeRateWindows, seen: SeenWindows
    ) -> None:
        give_back(windows, seen, self.ask(windows, seen))
        assert {key: window.total for key, window in windows.windows.items()} == {
            client_window(self.CLIENT): 0,
            GUESTS: 0,
        }
