"""What every implementation of `ports.Lines` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deskbell.interaction import Interaction, State
from deskbell.lifecycle import Transition, WaitingEntry
from deskbell.message_log import Entry
from deskbell.ports import Watcher

if TYPE_CHECKING:
    from tests.builders.stores import Stores

NOW = 1_800_000_000_000
EVERY = 5_000


def wait(stores: Stores, name: str, since: int, queue: str = "billing") -> None:
    before = Interaction(id=name, state=State.NEW, opened_at=since, guest_name="Grace")
    stores.chats.create(before, Entry(interaction=name, seq=1, id=f"{name}.1", at=since))
    stores.chats.commit(Transition(before=before, after=before, enters=WaitingEntry(queue, since, name)))


def test_those_who_wait_are_in_order_of_age_and_then_of_name(stores: Stores) -> None:
    for name, since in [("B", 20), ("C", 5), ("A", 20), ("D", 1_000_000_000_000)]:
        wait(stores, name, since)

    assert [entry.interaction for entry in stores.lines.first("billing", 10)] == ["C", "A", "B", "D"]
    assert stores.lines.first("billing", 1) == [WaitingEntry("billing", 5, "C")]


def test_queues_do_not_mix_even_when_one_is_named_like_the_beginning_of_another(stores: Stores) -> None:
    wait(stores, "A", 1, "bill")
    wait(stores, "B", 2, "billing")

    assert [entry.interaction for entry in stores.lines.first("bill", 10)] == ["A"]
    assert stores.lines.length("billing", 10) == 1


def test_counting_stops_at_most(stores: Stores) -> None:
    for number in range(5):
        wait(stores, f"CHAT{number}", NOW)

    assert stores.lines.length("billing", 100) == 5
    assert stores.lines.length("billing", 3) == 3
    assert stores.lines.length("order", 3) == 0


def test_a_watcher_is_shown_with_the_sockets_it_has_now(stores: Stores) -> None:
    stores.lines.watch(["billing", "order"], Watcher("ann", ("a1",)))
    stores.lines.watch(["billing"], Watcher("ann", ("a1", "a2")))
    stores.lines.watch(["billing"], Watcher("bob", ("b1",)))

    assert list(stores.lines.watchers("billing")) == [
        Watcher("ann", ("a1", "a2")),
        Watcher("bob", ("b1",)),
    ]
    assert list(stores.lines.watchers("order")) == [Watcher("ann", ("a1",))]


def test_unwatching_is_harmless_twice(stores: Stores) -> None:
    stores.lines.watch(["billing", "order"], Watcher("ann", ("a1",)))

    stores.lines.unwatch(["billing"], "ann")
    stores.lines.unwatch(["billing", "nowhere"], "ann")

    assert list(stores.lines.watchers("billing")) == []
    assert len(stores.lines.watchers("order")) == 1


def test_watching_nothing_is_nothing(stores: Stores) -> None:
    stores.lines.watch([], Watcher("ann", ("a1",)))
    stores.lines.unwatch([], "ann")

    assert list(stores.lines.watchers("billing")) == []


def test_the_mean_wait_is_that_of_the_last_twenty(stores: Stores) -> None:
    assert stores.lines.mean_wait("billing") is None

    for _ in range(10):
        stores.lines.add_wait("billing", 1_000)
    for _ in range(20):
        stores.lines.add_wait("billing", 30)

    assert stores.lines.mean_wait("billing") == 30
    assert stores.lines.mean_wait("order") is None


def test_a_wait_of_nothing_counts(stores: Stores) -> None:
    stores.lines.add_wait("billing", 0)
    stores.lines.add_wait("billing", 10)

    assert stores.lines.mean_wait("billing") == 5


def test_the_first_tick_is_now(stores: Stores) -> None:
    assert stores.lines.claim_tick("billing", NOW, EVERY) == NOW


@pytest.mark.parametrize("later", [0, 1, 4_999])
def test_the_next_tick_within_the_interval_comes_when_it_is_over(stores: Stores, later: int) -> None:
    stores.lines.claim_tick("billing", NOW, EVERY)

    assert stores.lines.claim_tick("billing", NOW + later, EVERY) == NOW + EVERY
    assert stores.lines.claim_tick("billing", NOW + later, EVERY) is None
    assert stores.lines.claim_tick("billing", NOW + EVERY - 1, EVERY) is None


def test_a_change_at_the_very_moment_of_a_tick_owes_another(stores: Stores) -> None:
    stores.lines.claim_tick("billing", NOW, EVERY)
    stores.lines.claim_tick("billing", NOW + 1, EVERY)

    assert stores.lines.claim_tick("billing", NOW + EVERY, EVERY) == NOW + 2 * EVERY


@pytest.mark.parametrize("later", [5_000, 5_001, 10**9])
def test_after_the_interval_a_tick_is_at_once(stores: Stores, later: int) -> None:
    stores.lines.claim_tick("billing", NOW, EVERY)

    assert stores.lines.claim_tick("billing", NOW + later, EVERY) == NOW + later


def test_each_queue_ticks_by_itself(stores: Stores) -> None:
    stores.lines.claim_tick("billing", NOW, EVERY)

    assert stores.lines.claim_tick("order", NOW, EVERY) == NOW


def test_what_was_announced_before_is_given_back_in_order(stores: Stores) -> None:
    assert list(stores.lines.swap_announced("billing", ["B", "A"])) == []
    assert list(stores.lines.swap_announced("billing", [])) == ["B", "A"]
    assert list(stores.lines.swap_announced("billing", ["C"])) == []
    assert list(stores.lines.swap_announced("order", ["D"])) == []


def test_announcing_does_not_disturb_the_tick(stores: Stores) -> None:
    stores.lines.claim_tick("billing", NOW, EVERY)
    stores.lines.swap_announced("billing", ["A"])

    assert stores.lines.claim_tick("billing", NOW + 1, EVERY) == NOW + EVERY
