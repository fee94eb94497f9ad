"""Accepting: one winner, never beyond capacity, and the guest meets its agent."""

from random import Random

import pytest

from deskbell.errors import (
    AlreadyTakenError,
    AtCapacityError,
    ConflictError,
    ForbiddenError,
    InvalidFieldError,
    NotFoundError,
    QueueEmptyError,
    UnavailableError,
)
from deskbell.identity import GUEST
from deskbell.interaction import State
from deskbell.ports import NotWrittenError, SupersededError
from deskbell.timers import InteractionDue, QueueAnnouncement
from tests.builders.service import MINUTE, NOW, SECOND, Service, document


def test_the_agent_gets_the_conversation_that_has_waited_longest() -> None:
    service = Service()
    service.join(service.agent())
    first = service.waiting("g1")
    service.later(SECOND)
    service.waiting("g2")

    accepted = service.accept()

    assert accepted["interaction"] == first
    assert accepted["record"]["assigned_to"] == "ann"
    assert accepted["record"]["email"] == "grace@example.com"
    assert service.state(first).state is State.WORK_IN_PROGRESS


def test_accepting_writes_the_log_the_slot_and_the_line_together() -> None:
    service = Service()
    chat = service.waiting()
    service.join(service.agent())
    service.later(5 * SECOND)

    service.accept()

    assert service.at_work().slots == {chat: NOW + 5 * SECOND}
    assert service.table.waiting == set()
    assert [entry.seq for entry in service.log(chat)] == [1, 2, 3]
    state = service.state(chat)
    assert (state.agent, state.agent_name, state.accepted_at) == ("ann", "Ann Other", NOW + 5 * SECOND)


def test_the_initial_response_is_an_entry_of_its_own_in_the_agents_name() -> None:
    service = Service()
    chat = service.conversation()

    accepted, response = service.log(chat)[1:]

    assert (accepted.event, accepted.text, accepted.author) == ("accepted", None, "agent:ann")
    assert (response.event, response.author, response.name) == (None, "agent:ann", "Ann Other")
    assert response.text is not None
    assert response.text.startswith("Thank you for contacting support.")


def test_the_guest_is_told_who_came_by_name_and_never_by_id() -> None:
    service = Service()
    chat = service.waiting()
    service.join(service.agent())
    service.forget_pushes()

    service.accept()

    accepted, response = service.gateway.to("g1")
    assert (accepted["type"], accepted["seq"], accepted["agent"]) == ("accepted", 2, {"name": "Ann Other"})
    assert (response["type"], response["seq"], response["from"]) == ("message", 3, {"name": "Ann Other"})
    assert '"ann"' not in str(service.gateway.to("g1")).replace("'", '"')
    assert chat


def test_the_agents_other_sockets_learn_of_it_and_hear_what_follows() -> None:
    service = Service()
    chat = service.waiting()
    service.join(service.agent("ann", "a1"))
    service.join(service.agent("ann", "a2"))

    service.accept(service.agent("ann", "a1"))

    assert service.gateway.to("a2", "assigned") == [{"type": "assigned", "interaction": chat}]
    assert service.gateway.to("a1", "assigned") == []
    assert set(service.state(chat).connections) == {"g1", "a1", "a2"}


def test_its_wait_counts_and_the_queue_is_announced() -> None:
    service = Service()
    service.waiting()
    service.join(service.agent())
    service.later(30 * SECOND)

    service.accept()

    assert service.lines.mean_wait("billing") == 30
    assert QueueAnnouncement("billing", NOW + 30 * SECOND) in service.timers.sent


def test_idle_time_starts_when_the_agent_came() -> None:
    service = Service()
    chat = service.waiting()
    service.join(service.agent())
    service.later(30 * SECOND)

    service.accept()

    assert InteractionDue(chat, NOW + 150 * SECOND) in service.timers.sent


def test_nobody_waits() -> None:
    service = Service()
    service.join(service.agent())

    with service.refusing(QueueEmptyError):
        service.accept()


def test_a_queue_the_agent_does_not_serve() -> None:
    service = Service()
    service.waiting()
    service.join(service.agent("eve", "e1"))

    with service.refusing(ForbiddenError):
        service.accept(service.agent("eve", "e1"))


