"""Saying something: one order for all, nothing lost, nothing doubled, and nobody speaks who may not."""

import pytest

from deskbell.errors import (
    BehindError,
    ChatEndedError,
    ConflictError,
    ForbiddenError,
    InvalidAfterError,
    NotAssignedError,
    NotFoundError,
    TooLargeError,
    UnavailableError,
)
from deskbell.identity import AgentIdentity, Caller
from deskbell.ports import NotWrittenError
from deskbell.timers import AgentDue, InteractionDue
from tests.builders.service import HOUR, MINUTE, NOW, SECOND, Service, document, ulid
from tests.fakes.faults import KilledError


def test_a_message_is_stored_at_the_head_pushed_to_the_others_and_acknowledged() -> None:
    service = Service()
    chat = service.conversation()

    sent = service.send(service.guest_of(chat), chat, "Is anybody there?", id=ulid(1), after=3)

    assert sent == {"type": "sent", "id": ulid(1), "seq": 4, "at": "2027-01-15T08:00:00.000Z"}
    entry = service.log(chat)[-1]
    assert (entry.seq, entry.author, entry.name, entry.text) == (
        4,
        "guest",
        "Grace Hopper",
        "Is anybody there?",
    )
    (pushed,) = service.gateway.to("a1")
    assert (pushed["type"], pushed["seq"], pushed["text"]) == ("message", 4, "Is anybody there?")
    assert service.gateway.to("g1") == []


def test_the_senders_other_sockets_get_the_message_too() -> None:
    service = Service()
    chat = service.conversation()
    service.join(service.guest_of(chat, "g2"))

    service.send(service.guest_of(chat, "g1"), chat)

    assert [name for name, _ in service.gateway.sent] == ["a1", "g2"]


def test_guests_see_the_agents_name_and_never_its_id() -> None:
    service = Service()
    chat = service.conversation()
    service.join(service.agent("ann", "a2"))

    service.send(service.agent(), chat, "Here I am.", after=3)

    assert service.gateway.to("g1")[-1]["from"] == {"name": "Ann Other"}
    assert service.gateway.to("a2")[-1]["from"] == {"name": "Ann Other", "id": "ann"}


def test_a_waiting_guest_may_speak_before_anybody_came() -> None:
    service = Service()
    chat = service.waiting()

    assert service.send(service.guest_of(chat), chat)["seq"] == 2


def test_messages_stand_in_the_order_they_were_stored() -> None:
    service = Service()
    chat = service.conversation()

    for number in range(5):
        caller = service.guest_of(chat) if number % 2 else service.agent()
        service.send(caller, chat, str(number), after=3)

    assert service.events(chat)[3:] == ["0", "1", "2", "3", "4"]
    assert [entry.seq for entry in service.log(chat)] == list(range(1, 9))


def test_the_same_id_again_is_acknowledged_with_the_number_it_has_and_pushed_again() -> None:
    service = Service()
    chat = service.conversation()
    first = service.send(service.guest_of(chat), chat, id=ulid(1), after=3)
    service.send(service.agent(), chat, "Yes.", after=4)
    service.gateway.sent.clear()
    service.later(MINUTE)

    again = service.send(service.guest_of(chat), chat, id=ulid(1), after=3)

    assert again == first
    assert len(service.log(chat)) == 5
    assert [frame["seq"] for frame in service.gateway.to("a1")] == [4]


def test_a_repeat_in_flight_with_the_original_takes_no_second_place() -> None:
    service = Service()
    chat = service.conversation()
    guest = service.guest_of(chat)
    service.faults.plan("append", lambda: service.send(guest, chat, id=ulid(1), after=3))

    sent = service.send(guest, chat, id=ulid(1), after=3)

    assert sent["seq"] == 4
    assert len(service.log(chat)) == 4


def test_the_walk_goes_past_places_that_others_took_first() -> None:
    service = Service()
    chat = service.conversation()
    agent = service.agent()
    for number in (11, 12, 13):

        def other(number: int = number) -> object:
            return service.send(agent, chat, str(number), id=ulid(number), after=3)

        service.faults.plan("append", other)

    sent = service.send(service.guest_of(chat), chat, "me", after=3)

    assert sent["seq"] == 7
    assert sorted(map(str, service.events(chat)[3:])) == ["11", "12", "13", "me"]


