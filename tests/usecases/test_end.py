"""Ending a conversation."""

import pytest

from deskbell.errors import ChatEndedError, NotAssignedError, NotFoundError, UnavailableError
from deskbell.interaction import State
from deskbell.timers import InteractionDue, QueueAnnouncement
from tests.builders.service import MINUTE, NOW, SECOND, Service


def test_an_agent_ends_it_for_everybody() -> None:
    service = Service()
    chat = service.conversation()
    service.join(service.agent("ann", "a2"))
    service.forget_pushes()

    reply = service.end(service.agent(), chat)

    assert reply == {"type": "ended", "interaction": chat, "seq": 4, "reason": "agent_ended"}
    state = service.state(chat)
    assert (state.state, state.ended, state.closed_at) == (State.CLOSED_COMPLETE, True, NOW)
    assert service.events(chat)[-1] == "ended"
    for socket in ("g1", "a2"):
        (told,) = service.gateway.to(socket)
        assert (told["type"], told["seq"], told["reason"]) == ("ended", 4, "agent_ended")
    assert service.gateway.to("a1") == []


def test_a_guest_ends_it_and_the_agent_is_free_again() -> None:
    service = Service()
    chat = service.conversation()

    reply = service.end(service.guest_of(chat), chat)

    assert reply["reason"] == "guest_ended"
    assert service.state(chat).state is State.CLOSED_BY_CLIENT
    assert service.at_work().slots == {}
    assert service.gateway.to("a1", "ended")[0]["from"] == {"name": "Grace Hopper"}


def test_an_ended_conversation_waits_for_nothing() -> None:
    service = Service()
    chat = service.conversation()
    service.end(service.agent(), chat)

    assert service.state(chat).due_at is None
    service.later(60 * MINUTE)
    assert service.sweep() == 1  # the agent's lease, not the chat
    assert service.events(chat)[-1] == "ended"


def test_a_guest_who_leaves_before_an_agent_came_has_abandoned_and_may_reopen() -> None:
    service = Service()
    chat = service.waiting()

    reply = service.end(service.guest_of(chat), chat)

    assert (reply["reason"], reply["reopenable"]) == ("guest_left", True)
    state = service.state(chat)
    assert (state.state, state.ended) == (State.CLOSED_ABANDONED, False)
    assert service.events(chat)[-1] == "abandoned"
    assert service.table.waiting == set()
    assert InteractionDue(chat, NOW + 15 * MINUTE) in service.timers.sent


def test_those_behind_learn_that_they_moved() -> None:
    service = Service()
    chat = service.waiting()
    service.later(MINUTE)
    service.forget_pushes()

    service.end(service.guest_of(chat), chat)

    assert QueueAnnouncement("billing", NOW + MINUTE) in service.timers.sent


def test_a_guest_who_leaves_before_routing_has_ended_it_for_good() -> None:
    service = Service()
    chat = service.submitted()

    service.end(service.guest_of(chat), chat)

    assert service.state(chat).ended
    assert service.state(chat).state is State.CLOSED_ABANDONED
    service.route(chat)
    assert service.table.waiting == set()


@pytest.mark.parametrize("first", ["guest", "agent"])
@pytest.mark.parametrize("second", ["guest", "agent"])
def test_it_ends_once(first: str, second: str) -> None:
    service = Service()
    chat = service.conversation()
    people = {"guest": service.guest_of(chat), "agent": service.agent()}
    service.end(people[first], chat)

    with service.refusing(ChatEndedError):
        service.end(people[second], chat)


def test_of_two_ends_at_once_one_is_in_the_log() -> None:
    service = Service()
    chat = service.conversation()
    service.faults.plan("commit", lambda: service.end(service.guest_of(chat), chat))

    with pytest.raises(ChatEndedError):
        service.end(service.agent(), chat)

    assert service.events(chat).count("ended") == 1
    assert service.state(chat).reason == "guest_ended"


def test_words_said_in_between_stand_before_the_end() -> None:
    service = Service()
    chat = service.conversation()
    service.faults.plan("commit", lambda: service.send(service.guest_of(chat), chat, "Bye.", after=3))

    reply = service.end(service.agent(), chat)

    assert service.events(chat)[3:] == ["Bye.", "ended"]
    assert reply["seq"] == 5


def test_only_the_assigned_agent_ends() -> None:
    service = Service()
    chat = service.conversation()

    with service.refusing(NotAssignedError):
        service.end(service.agent("bob", "b1"), chat)


def test_an_agent_cannot_end_what_is_still_waiting() -> None:
    service = Service()
    chat = service.waiting()

    with service.refusing(NotAssignedError):
        service.end(service.agent(), chat)


def test_anothers_conversation_does_not_exist() -> None:
    service = Service()
    theirs, mine = service.conversation(), service.waiting("g2")

    with service.refusing(NotFoundError):
        service.end(service.guest_of(mine, "g2"), theirs)
    with service.refusing(NotFoundError):
        service.end(service.agent("eve", "e1"), theirs)
    with service.refusing(NotFoundError):
        service.end(service.agent(), "NOSUCHCHAT")


def test_a_write_that_fails_ends_nothing_and_can_be_repeated() -> None:
    service = Service()
    chat = service.conversation()
    service.faults.plan("commit", UnavailableError("no answer"))
    with service.refusing(UnavailableError):
        service.end(service.agent(), chat)

    assert service.end(service.agent(), chat)["type"] == "ended"


def test_a_write_whose_answer_was_lost_has_ended_it_once_and_everybody_hears_of_it() -> None:
    service = Service()
    chat = service.conversation()
    service.faults.plan("commit", UnavailableError("no answer"), when="after")

    assert service.end(service.agent(), chat)["seq"] == 4

    assert service.events(chat).count("ended") == 1
    assert [frame["type"] for frame in service.gateway.to("g1")] == ["ended"]


def test_the_other_sides_socket_that_cannot_be_reached_does_not_matter() -> None:
    service = Service()
    chat = service.conversation()
    service.gateway.unreachable.add("g1")
    service.later(SECOND)

    assert service.end(service.agent(), chat)["type"] == "ended"