def test_a_queue_that_does_not_exist() -> None:
    service = Service()
    service.join(service.agent())

    with service.refusing(NotFoundError):
        service.accept(queue="nowhere")


def test_a_guest_cannot_accept() -> None:
    service = Service()
    chat = service.waiting()

    with service.refusing(ForbiddenError):
        service.accept(service.guest_of(chat))


def test_membership_of_a_staff_group_is_needed_whatever_the_configuration_says() -> None:
    service = Service()
    service.waiting()

    with service.refusing(ForbiddenError):
        service.accept(service.agent(roles=frozenset({"visitors"})))


@pytest.mark.parametrize("group", ["agents", "managers", "admins"])
def test_each_staff_group_may_answer(group: str) -> None:
    service = Service()
    service.waiting()
    caller = service.agent(roles=frozenset({group}))
    service.join(caller)

    assert service.accept(caller)["type"] == "accepted"


def test_an_agent_who_has_not_joined() -> None:
    service = Service()
    service.waiting()

    with service.refusing(ConflictError):
        service.accept()


def test_an_agent_who_has_left() -> None:
    service = Service()
    service.waiting()
    service.join(service.agent())
    service.disconnect(service.agent())

    with service.refusing(ConflictError):
        service.accept()


def test_an_agent_who_chose_to_be_offline() -> None:
    service = Service()
    service.waiting()
    service.join(service.agent())
    service.presence(service.agent(), "offline")

    with service.refusing(ConflictError):
        service.accept()


def test_an_agent_who_is_away_may_still_take_the_next() -> None:
    service = Service()
    service.waiting()
    service.join(service.agent())
    service.presence(service.agent(), "away")

    assert service.accept()["type"] == "accepted"


def test_capacity_of_all_queues_together_is_never_exceeded() -> None:
    service = Service(document(**{"connect.support.conversation_limit": 2}))
    for number, issue in enumerate(["billing", "order", "billing"]):
        service.waiting(f"g{number}", issue_type=issue)
    service.join(service.agent())
    service.accept()
    service.accept(queue="order")

    with service.refusing(AtCapacityError):
        service.accept()


def test_capacity_is_free_again_after_an_end() -> None:
    service = Service(document(**{"connect.support.conversation_limit": 1}))
    first = service.waiting("g1")
    service.waiting("g2")
    service.join(service.agent())
    service.accept()

    service.end(service.agent(), first)

    assert service.accept()["type"] == "accepted"


def test_capacity_zero_admits_nothing_and_a_negative_one_everything() -> None:
    none = Service(document(**{"connect.support.conversation_limit": 0}))
    none.waiting()
    none.join(none.agent())
    with none.refusing(AtCapacityError):
        none.accept()

    unlimited = Service(document(**{"connect.support.conversation_limit": -1}))
    unlimited.join(unlimited.agent())
    for number in range(12):
        unlimited.waiting(f"g{number}")
        unlimited.accept()
    assert len(unlimited.at_work().slots) == 12


def test_two_accepts_of_one_agent_at_once_do_not_exceed_its_capacity() -> None:
    service = Service(document(**{"connect.support.conversation_limit": 1}))
    service.waiting("g1")
    service.waiting("g2")
    service.join(service.agent())
    service.faults.plan("commit", service.accept)

    with pytest.raises(AtCapacityError):
        service.accept()

    assert len(service.at_work().slots) == 1
    assert len(service.table.waiting) == 1


def test_who_loses_the_first_takes_the_next() -> None:
    service = Service()
    first, second = service.waiting("g1"), service.waiting("g2")
    service.join(service.agent())
    service.join(service.agent("bob", "b1"))
    service.faults.plan("commit", lambda: service.accept(service.agent("bob", "b1")))

    mine = service.accept()["interaction"]

    assert {mine} == {first, second} - set(service.at_work("bob").slots)