def test_a_chat_that_ends_in_between_refuses_the_message() -> None:
    service = Service()
    chat = service.conversation()
    service.faults.plan("append", lambda: service.end(service.agent(), chat))

    with pytest.raises(ChatEndedError):
        service.send(service.guest_of(chat), chat, after=3)

    assert service.events(chat)[-1] == "ended"


def test_an_agent_who_is_relieved_in_between_may_not_speak_any_more() -> None:
    service = Service()
    chat = service.conversation()
    service.faults.plan("append", lambda: _lose(service))

    with pytest.raises(NotAssignedError):
        service.send(service.agent(), chat, "Sorry", after=3)

    assert service.events(chat)[-1] == "agent_left"


def test_an_agent_who_is_replaced_in_between_may_not_speak_any_more() -> None:
    service = Service()
    chat = service.conversation()

    def replaced() -> None:
        _lose(service)
        service.join(service.agent("bob", "b1"))
        service.accept(service.agent("bob", "b1"))

    service.faults.plan("append", replaced)

    with pytest.raises(NotAssignedError):
        service.send(service.agent(), chat, "Sorry", after=3)

    assert "Sorry" not in service.events(chat)


def test_a_guest_whose_agent_changes_in_between_is_heard_by_the_new_one() -> None:
    service = Service()
    chat = service.waiting()
    service.join(service.agent())
    service.faults.plan("append", service.accept)

    sent = service.send(service.guest_of(chat), chat, "Hello?")

    assert service.events(chat)[1] == "accepted"
    assert sent["seq"] == 4
    assert service.gateway.to("a1")[-1]["text"] == "Hello?"


# A read that a change was written in the middle of: STATE is older than the log beside it


@pytest.mark.parametrize("who", ["guest", "agent"])
def test_behind_an_end_that_only_the_log_shows_yet_nothing_can_be_stored(who: str) -> None:
    service = Service()
    chat = service.conversation()
    service.end(service.agent(), chat)
    service.chats.tear_next_tail()

    with service.refusing(ChatEndedError):
        service.send(service.guest_of(chat) if who == "guest" else service.agent(), chat, after=3)

    assert service.events(chat)[-1] == "ended"


def test_behind_its_leaving_that_only_the_log_shows_yet_an_agent_stores_nothing() -> None:
    service = Service()
    chat = service.conversation()
    _lose(service)
    service.chats.tear_next_tail()

    with service.refusing(NotAssignedError):
        service.send(service.agent(), chat, "Sorry", after=3)

    assert service.events(chat)[-1] == "agent_left"


def test_an_end_met_on_the_way_is_read_anew_until_state_shows_it() -> None:
    service = Service()
    chat = service.conversation()

    def ended() -> None:
        service.end(service.agent(), chat)
        service.chats.tear_next_tail()

    service.faults.plan("append", ended)

    with pytest.raises(ChatEndedError):
        service.send(service.guest_of(chat), chat, after=3)

    assert service.events(chat)[-1] == "ended"


def test_an_agent_whose_acceptance_only_the_log_shows_yet_hears_the_guest() -> None:
    service = Service()
    chat = service.waiting()
    service.join(service.agent())
    service.accept()
    service.chats.tear_next_tail()

    service.send(service.guest_of(chat), chat, "Hello?")

    assert [frame["text"] for frame in service.gateway.to("a1", "message")] == ["Hello?"]


def test_a_conversation_that_is_torn_each_time_is_unavailable_and_stores_nothing() -> None:
    service = Service()
    chat = service.conversation()
    service.end(service.agent(), chat)
    service.chats.tear_next_tail()
    service.faults.plan("tail", service.chats.tear_next_tail, times=12)

    with service.refusing(UnavailableError):
        service.send(service.guest_of(chat), chat, after=3)


def test_a_repeat_is_acknowledged_after_the_end_too() -> None:
    service = Service()
    chat = service.conversation()
    first = service.send(service.guest_of(chat), chat, id=ulid(1), after=3)
    service.end(service.agent(), chat)

    assert service.send(service.guest_of(chat), chat, id=ulid(1), after=3) == first


