"""Announcing a queue: at most every five seconds, at most twenty places, and no change is lost."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from deskbell.timers import QueueAnnouncement
from deskbell.usecases.queue_board import ANNOUNCE_EVERY
from tests.builders.service import MINUTE, NOW, SECOND, Service


def test_those_whose_place_changed_are_told_and_nobody_else() -> None:
    service = Service()
    first, second, third = (waits(service, name) for name in ("g1", "g2", "g3"))
    service.announce()
    service.forget_pushes()
    service.end(service.guest_of(second, "g2"), second)
    service.forget_pushes()

    service.announce()

    assert service.gateway.sent == [
        ("g3", {"type": "queued", "interaction": third, "position": 2, "wait_seconds": None})
    ]
    assert first


def test_the_queues_agents_get_one_count() -> None:
    service = Service()
    waits(service, "g1")
    waits(service, "g2")
    service.join(service.agent("ann", "a1"))
    service.join(service.agent("ann", "a2"))
    service.join(service.agent("eve", "e1"))
    service.later(MINUTE)
    service.forget_pushes()

    service.announce()

    count = {"type": "queue", "id": "billing", "waiting": 2, "longest_wait_seconds": 62}
    assert service.gateway.to("a1") == service.gateway.to("a2") == [count]
    assert service.gateway.to("e1") == []


def test_an_empty_queue_is_announced_as_such() -> None:
    service = Service()
    service.join(service.agent())

    service.announce()

    assert service.gateway.to("a1") == [
        {"type": "queue", "id": "billing", "waiting": 0, "longest_wait_seconds": 0}
    ]


def test_however_long_the_queue_is_at_most_twenty_guests_are_told() -> None:
    service = Service()
    for number in range(50):
        waits(service, f"g{number}")
    service.join(service.agent())
    service.forget_pushes()

    service.announce()

    told = [name for name, frame in service.gateway.sent if frame["type"] == "queued"]
    assert told == [f"g{number}" for number in range(20)]
    assert service.gateway.to("a1")[0]["waiting"] == 50


def test_a_guest_who_is_gone_is_forgotten_and_the_others_are_told() -> None:
    service = Service()
    gone, _ = waits(service, "g1"), waits(service, "g2")
    service.gateway.closed.add("g1")
    service.forget_pushes()

    service.announce()

    assert service.state(gone).connections == {}
    assert [frame["position"] for frame in service.gateway.to("g2")] == [2]


def test_the_first_change_is_announced_at_once_and_covers_those_until_it_begins() -> None:
    service = Service()

    for _ in range(10):
        service.switchboard().owe_announcement("billing")
        service.later(100)

    assert service.timers.sent == [QueueAnnouncement("billing", NOW)]


def test_a_change_after_an_announcement_has_begun_is_announced_five_seconds_after_it() -> None:
    service = Service()
    service.switchboard().owe_announcement("billing")
    service.announce()
    service.later(100)

    service.switchboard().owe_announcement("billing")

    assert service.timers.sent[-1] == QueueAnnouncement("billing", NOW + ANNOUNCE_EVERY)


def test_each_queue_has_its_own_pace() -> None:
    service = Service()

    for queue in ("billing", "order"):
        service.switchboard().owe_announcement(queue)

    assert [timer.at for timer in service.timers.sent] == [NOW, NOW]


@given(st.lists(st.integers(0, 4_000), min_size=1, max_size=40))
def test_every_change_is_followed_by_an_announcement_and_they_are_five_seconds_apart(
    gaps: list[int],
) -> None:
    service = Service()
    changes: list[int] = []
    begun: list[int] = []

    def let_timers_come() -> None:
        for timer in [it for it in service.timers.sent if it.at <= service.now]:
            service.timers.sent.remove(timer)
            begun.append(service.now)
            service.handle(timer)

    for gap in gaps:
        service.later(gap)
        let_timers_come()
        changes.append(service.now)
        service.switchboard().owe_announcement("billing")
    service.later(ANNOUNCE_EVERY)
    let_timers_come()

    assert all(any(change <= at for at in begun) for change in changes)
    assert all(later - earlier >= ANNOUNCE_EVERY for earlier, later in pairwise(begun))


def waits(service: Service, connection: str) -> str:
    chat = service.waiting(connection)
    service.later(SECOND)
    return chat
