"""Taking up again a conversation that was left before an agent came."""

import pytest

from deskbell.errors import ChatEndedError, ConflictError, ForbiddenError, NotFoundError
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
