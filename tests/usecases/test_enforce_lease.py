"""An agent who is gone: its conversations go back to the head of their queues, and their guests are told."""

from contextlib import suppress
from typing import Literal

import pytest

from deskbell.errors import UnavailableError
from deskbell.interaction import State
from deskbell.lifecycle import WaitingEntry
from deskbell.recent import Recent
from deskbell.timers import AgentDue, InteractionDue, QueueAnnouncement
from deskbell.usecases.hear_agent import hear_agent
from tests.builders.service import MINUTE, NOW, SECOND, Service
from tests.fakes.faults import KilledError

LEASE = AgentDue("ann", NOW + 150 * SECOND)


def silent(service: Service) -> str:
    """A conversation whose agent's socket died without a `$disconnect`; its lease has just run out."""
    chat = service.conversation()
    service.later(150 * SECOND)
    return chat


def test_a_lost_agents_conversation_returns_to_the_head_of_its_queue_with_its_age() -> None:
    service = Service()
    chat = silent(service)
    service.waiting("g2")

    assert service.handle(LEASE) is True

    state = service.state(chat)
    assert (state.state, state.waiting_since, state.queued_at) == (State.WAITING, NOW, service.now)
    assert (state.agent, state.accepted_at, state.warned_at) == (None, None, None)
    assert service.lines.first("billing", 1) == [WaitingEntry("billing", NOW, chat)]
    assert service.events(chat)[-1] == "agent_left"


def test_its_guest_is_told_and_learns_its_place() -> None:
    service = Service()
    chat = silent(service)

    service.handle(LEASE)

    left, queued = service.gateway.to("g1")
    assert (left["type"], left["seq"], left["reason"]) == ("agent_left", 4, "agent_lost")
    assert left["from"] == {"name": "Ann Other"}
    assert (queued["type"], queued["position"]) == ("queued", 1)
    assert QueueAnnouncement("billing", service.now) in service.timers.sent
    assert InteractionDue(chat, service.now + 30 * MINUTE) in service.timers.sent


def test_the_lost_agent_is_offline_has_free_hands_and_its_socket_is_closed() -> None:
    service = Service()
    chat = silent(service)

    service.handle(LEASE)

    agent = service.at_work()
    assert (agent.shown_presence, agent.lost, agent.slots, agent.connections) == ("offline", True, {}, {})
    assert agent.due_at is None
    assert service.gateway.closed == {"a1"}
    assert service.lines.watchers("billing") == []
    assert set(service.state(chat).connections) == {"g1"}


def test_an_agent_who_was_heard_of_is_looked_at_again_when_its_lease_may_run_out() -> None:
    service = Service()
    chat = service.conversation()
    service.later(MINUTE)
    hear_agent(service.agent(), switchboard=service.switchboard(), agents=service.agents, heard=Recent(9))
    service.forget_pushes()
    service.later(90 * SECOND)

    assert service.handle(LEASE) is False

    assert service.state(chat).is_assigned_to("ann")
    assert service.timers.sent == [AgentDue("ann", NOW + 210 * SECOND)]
    assert service.at_work().due_at == NOW + 210 * SECOND


def test_an_agent_who_closed_its_socket_has_its_grace_and_no_more() -> None:
    service = Service()
    chat = service.conversation()
    service.disconnect(service.agent())
    service.later(MINUTE)

    assert service.handle(AgentDue("ann", NOW + MINUTE)) is True

    assert service.state(chat).state is State.WAITING


def test_an_agent_who_speaks_while_it_is_being_lost_is_not() -> None:
    service = Service()
    chat = silent(service)
    service.faults.plan("lose", lambda: service.join(service.agent("ann", "a2")))

    assert service.handle(LEASE) is False

    assert service.state(chat).is_assigned_to("ann")
    assert service.gateway.closed == set()


@pytest.mark.parametrize("stale", [AgentDue("ann", NOW + 1), AgentDue("nobody", NOW)])
def test_a_stale_timer_does_nothing(stale: AgentDue) -> None:
    service = Service()
    silent(service)
    before = service.everything()

    assert service.handle(stale) is False
    assert service.everything() == before


def test_a_timer_that_comes_twice_acts_once() -> None:
    service = Service()
    chat = silent(service)
    service.handle(LEASE)
    before = service.everything()

    assert service.handle(LEASE) is False
    assert service.everything() == before
    assert service.events(chat).count("agent_left") == 1


