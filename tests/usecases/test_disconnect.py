"""A socket has closed."""

import copy
from random import Random

import pytest

from deskbell.errors import UnavailableError
from deskbell.ports import Watcher
from deskbell.timers import AgentDue, InteractionDue, SocketClosed
from tests.builders.interleaving import Interleaving
from tests.builders.service import MINUTE, NOW, SECOND, Service


def test_the_guests_last_socket_starts_its_grace() -> None:
    service = Service()
    chat = service.waiting()
    service.later(MINUTE)

    service.disconnect(service.guest_of(chat))

    assert service.state(chat).guest_lost_at == NOW + MINUTE
    assert InteractionDue(chat, NOW + 3 * MINUTE) in service.timers.sent


def test_one_of_two_sockets_does_not() -> None:
    service = Service()
    chat = service.waiting()
    service.join(service.guest_of(chat, "g2"))

    service.disconnect(service.guest_of(chat, "g1"))

    assert service.state(chat).guest_lost_at is None
    assert set(service.state(chat).connections) == {"g2"}


def test_a_second_notice_does_not_start_the_grace_anew() -> None:
    service = Service()
    chat = service.waiting()
    service.disconnect(service.guest_of(chat))
    service.later(MINUTE)

    service.disconnect(service.guest_of(chat))

    assert service.state(chat).guest_lost_at == NOW


def test_a_guest_who_disconnects_from_an_ended_chat_is_not_lost() -> None:
    service = Service()
    chat = service.conversation()
    service.end(service.agent(), chat)

    service.disconnect(service.guest_of(chat))

    assert service.state(chat).guest_lost_at is None
    assert service.state(chat).due_at is None


def test_a_socket_that_never_joined_and_a_chat_that_is_gone_are_harmless() -> None:
    service = Service()
    chat = service.waiting()
    service.forget_pushes()
    before = copy.deepcopy(vars(service.table))

    service.disconnect(service.guest_of(chat, "stranger"))
    service.disconnect(service.guest_of("GONE"))
    service.disconnect(service.agent("nobody", "n1"))
    for timer in service.timers.sent:
        service.handle(timer)

    assert vars(service.table) == before


def test_a_socket_whose_closing_overtakes_its_own_join_is_looked_for_again() -> None:
    service = Service()
    chat = service.waiting(connection=None)
    guest = service.guest_of(chat)
    service.disconnect(guest)
    (again,) = (timer for timer in service.timers.sent if isinstance(timer, SocketClosed))
    service.join(guest)

    service.later(15 * SECOND)
    service.handle(again)

    assert service.state(chat).connections == {}
    assert service.state(chat).guest_lost_at == service.now


def test_a_closing_that_could_not_be_handled_comes_back() -> None:
    service = Service()
    chat = service.conversation()
    service.faults.plan("leave", UnavailableError("no answer"))

    service.disconnect(service.agent())

    (again,) = (timer for timer in service.timers.sent if isinstance(timer, SocketClosed))
    service.handle(again)
    assert service.at_work().connections == {}
    assert service.state(chat).connections_of("agent:ann") == ()


def test_an_agents_last_socket_starts_its_grace_and_takes_it_off_its_queues() -> None:
    service = Service()
    chat = service.conversation()
    service.later(MINUTE)

    service.disconnect(service.agent())

    agent = service.at_work()
    assert (agent.gone_since, agent.due_at) == (NOW + MINUTE, NOW + 2 * MINUTE)
    assert AgentDue("ann", NOW + 2 * MINUTE) in service.timers.sent
    assert service.lines.watchers("billing") == []
    assert set(service.state(chat).connections) == {"g1"}
    assert service.state(chat).is_assigned_to("ann")


def test_an_agents_other_socket_keeps_it_at_work() -> None:
    service = Service()
    chat = service.conversation()
    service.join(service.agent("ann", "a2"))
    service.forget_pushes()

    service.disconnect(service.agent("ann", "a1"))

    assert service.at_work().gone_since is None
    assert service.lines.watchers("billing") == [Watcher("ann", "a2")]
    assert set(service.state(chat).connections) == {"g1", "a2"}
    assert [timer for timer in service.timers.sent if isinstance(timer, AgentDue)] == []


def test_an_offline_agent_who_closes_one_of_two_sockets_does_not_watch_again() -> None:
    service = Service()
    service.join(service.agent("ann", "a1"))
    service.join(service.agent("ann", "a2"))
    service.presence(service.agent("ann", "a1"), "offline")

    service.disconnect(service.agent("ann", "a1"))

    assert service.lines.watchers("billing") == []


def test_an_agent_who_reloads_keeps_its_conversations() -> None:
    service = Service()
    chat = service.conversation()
    service.disconnect(service.agent())
    service.later(10 * SECOND)
    service.join(service.agent("ann", "a2"))

    service.later(50 * SECOND)
    assert service.handle(AgentDue("ann", NOW + MINUTE)) is False

    assert service.state(chat).is_assigned_to("ann")
    assert service.at_work().slots == {chat: NOW}


@pytest.mark.parametrize("who", ["guest", "agent"])
def test_a_timer_that_cannot_be_set_leaves_it_to_the_sweeper(who: str) -> None:
    service = Service()
    chat = service.conversation()
    service.faults.plan("send_timer", UnavailableError("down"), times=3)

    service.disconnect(service.guest_of(chat) if who == "guest" else service.agent())

    service.later(4 * MINUTE)
    assert service.sweep() >= 1


@pytest.mark.parametrize("seed", range(60))
def test_an_agent_who_reloads_watches_its_queues_whichever_socket_is_faster(seed: int) -> None:
    service = Service()
    chat = service.conversation()
    service.later(10 * SECOND)
    interleaving = Interleaving(Random(seed).randrange)
    service.faults.pause = interleaving.pause

    interleaving.run(
        [
            lambda: service.disconnect(service.agent("ann", "a1")),
            lambda: service.join(service.agent("ann", "a2")),
        ]
    )

    queues = [queue.id for queue in service.configuration.queues_of("ann")]
    assert queues
    for queue in queues:
        assert service.lines.watchers(queue) == [Watcher("ann", "a2")]
    agent = service.at_work()
    assert (tuple(agent.connections), agent.gone_since, agent.lost) == (("a2",), None, False)
    assert agent.due_at == NOW + 160 * SECOND
    assert service.state(chat).connections_of("agent:ann") == ("a2",)
