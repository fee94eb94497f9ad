"""Showing that somebody is writing."""

from deskbell.errors import ChatEndedError, NotAssignedError, NotFoundError
from tests.builders.service import Service


def test_the_other_side_sees_it_and_nothing_is_stored() -> None:
    service = Service()
    chat = service.conversation()
    before = service.table.states[chat]

    service.typing(service.guest_of(chat), chat)
    service.typing(service.agent(), chat, on=False)

    assert service.gateway.to("a1") == [
        {"type": "typing", "interaction": chat, "from": {"name": "Grace Hopper"}, "on": True}
    ]
    assert service.gateway.to("g1") == [
        {"type": "typing", "interaction": chat, "from": {"name": "Ann Other"}, "on": False}
    ]
    assert service.table.states[chat] == before
    assert len(service.log(chat)) == 3


def test_ones_own_other_sockets_do_not_see_it() -> None:
    service = Service()
    chat = service.conversation()
    service.join(service.guest_of(chat, "g2"))

    service.typing(service.guest_of(chat), chat)

    assert service.gateway.to("g2") == []


def test_a_push_that_fails_is_nobodys_trouble() -> None:
    service = Service()
    chat = service.conversation()
    service.gateway.unreachable.add("a1")

    service.typing(service.guest_of(chat), chat)

    assert service.gateway.sent == []


def test_only_who_may_speak_is_shown_writing() -> None:
    service = Service()
    chat, mine = service.conversation(), service.waiting("g2")

    with service.refusing(NotAssignedError):
        service.typing(service.agent("bob", "b1"), chat)
    with service.refusing(NotFoundError):
        service.typing(service.guest_of(mine, "g2"), chat)
    with service.refusing(NotFoundError):
        service.typing(service.agent(), "NOSUCHCHAT")
    service.end(service.agent(), chat)
    with service.refusing(ChatEndedError):
        service.typing(service.guest_of(chat), chat)