def test_the_same_id_of_another_participant_is_a_conflict() -> None:
    service = Service()
    chat = service.conversation()
    service.send(service.guest_of(chat), chat, id=ulid(1), after=3)

    with service.refusing(ConflictError):
        service.send(service.agent(), chat, id=ulid(1), after=3)


def test_the_same_id_of_another_participant_is_a_conflict_when_it_is_met_on_the_way() -> None:
    service = Service()
    chat = service.conversation()
    service.faults.plan("append", lambda: service.send(service.guest_of(chat), chat, id=ulid(1), after=3))

    with pytest.raises(ConflictError):
        service.send(service.agent(), chat, "mine", id=ulid(1), after=3)

    assert "mine" not in service.events(chat)


@pytest.mark.parametrize("after", [4, 5, 1000])
def test_an_after_beyond_the_head_is_invalid(after: int) -> None:
    service = Service()
    chat = service.conversation()

    with service.refusing(InvalidAfterError):
        service.send(service.guest_of(chat), chat, after=after)


def test_more_than_64_kilobytes_since_after_means_behind() -> None:
    service = Service()
    chat = service.conversation()
    for number in range(200):
        service.send(service.agent(), chat, "x" * 1_000, after=3 + number)

    with service.refusing(BehindError):
        service.send(service.guest_of(chat), chat, after=3)
    assert service.send(service.guest_of(chat), chat, after=200)["seq"] == 204


def test_a_text_beyond_the_limit_is_too_large() -> None:
    service = Service(document(**{"deskbell.message.max_characters": 10}))
    chat = service.conversation()

    assert service.send(service.guest_of(chat), chat, "x" * 10)
    with service.refusing(TooLargeError):
        service.send(service.guest_of(chat), chat, "x" * 11)


# Who may speak


def test_a_guest_cannot_speak_in_anothers_conversation_nor_learn_that_it_exists() -> None:
    service = Service()
    theirs, mine = service.conversation(), service.waiting("g2")

    for chat in (theirs, "NOSUCHCHAT"):
        with service.refusing(NotFoundError) as caught:
            service.send(service.guest_of(mine, "g2"), chat)
        assert caught.value.detail == "There is no such conversation."


def test_an_agent_of_the_queue_who_is_not_assigned_may_not_speak() -> None:
    service = Service()
    chat = service.conversation()

    with service.refusing(NotAssignedError):
        service.send(service.agent("bob", "b1"), chat)


def test_an_agent_may_not_speak_before_accepting() -> None:
    service = Service()
    chat = service.waiting()

    with service.refusing(NotAssignedError):
        service.send(service.agent(), chat)


def test_to_an_agent_of_other_queues_the_conversation_does_not_exist() -> None:
    service = Service()
    chat = service.conversation()

    with service.refusing(NotFoundError):
        service.send(service.agent("eve", "e1"), chat)


def test_a_token_without_a_staff_group_is_no_agent() -> None:
    service = Service()
    chat = service.waiting()
    nobody = Caller(AgentIdentity("ann", frozenset({"visitors"}), NOW + HOUR), "a1", NOW)

    with service.refusing(NotFoundError):
        service.send(nobody, chat)


@pytest.mark.parametrize("who", ["guest", "agent"])
def test_after_the_end_nobody_speaks(who: str) -> None:
    service = Service()
    chat = service.conversation()
    service.end(service.agent(), chat)

    caller = service.guest_of(chat) if who == "guest" else service.agent()
    with service.refusing(ChatEndedError):
        service.send(caller, chat)


# Work notes


def test_a_work_note_is_for_agents_only_and_numbers_by_itself() -> None:
    service = Service()
    chat = service.conversation()
    service.join(service.agent("ann", "a2"))

    sent = service.send(service.agent(), chat, "A difficult one.", after=0, visibility="work_note")

    assert sent["seq"] == 1
    assert [entry.text for entry in service.log(chat, "work_note")] == ["A difficult one."]
    assert len(service.log(chat)) == 3
    assert service.gateway.to("g1") == []
    assert service.gateway.to("a2")[-1]["visibility"] == "work_note"


