"""Taking one's seat."""

import pytest

from deskbell.errors import ForbiddenError, InvalidAfterError, NotFoundError
from deskbell.identity import GUEST
from deskbell.interaction import State
from deskbell.ports import Watcher
from deskbell.timers import AgentDue
from deskbell.tokens import verify_guest_token
from deskbell.views import MAX_REPLY_BYTES, encode
from tests.builders.service import DAY, MINUTE, NOW, SECOND, Service, document


def test_a_guest_learns_how_things_stand() -> None:
    service = Service()
    chat = service.waiting(connection=None)

    joined = service.join(service.guest_of(chat))

    assert joined["interaction"]["id"] == chat
    assert joined["interaction"]["state"] == "waiting"
    assert joined["interaction"]["queue"] == "Billing Support"
    assert (joined["position"], joined["wait_seconds"]) == (1, None)
    assert [entry["seq"] for entry in joined["messages"]] == [1]
    assert (joined["head"], joined["more"], joined["heartbeat_seconds"]) == (1, False, 30)


def test_a_guest_gets_a_renewed_token() -> None:
    service = Service()
    chat = service.waiting(connection=None)
    service.later(MINUTE)

    joined = service.join(service.guest_of(chat))

    identity = verify_guest_token(joined["token"], service.now, service.tokens.held)
    assert (identity.interaction, identity.expires_at) == (chat, NOW + MINUTE + DAY)
    assert joined["expires_at"] == "2027-01-16T08:01:00.000Z"


def test_a_guest_sees_its_agent_by_name_only_and_no_personal_fields() -> None:
    service = Service()
    chat = service.conversation()

    joined = service.join(service.guest_of(chat, "g2"))

    assert joined["interaction"]["agent"] == {"name": "Ann Other"}
    assert "assigned_to" not in joined["interaction"]
    assert "ann" not in [entry["from"].get("id") for entry in joined["messages"]]
    assert "rule" not in joined["interaction"]


def test_only_what_was_not_seen_comes_with_the_reply() -> None:
    service = Service()
    chat = service.conversation()

    joined = service.join(service.guest_of(chat, "g2"), after=2)

    assert [entry["seq"] for entry in joined["messages"]] == [3]


def test_the_socket_is_registered_before_the_log_is_read() -> None:
    service = Service()
    chat = service.conversation()
    joining = service.guest_of(chat, "g2")
    # Said after the registration and before the page is read: it is pushed, and it is in the reply.
    service.faults.plan("page", lambda: service.send(service.agent(), chat, "Just now.", after=3))

    joined = service.join(joining)

    assert [frame["seq"] for frame in service.gateway.to("g2", "message")] == [4]
    assert [entry["seq"] for entry in joined["messages"]] == [1, 2, 3, 4]


def test_a_guest_who_comes_back_is_no_longer_lost() -> None:
    service = Service()
    chat = service.conversation()
    service.disconnect(service.guest_of(chat))
    assert service.state(chat).guest_lost_at == NOW

    service.join(service.guest_of(chat, "g2"))

    assert service.state(chat).guest_lost_at is None
    assert service.state(chat).due_at == NOW + 2 * MINUTE


def test_an_after_beyond_the_head_is_invalid() -> None:
    service = Service()
    chat = service.waiting()

    with pytest.raises(InvalidAfterError):
        service.join(service.guest_of(chat, "g2"), after=2)


def test_the_sixth_socket_closes_the_oldest() -> None:
    service = Service()
    chat = service.waiting()
    for number in range(2, 7):
        service.later(SECOND)
        service.join(service.guest_of(chat, f"g{number}"))

    assert service.state(chat).connections_of(GUEST) == ("g2", "g3", "g4", "g5", "g6")
    assert service.gateway.closed == {"g1"}


def test_the_sixth_socket_of_a_guest_leaves_the_agents_alone() -> None:
    service = Service()
    chat = service.conversation()
    for number in range(2, 8):
        service.later(SECOND)
        service.join(service.guest_of(chat, f"g{number}"))

    assert service.gateway.closed == {"g1", "g2"}
    assert "a1" in service.state(chat).connections


def test_a_conversation_that_is_gone() -> None:
    service = Service()

    with service.refusing(NotFoundError):
        service.join(service.guest_of("GONE"))


def test_an_ended_conversation_can_be_read_and_registers_nobody() -> None:
    service = Service()
    chat = service.conversation()
    service.end(service.agent(), chat)
    before = service.state(chat)

    joined = service.join(service.guest_of(chat, "g2"))

    assert joined["interaction"]["state"] == "closed_complete"
    assert joined["messages"][-1]["event"] == "ended"
    assert service.state(chat) == before


