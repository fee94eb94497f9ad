"""Taking up again a conversation that was left before an agent came."""

import pytest

from deskbell.configuration import Configuration
from deskbell.errors import (
    ChatEndedError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    QueueClosedError,
)
from deskbell.interaction import State
from deskbell.lifecycle import WaitingEntry
from deskbell.timers import InteractionDue
from tests.builders.service import MINUTE, NOW, SECOND, Service, document


def left(service: Service) -> str:
    chat = service.waiting()
    service.later(MINUTE)
    service.end(service.guest_of(chat), chat)
    return chat


def test_it_waits_again_with_the_age_it_had() -> None:
    service = Service()
    chat = left(service)
    service.waiting("g2")
    service.later(5 * MINUTE)

    reply = service.reopen(service.guest_of(chat, "g3"), chat)

    assert (reply["type"], reply["seq"], reply["position"]) == ("reopened", 3, 1)
    state = service.state(chat)
    assert (state.state, state.waiting_since, state.queued_at) == (State.WAITING, NOW, NOW + 6 * MINUTE)
    assert WaitingEntry("billing", NOW, chat) in service.table.waiting
    assert service.events(chat)[1:] == ["abandoned", "reopened"]
    assert (state.closed_at, state.reason) == (None, None)


def test_the_guests_socket_is_seated_and_its_grace_ended() -> None:
    service = Service()
    chat = left(service)

    service.reopen(service.guest_of(chat, "g2"), chat)

    assert "g2" in service.state(chat).connections
    assert service.state(chat).guest_lost_at is None


def test_it_counts_in_no_window() -> None:
    service = Service()
    chat = left(service)
    counted = service.admitted()

    service.reopen(service.guest_of(chat), chat)

    assert service.admitted() == counted


def test_its_maximum_wait_starts_anew() -> None:
    service = Service()
    chat = left(service)
    service.later(MINUTE)

    service.reopen(service.guest_of(chat), chat)

    assert InteractionDue(chat, NOW + 32 * MINUTE) in service.timers.sent


def test_fifteen_minutes_after_it_was_left_is_the_last_moment() -> None:
    service = Service()
    chat = left(service)
    service.later(15 * MINUTE)

    assert service.reopen(service.guest_of(chat), chat)["type"] == "reopened"


def test_a_moment_later_it_has_ended_even_if_nobody_has_said_so_yet() -> None:
    service = Service()
    chat = left(service)
    service.later(15 * MINUTE + 1)

    with service.refusing(ChatEndedError):
        service.reopen(service.guest_of(chat), chat)


def test_three_times_and_no_more() -> None:
    service = Service()
    chat = left(service)
    for _ in range(3):
        service.reopen(service.guest_of(chat), chat)
        service.end(service.guest_of(chat), chat)

    with service.refusing(ConflictError):
        service.reopen(service.guest_of(chat), chat)


def test_how_often_and_how_long_are_properties() -> None:
    service = Service(document(**{"deskbell.guest.reopen_limit": 1, "deskbell.guest.reopen_seconds": 10}))
    chat = left(service)
    service.later(10 * SECOND)
    service.reopen(service.guest_of(chat), chat)
    service.end(service.guest_of(chat), chat)

    with service.refusing(ConflictError):
        service.reopen(service.guest_of(chat), chat)


def test_a_conversation_that_is_open_cannot_be_reopened() -> None:
    service = Service()
    chat = service.waiting()

    with service.refusing(ConflictError):
        service.reopen(service.guest_of(chat), chat)


@pytest.mark.parametrize("by", ["guest", "agent"])
def test_one_that_was_answered_and_ended_cannot(by: str) -> None:
    service = Service()
    chat = service.conversation()
    service.end(service.guest_of(chat) if by == "guest" else service.agent(), chat)

    with service.refusing(ChatEndedError):
        service.reopen(service.guest_of(chat), chat)


def test_only_its_own_guest_reopens_it() -> None:
    service = Service()
    theirs, mine = left(service), service.waiting("g2")

    with service.refusing(NotFoundError):
        service.reopen(service.guest_of(mine, "g2"), theirs)
    with service.refusing(ForbiddenError):
        service.reopen(service.agent(), theirs)


def test_into_a_queue_that_is_closed_now_it_does_not_go() -> None:
    service = Service()
    chat = left(service)
    monday = {"zone": "UTC", "weekly": {"monday": [["09:00", "17:00"]]}}
    service.configuration = configured(schedule=monday)

    with service.refusing(QueueClosedError) as caught:
        service.reopen(service.guest_of(chat), chat)

    assert caught.value.not_available_html
    assert caught.value.next_opening is not None


def test_into_a_queue_that_is_not_there_any_more_it_does_not_go() -> None:
    service = Service()
    chat = left(service)
    service.configuration = configured(name="Another", id="another")

    with service.refusing(QueueClosedError) as caught:
        service.reopen(service.guest_of(chat), chat)

    assert caught.value.detail == service.configuration.properties.no_match_message


def test_a_sixth_socket_that_reopens_closes_the_oldest() -> None:
    service = Service()
    chat = service.waiting("g1")
    for number in range(2, 6):
        service.later(SECOND)
        service.join(service.guest_of(chat, f"g{number}"))
    service.end(service.guest_of(chat, "g5"), chat)
    service.later(SECOND)

    service.reopen(service.guest_of(chat, "g6"), chat)

    assert service.gateway.closed == {"g1"}
    assert service.state(chat).connections_of("guest") == ("g2", "g3", "g4", "g5", "g6")


def configured(**billing: object) -> Configuration:
    """The shipped configuration with another queue in the place of `billing`."""
    queues = [
        {"id": "billing", "name": "Billing", "group": "billing", **billing},
        {"id": "product", "name": "Product", "group": "product"},
        {"id": "order", "name": "Order", "group": "order"},
    ]
    return Configuration.from_document({**document(), "matching-rules": [], "queues": queues}, version=8)
