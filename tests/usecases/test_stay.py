"""Answering an idle warning."""

import pytest

from deskbell.errors import ChatEndedError, ForbiddenError, NotFoundError
from tests.builders.service import MINUTE, NOW, SECOND, Service


def test_the_countdown_stops_and_idle_time_starts_anew() -> None:
    service = Service()
    chat = service.conversation()
    service.come_due(chat)
    service.later(30 * SECOND)

    reply = service.stay(service.guest_of(chat), chat)

    assert reply == {"type": "staying", "interaction": chat}
    assert service.state(chat).warned_at is None
    assert service.state(chat).due_at == NOW + 2 * MINUTE + 30 * SECOND + 2 * MINUTE


def test_after_the_end_it_is_too_late() -> None:
    service = Service()
    chat = service.conversation()
    service.come_due(chat)
    service.come_due(chat)

    with service.refusing(ChatEndedError):
        service.stay(service.guest_of(chat), chat)


def test_only_the_conversations_guest_can_answer() -> None:
    service = Service()
    chat, mine = service.conversation(), service.waiting("g2")

    with service.refusing(ForbiddenError):
        service.stay(service.agent(), chat)
    with service.refusing(NotFoundError):
        service.stay(service.guest_of(mine, "g2"), chat)


@pytest.mark.parametrize("times", [1, 3])
def test_who_stays_and_says_nothing_is_asked_again(times: int) -> None:
    service = Service()
    chat = service.conversation()

    for _ in range(times):
        service.come_due(chat)
        service.stay(service.guest_of(chat), chat)

    assert len(service.gateway.to("g1", "idle_warning")) == times
    service.come_due(chat)
    assert len(service.gateway.to("g1", "idle_warning")) == times + 1
    service.come_due(chat)
    assert service.state(chat).reason == "idle"