def test_a_reply_never_exceeds_a_frame_and_says_that_there_is_more() -> None:
    service = Service()
    chat = service.conversation()
    for number in range(40):
        service.send(service.agent(), chat, "ü" * 1_000, after=3 + number)

    joined = service.join(service.guest_of(chat, "g2"))

    assert len(encode(joined).encode()) <= MAX_REPLY_BYTES
    assert joined["more"] is True
    assert joined["head"] == 43
    assert [entry["seq"] for entry in joined["messages"]] == list(range(1, len(joined["messages"]) + 1))


# Agents


def test_an_agent_learns_its_queues_and_what_it_has_in_hand() -> None:
    service = Service()
    chat = service.conversation()
    service.waiting("g2")
    service.send(service.agent(), chat, "note", after=0, visibility="work_note")
    service.read(service.guest_of(chat), chat, 3)

    joined = service.join(service.agent("ann", "a2"))

    assert joined["presence"] == "available"
    assert {queue["id"]: queue["waiting"] for queue in joined["queues"]} == {
        "product": 0,
        "billing": 1,
        "order": 0,
    }
    (mine,) = joined["interactions"]
    assert (mine["id"], mine["head"], mine["notes_head"], mine["read"]) == (chat, 3, 1, {"guest": 3})
    assert joined["offers"] == []


def test_an_agent_becomes_a_watcher_of_its_queues() -> None:
    service = Service()

    service.join(service.agent())

    for queue in ("product", "billing", "order"):
        assert service.lines.watchers(queue) == [Watcher("ann", "a1")]


def test_an_agent_gets_a_lease_and_a_timer_for_it() -> None:
    service = Service()

    service.join(service.agent())

    agent = service.at_work()
    assert agent.lease_until == NOW + 90 * SECOND
    assert service.timers.sent == [AgentDue("ann", NOW + 150 * SECOND)]
    assert agent.due_at == NOW + 150 * SECOND


def test_an_agents_new_socket_hears_what_is_said_in_the_chats_it_has() -> None:
    service = Service()
    chat = service.conversation()
    service.join(service.agent("ann", "a2"))

    service.send(service.guest_of(chat), chat, after=3)

    assert len(service.gateway.to("a2", "message")) == 1


def test_an_agents_name_is_the_directorys_and_asked_for_once() -> None:
    service = Service()
    service.join(service.agent())
    service.directory.names["ann"] = "Renamed"

    service.join(service.agent("ann", "a2"))

    assert service.at_work().name == "Ann Other"


def test_an_agent_who_comes_back_after_being_lost_starts_anew() -> None:
    service = Service()
    chat = service.conversation()
    service.later(10 * MINUTE)
    assert service.handle(AgentDue("ann", NOW + 150 * SECOND))

    joined = service.join(service.agent("ann", "a2"))

    assert joined["presence"] == "available"
    assert joined["interactions"] == []
    assert service.state(chat).state is State.WAITING


def test_a_slot_of_a_conversation_that_is_no_longer_its_own_is_given_back() -> None:
    service = Service()
    chat = service.conversation()
    service.end(service.guest_of(chat), chat)
    # As if the slot had been left behind.
    service.table.agents["ann"] = type(service.at_work())(id="ann", name="Ann", slots={chat: 1, "GONE": 2})

    joined = service.join(service.agent("ann", "a2"))

    assert joined["interactions"] == []
    assert service.at_work().slots == {}
    assert "a2" not in service.state(chat).connections


def test_an_agent_who_is_offline_is_not_shown_as_watching() -> None:
    service = Service()
    service.join(service.agent())
    service.presence(service.agent(), "offline")

    joined = service.join(service.agent("ann", "a2"))

    assert joined["presence"] == "offline"
    assert service.lines.watchers("billing") == []


def test_an_agents_sixth_socket_closes_its_oldest_even_with_nothing_in_hand() -> None:
    service = Service()
    for number in range(1, 7):
        service.later(SECOND)
        service.join(service.agent("ann", f"a{number}"))

    assert service.at_work().open_connections == ("a2", "a3", "a4", "a5", "a6")
    assert service.gateway.closed == {"a1"}


def test_who_has_no_staff_group_cannot_sit_at_a_desk() -> None:
    service = Service()

    with service.refusing(ForbiddenError):
        service.join(service.agent(roles=frozenset()))


def test_an_agent_with_many_chats_gets_those_that_do_not_fit_one_by_one() -> None:
    service = Service(document())
    service.join(service.agent())
    for number in range(45):
        service.waiting(f"g{number}", description="x" * 160)
        service.accept()
    service.forget_pushes()

    joined = service.join(service.agent("ann", "a2"))

    assert len(encode(joined).encode()) <= MAX_REPLY_BYTES
    shown = {it["id"] for it in joined["interactions"]}
    announced = {frame["interaction"] for frame in service.gateway.to("a2", "assigned")}
    assert shown | announced == set(service.at_work().slots)
    assert announced
    assert not shown & announced