def test_of_twenty_agents_and_one_conversation_one_wins() -> None:
    names = [f"agent{number}" for number in range(20)]
    groups = [{"id": name, "name": name, "members": names} for name in ("product", "billing", "order")]
    service = Service({"groups": groups})
    chat = service.waiting()
    for name in names:
        service.join(service.agent(name, name))
    outcomes: list[str] = []

    def attempt() -> None:
        if not names:
            return
        name = names.pop()
        try:
            service.accept(service.agent(name, name))
        except QueueEmptyError:
            outcomes.append("lost")
        else:
            outcomes.append("won")

    # Each commits only after the next has read and committed: all twenty decide on the same state.
    service.faults.plan("commit", attempt, times=20)
    attempt()

    assert sorted(outcomes) == ["lost"] * 19 + ["won"]
    assert [agent.id for agent in service.table.agents.values() if agent.slots] == [service.state(chat).agent]
    assert service.events(chat).count("accepted") == 1


@pytest.mark.parametrize("seed", range(20))
def test_agents_who_collide_walk_apart_and_each_gets_one(seed: int) -> None:
    random = Random(seed)
    names = [f"agent{number}" for number in range(10)]
    groups = [{"id": name, "name": name, "members": names} for name in ("product", "billing", "order")]
    service = Service({"groups": groups})
    for number in range(10):
        service.waiting(f"g{number}")
    random.shuffle(names)
    for name in names:
        service.join(service.agent(name, name))

    for name in names[1:]:
        service.faults.plan("commit", lambda name=name: service.accept(service.agent(name, name)))  # type: ignore[misc]
    service.accept(service.agent(names[0], names[0]))

    assert sorted(len(agent.slots) for agent in service.table.agents.values()) == [1] * 10


def test_a_guest_who_leaves_in_between_is_not_accepted() -> None:
    service = Service()
    chat = service.waiting()
    service.join(service.agent())
    service.faults.plan("commit", lambda: service.end(service.guest_of(chat), chat))

    with pytest.raises(QueueEmptyError):
        service.accept()

    assert service.at_work().slots == {}
    assert service.state(chat).state is State.CLOSED_ABANDONED


def test_words_said_in_between_stand_before_the_acceptance() -> None:
    service = Service()
    chat = service.waiting()
    service.join(service.agent())
    service.faults.plan("commit", lambda: service.send(service.guest_of(chat), chat, "Hello?"))

    service.accept()

    assert service.events(chat)[1:3] == ["Hello?", "accepted"]


def test_a_transaction_conflict_is_tried_again() -> None:
    service = Service()
    chat = service.waiting()
    service.join(service.agent())
    service.faults.plan("commit", SupersededError(), times=3)

    assert service.accept()["interaction"] == chat
    assert service.faults.steps.count("commit") >= 4


def test_a_guest_whose_socket_turns_out_closed_is_accepted_and_counts_as_lost() -> None:
    service = Service()
    chat = service.waiting()
    service.join(service.agent())
    service.gateway.closed.add("g1")

    service.accept()

    assert service.state(chat).guest_lost_at == NOW
    assert service.state(chat).connections_of(GUEST) == ()


# Sockets that come and go in between


def test_a_socket_that_joins_in_between_hears_what_follows() -> None:
    service = Service()
    chat = service.waiting()
    service.join(service.agent("ann", "a1"))
    service.faults.plan("commit", lambda: service.join(service.agent("ann", "a2")))

    service.accept(service.agent("ann", "a1"))
    service.send(service.guest_of(chat), chat, "Hello?", after=3)

    assert set(service.state(chat).connections_of("agent:ann")) == {"a1", "a2"}
    assert service.gateway.to("a2", "assigned") == [{"type": "assigned", "interaction": chat}]
    for socket in ("a1", "a2"):
        assert [frame["text"] for frame in service.gateway.to(socket, "message")] == ["Hello?"]


def test_a_socket_that_leaves_in_between_is_not_seated() -> None:
    service = Service()
    chat = service.waiting()
    service.join(service.agent("ann", "a1"))
    service.join(service.agent("ann", "a2"))
    service.faults.plan("commit", lambda: service.disconnect(service.agent("ann", "a1")))

    service.accept(service.agent("ann", "a2"))

    assert service.state(chat).connections_of("agent:ann") == ("a2",)


