"""The sweeper: whatever a lost timer left behind is found within two minutes."""

from collections.abc import Sequence

import pytest

from deskbell.errors import UnavailableError
from deskbell.interaction import State
from deskbell.ports import Overdue
from deskbell.timers import InteractionDue, Timer
from deskbell.usecases.sweep import SHARDS, sweep
from tests.builders.service import HOUR, MINUTE, NOW, SECOND, Service
from tests.fakes.chats import FakeChats


def test_with_every_timer_lost_every_conversation_still_comes_to_an_end() -> None:
    service = Service()
    chats = [
        service.submitted(),
        service.waiting(None),
        service.waiting("g2"),
        service.conversation("g3"),
        service.waiting("g4"),
    ]
    service.end(service.guest_of(chats[4], "g4"), chats[4])

    for _ in range(60):
        service.later(MINUTE)
        service.sweep()

    assert all(service.state(chat).ended for chat in chats)
    assert all(service.state(chat).reason for chat in chats)
    assert all(service.state(chat).due_at is None for chat in chats)
    assert service.table.waiting == set()
    assert service.at_work().slots == {}


def test_a_timer_has_a_minute_before_the_sweeper_does_its_work() -> None:
    service = Service()
    chat = service.waiting(None)
    service.now = NOW + 3 * MINUTE - 1

    assert service.sweep() == 0
    service.later(1)
    assert service.sweep() == 1
    assert service.state(chat).state is State.CLOSED_ABANDONED


def test_what_it_had_to_repair_is_counted() -> None:
    service = Service()
    service.waiting(None)
    service.waiting(None)
    service.later(10 * MINUTE)

    service.sweep()

    assert service.meter.counts["RepairedBySweeper"] == 2


def test_with_nothing_overdue_there_is_nothing_to_count() -> None:
    service = Service()
    service.waiting()

    assert service.sweep() == 0
    assert service.meter.counts == {}


def test_a_lost_agent_is_found() -> None:
    service = Service()
    chat = service.conversation()
    service.send(service.guest_of(chat), chat, after=3)
    service.later(5 * MINUTE)

    service.sweep()

    assert service.state(chat).state is State.WAITING


def test_every_shard_is_asked() -> None:
    service = Service()
    for _ in range(60):
        service.waiting(None)
    service.later(HOUR)

    assert service.sweep() == 60


def test_one_that_cannot_be_helped_does_not_keep_the_others_waiting() -> None:
    service = Service()
    chats = [service.waiting(None) for _ in range(12)]
    service.later(10 * MINUTE)
    poison = chats[5]
    met: list[str] = []

    def enforce(timer: Timer, _at: int) -> bool:
        assert isinstance(timer, InteractionDue)
        met.append(timer.interaction)
        if timer.interaction == poison:
            raise UnavailableError("always")
        return service.handle(timer)

    with pytest.raises(ExceptionGroup) as caught:
        sweep(service.now, chats=service.chats, enforce=enforce, meter=service.meter)

    assert sorted(met) == sorted(chats)
    assert [str(error) for error in caught.value.exceptions] == ["always"]
    assert service.meter.counts == {"RepairedBySweeper": 11, "SweeperFailures": 1}
    assert service.now > NOW + 5 * SECOND


def test_each_minute_another_shard_is_first() -> None:
    class AskedChats(FakeChats):
        def overdue(self, before: int, shard: int) -> Sequence[Overdue]:
            asked.append(shard)
            return super().overdue(before, shard)

    asked: list[int] = []
    service = Service()
    service.chats = AskedChats(service.table)
    rounds: list[tuple[int, ...]] = []
    for _ in range(SHARDS):
        service.sweep()
        rounds.append(tuple(asked))
        asked.clear()
        service.later(MINUTE)

    assert all(sorted(shards) == list(range(SHARDS)) for shards in rounds)
    assert sorted(shards[0] for shards in rounds) == list(range(SHARDS))
