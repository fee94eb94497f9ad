"""Presence."""

from typing import Literal

import pytest

from deskbell.errors import ConflictError, ForbiddenError
from deskbell.ports import Watcher
from tests.builders.service import Service


@pytest.mark.parametrize("state", ["available", "away", "offline"])
def test_it_is_stored_and_the_agents_other_sockets_see_it(
    state: Literal["available", "away", "offline"],
) -> None:
    service = Service()
    service.join(service.agent("ann", "a1"))
    service.join(service.agent("ann", "a2"))

    reply = service.presence(service.agent("ann", "a1"), state)

    assert reply == {"type": "presence", "state": state}
    assert service.at_work().presence == state
    assert service.gateway.to("a2") == [{"type": "presence", "state": state}]
    assert service.gateway.to("a1") == []


def test_offline_agents_do_not_watch_and_those_who_are_back_do() -> None:
    service = Service()
    service.join(service.agent())

    service.presence(service.agent(), "offline")
    assert service.lines.watchers("billing") == []

    service.presence(service.agent(), "away")
    assert service.lines.watchers("billing") == [Watcher("ann", "a1")]


def test_conversations_in_hand_stay_in_hand() -> None:
    service = Service()
    chat = service.conversation()

    service.presence(service.agent(), "offline")

    assert service.state(chat).is_assigned_to("ann")
    assert service.send(service.agent(), chat, after=3)


def test_who_has_not_joined_has_no_presence() -> None:
    service = Service()

    with service.refusing(ConflictError):
        service.presence(service.agent(), "away")


def test_guests_have_none() -> None:
    service = Service()
    chat = service.waiting()

    with service.refusing(ForbiddenError):
        service.presence(service.guest_of(chat), "away")