def test_a_desk_that_reloads_while_it_accepts_has_the_chat_at_its_live_socket() -> None:
    service = Service()
    chat = service.waiting()
    service.join(service.agent("ann", "a1"))

    def reloads() -> None:
        service.disconnect(service.agent("ann", "a1"))
        service.join(service.agent("ann", "a2"))

    service.faults.plan("commit", reloads)

    service.accept(service.agent("ann", "a1"))

    assert service.state(chat).connections_of("agent:ann") == ("a2",)
    assert service.gateway.to("a2", "assigned") == [{"type": "assigned", "interaction": chat}]


def test_an_agent_whose_last_socket_leaves_in_between_takes_nothing() -> None:
    service = Service()
    chat = service.waiting()
    service.join(service.agent())
    service.faults.plan("commit", lambda: service.disconnect(service.agent()))

    with pytest.raises(ConflictError):
        service.accept()

    assert service.state(chat).state is State.WAITING
    assert service.at_work().slots == {}


# What fails behind the commit, and a commit that nobody answered


@pytest.mark.parametrize("step", ["add_wait", "save", "claim_announcement", "send_timer", "push"])
def test_what_fails_once_it_is_taken_costs_nobody_a_second_click(step: str) -> None:
    service = Service()
    first, second = service.waiting("g1"), service.waiting("g2")
    service.join(service.agent())
    service.gateway.closed.add("g1")  # has to be forgotten, which saves STATE
    reached = service.faults.steps.count(step)
    service.faults.plan(step, UnavailableError("down"), times=3)

    accepted = service.accept()

    assert service.faults.steps.count(step) > reached
    assert accepted["interaction"] == first
    assert list(service.at_work().slots) == [first]
    assert service.state(second).state is State.WAITING


def test_a_second_click_on_what_one_has_takes_no_second_chat() -> None:
    service = Service()
    first, second = service.waiting("g1"), service.waiting("g2")
    service.join(service.agent())
    service.accept()

    again = service.accept(queue=None, interaction=first)

    assert again["interaction"] == first
    assert list(service.at_work().slots) == [first]
    assert service.state(second).state is State.WAITING


def test_a_commit_that_was_written_is_done_although_its_answer_was_lost() -> None:
    service = Service()
    first, second = service.waiting("g1"), service.waiting("g2")
    service.join(service.agent())
    service.faults.plan("commit", UnavailableError("no answer"), when="after")

    assert service.accept()["interaction"] == first

    assert list(service.at_work().slots) == [first]
    assert service.state(second).state is State.WAITING
    assert [frame["type"] for frame in service.gateway.to("g1")][-2:] == ["accepted", "message"]
    assert InteractionDue(first, NOW + 120 * SECOND) in service.timers.sent


@pytest.mark.parametrize("error", [UnavailableError("no answer"), NotWrittenError("busy")])
def test_a_commit_that_was_not_written_is_not_done(error: UnavailableError) -> None:
    service = Service()
    service.waiting()
    service.join(service.agent())
    service.faults.plan("commit", error)

    with service.refusing(UnavailableError):
        service.accept()


# A named conversation


def test_a_conversation_that_is_not_offered_cannot_be_picked() -> None:
    service = Service()
    chat = service.waiting()
    service.join(service.agent())

    with service.refusing(NotFoundError):
        service.accept(queue=None, interaction=chat)


def test_a_conversation_that_another_has_is_taken() -> None:
    service = Service()
    chat = service.conversation()
    service.join(service.agent("bob", "b1"))

    with service.refusing(AlreadyTakenError):
        service.accept(service.agent("bob", "b1"), queue=None, interaction=chat)


def test_asking_again_for_what_one_has_gets_it_again() -> None:
    service = Service()
    chat = service.conversation()

    assert service.accept(queue=None, interaction=chat)["record"]["assigned_to"] == "ann"


@pytest.mark.parametrize(("queue", "interaction"), [(None, None), ("billing", "CHAT")])
def test_either_a_queue_or_a_conversation_is_named(queue: str | None, interaction: str | None) -> None:
    service = Service()
    service.join(service.agent())

    with service.refusing(InvalidFieldError):
        service.accept(queue=queue, interaction=interaction)


def test_what_fails_after_it_is_written_does_not_take_it_back() -> None:
    service = Service()
    chat = service.waiting()
    service.join(service.agent())
    service.gateway.unreachable.add("g1")
    service.later(MINUTE)

    assert service.accept()["interaction"] == chat