def test_a_work_note_remembers_the_comment_its_author_had_seen() -> None:
    service = Service()
    chat = service.conversation()
    ann = service.agent()

    service.send(ann, chat, "behind all", after=0, visibility="work_note")
    service.send(ann, chat, "behind two", after=1, visibility="work_note", anchor=2)
    service.send(ann, chat, "in the future", after=2, visibility="work_note", anchor=99)

    assert [entry.data for entry in service.log(chat, "work_note")] == [
        {"anchor": 3},
        {"anchor": 2},
        {"anchor": 3},
    ]


def test_a_guest_cannot_write_a_work_note() -> None:
    service = Service()
    chat = service.conversation()

    with service.refusing(ForbiddenError):
        service.send(service.guest_of(chat), chat, after=0, visibility="work_note")


# Pushes that fail


def test_a_first_push_that_fails_is_unavailable_and_the_repeat_is_pushed_again_and_acknowledged() -> None:
    service = Service()
    chat = service.conversation()
    service.gateway.unreachable.add("a1")
    guest = service.guest_of(chat)
    with pytest.raises(UnavailableError):
        service.send(guest, chat, "Hello?", id=ulid(1), after=3)
    service.gateway.unreachable.clear()

    sent = service.send(guest, chat, "Hello?", id=ulid(1), after=3)

    assert sent["seq"] == 4
    assert len(service.log(chat)) == 4
    assert [frame["seq"] for frame in service.gateway.to("a1")] == [4]


def test_killed_between_put_and_push_the_repeat_pushes() -> None:
    service = Service()
    chat = service.conversation()
    service.faults.plan("append", KilledError(), when="after")
    guest = service.guest_of(chat)
    with pytest.raises(KilledError):
        service.send(guest, chat, id=ulid(1), after=3)
    assert service.gateway.sent == []

    assert service.send(guest, chat, id=ulid(1), after=3)["seq"] == 4
    assert [frame["seq"] for frame in service.gateway.to("a1")] == [4]


@pytest.mark.parametrize("error", [NotWrittenError("busy"), UnavailableError("no answer")])
def test_a_put_that_fails_is_not_acknowledged(error: UnavailableError) -> None:
    service = Service()
    chat = service.conversation()
    service.faults.plan("append", error)

    with service.refusing(UnavailableError):
        service.send(service.guest_of(chat), chat, after=3)


def test_a_closed_socket_is_removed_and_no_other() -> None:
    service = Service()
    chat = service.conversation()
    service.join(service.agent("ann", "a2"))
    service.gateway.closed.add("a1")

    sent = service.send(service.guest_of(chat), chat, after=3)

    assert sent["seq"] == 4
    assert set(service.state(chat).connections) == {"g1", "a2"}
    assert len(service.gateway.to("a2", "message")) == 1


def test_the_guests_last_socket_found_closed_starts_its_grace() -> None:
    service = Service()
    chat = service.conversation()
    service.gateway.closed.add("g1")
    service.later(10 * SECOND)

    service.send(service.agent(), chat, "Are you there?", after=3)

    state = service.state(chat)
    assert state.guest_lost_at == NOW + 10 * SECOND
    assert "g1" not in state.connections
    assert state.due_at == NOW + 120 * SECOND  # the idle check comes before the grace ends
    service.later(HOUR)
    assert service.handle(InteractionDue(chat, state.due_at))


def test_one_of_two_sockets_found_closed_does_not() -> None:
    service = Service()
    chat = service.conversation()
    service.join(service.guest_of(chat, "g2"))
    service.gateway.closed.add("g1")

    service.send(service.agent(), chat, "Are you there?", after=3)

    assert service.state(chat).guest_lost_at is None
    assert set(service.state(chat).connections) == {"g2", "a1"}


def _lose(service: Service) -> None:
    """Let ann's lease and grace run out, on another process's clock."""
    table = Service(table=service.table)
    table.now = service.now + 10 * MINUTE
    agent = service.at_work()
    assert agent.due_at is not None
    assert table.handle(AgentDue(agent.id, agent.due_at))