@pytest.mark.parametrize("step", ["lose", "unwatch", "close", "commit", "push", "settle"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_step_the_sweeper_finishes_the_job(step: str, when: str) -> None:
    service = Service()
    chat = silent(service)
    service.faults.plan(step, KilledError(), when="before" if when == "before" else "after")
    with pytest.raises(KilledError):
        service.handle(LEASE)
    service.later(3 * MINUTE)

    service.sweep()

    assert service.state(chat).state is State.WAITING
    assert service.events(chat).count("agent_left") == 1
    assert (service.at_work().slots, service.at_work().due_at) == ({}, None)
    assert service.at_work().shown_presence == "offline"


def test_one_conversation_that_cannot_be_returned_now_is_returned_later() -> None:
    service = Service()
    chat = silent(service)
    service.faults.plan("commit", UnavailableError("no answer"))
    service.handle(LEASE)
    assert service.timers.sent[-1] == AgentDue("ann", service.now + MINUTE)
    service.later(2 * MINUTE)

    service.sweep()

    assert service.state(chat).state is State.WAITING


def test_a_conversation_that_ended_meanwhile_only_frees_its_slot() -> None:
    service = Service()
    chat = silent(service)
    service.faults.plan("commit", lambda: service.end(service.guest_of(chat), chat))

    service.handle(LEASE)

    assert service.events(chat)[-1] == "ended"
    assert service.at_work().slots == {}
    assert service.table.waiting == set()


def test_the_next_agent_takes_it_on_with_the_whole_log() -> None:
    service = Service()
    chat = silent(service)
    service.handle(LEASE)
    bob = service.agent("bob", "b1")
    service.join(bob)

    accepted = service.accept(bob)

    assert accepted["interaction"] == chat
    assert len(service.sync(bob, chat)["items"]) == 6
    assert [entry.seq for entry in service.log(chat)] == list(range(1, 7))


def test_without_anything_in_hand_an_agent_is_just_marked_as_lost() -> None:
    service = Service()
    service.join(service.agent())
    service.later(150 * SECOND)

    assert service.handle(LEASE) is True
    assert service.at_work().shown_presence == "offline"
    assert service.sweep() == 0


def test_its_sockets_are_told_which_conversation_it_has_no_more() -> None:
    service = Service()
    chat = silent(service)

    service.handle(LEASE)

    frame = {"type": "unassigned", "interaction": chat, "reason": "agent_lost"}
    assert service.gateway.to("a1") == [frame]


def two_in_hand(service: Service) -> tuple[str, str]:
    """Two conversations of one agent whose lease has just run out."""
    first, second = service.waiting("g1"), service.waiting("g2")
    service.join(service.agent())
    service.accept()
    service.accept()
    service.forget_pushes()
    service.later(150 * SECOND)
    return first, second


@pytest.mark.parametrize(("when", "kept"), [("before", 2), ("after", 1)])
def test_an_agent_who_comes_back_meanwhile_keeps_what_it_still_has(
    when: Literal["before", "after"], kept: int
) -> None:
    service = Service()
    chats = two_in_hand(service)
    service.faults.plan("commit", lambda: service.join(service.agent("ann", "a2")), when=when)

    service.handle(LEASE)

    mine = chats[2 - kept :]
    assert [chat for chat in chats if service.state(chat).is_assigned_to("ann")] == list(mine)
    assert set(service.at_work().slots) == set(mine)
    assert all("a2" in service.state(chat).connections for chat in mine)
    assert {entry.interaction for entry in service.table.waiting} == set(chats) - set(mine)
    agent = service.at_work()
    assert (agent.lost, agent.due_at) == (False, service.now + 150 * SECOND)
    assert (
        AgentDue("ann", service.now + MINUTE) not in service.timers.sent
    )  # nothing is left to be tried again


def test_an_agent_who_has_only_begun_to_come_back_loses_nothing_more() -> None:
    service = Service()
    chat = silent(service)
    until = service.now + 90 * SECOND

    # Its desk has joined, its seat in the conversation is not taken yet: STATE is as it was read.
    def begins() -> None:
        service.agents.join("ann", "Ann Other", "a2", service.now, until, until + MINUTE)

    service.faults.plan("commit", begins)

    service.handle(LEASE)

    assert service.state(chat).is_assigned_to("ann")
    assert set(service.at_work().slots) == {chat}


def test_one_conversation_that_cannot_be_returned_does_not_keep_back_the_others() -> None:
    service = Service()
    first, second = two_in_hand(service)
    service.faults.plan("commit", UnavailableError("no answer"))

    service.handle(LEASE)

    assert service.state(first).is_assigned_to("ann")
    assert service.state(second).state is State.WAITING
    assert list(service.at_work().slots) == [first]
    again = AgentDue("ann", service.now + MINUTE)
    assert service.timers.sent[-1] == again

    service.later(MINUTE)
    service.handle(again)
    assert service.state(first).state is State.WAITING
    assert (service.at_work().slots, service.at_work().due_at) == ({}, None)


def test_a_lost_agent_whose_socket_still_speaks_has_to_join_again() -> None:
    service = Service()
    silent(service)
    service.faults.plan("close", UnavailableError("down"))
    with suppress(UnavailableError):
        service.handle(LEASE)
    assert service.gateway.closed == set()

    hear_agent(service.agent(), switchboard=service.switchboard(), agents=service.agents, heard=Recent(9))

    assert service.gateway.closed == {"a1"}
    assert service.at_work().lost
