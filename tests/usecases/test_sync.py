"""Catching up."""

import pytest

from deskbell.errors import ForbiddenError, InvalidAfterError, NotFoundError
from deskbell.views import MAX_REPLY_BYTES, encode
from tests.builders.service import Service


def test_one_gets_exactly_what_came_after() -> None:
    service = Service()
    chat = service.conversation()
    service.send(service.guest_of(chat), chat, "Hello?", after=3)

    reply = service.sync(service.agent(), chat, 2)

    assert (reply["type"], reply["interaction"], reply["more"]) == ("messages", chat, False)
    assert [entry["seq"] for entry in reply["items"]] == [3, 4]


def test_who_is_up_to_date_gets_nothing() -> None:
    service = Service()
    chat = service.conversation()

    assert service.sync(service.guest_of(chat), chat, 3)["items"] == []


def test_page_by_page_one_gets_everything_once_and_no_page_exceeds_a_frame() -> None:
    service = Service()
    chat = service.conversation()
    for number in range(1, 60):
        service.send(service.agent(), chat, "ü" * (37 * number), after=2 + number)
    seen: list[int] = []

    while True:
        reply = service.sync(service.guest_of(chat), chat, seen[-1] if seen else 0)
        assert len(encode(reply).encode()) <= MAX_REPLY_BYTES
        seen += [entry["seq"] for entry in reply["items"]]
        if not reply["more"]:
            break

    assert seen == list(range(1, 63))


def test_a_guest_never_sees_an_agents_id() -> None:
    service = Service()
    chat = service.conversation()

    items = service.sync(service.guest_of(chat), chat)["items"]

    assert [entry["from"] for entry in items] == [
        {"name": "Grace Hopper"},
        {"name": "Ann Other"},
        {"name": "Ann Other"},
    ]
    assert "agent:ann" not in encode({"items": items})


def test_an_agent_sees_who_it_was() -> None:
    service = Service()
    chat = service.conversation()

    assert service.sync(service.agent(), chat, 1)["items"][0]["from"] == {"name": "Ann Other", "id": "ann"}


def test_work_notes_are_a_log_for_agents() -> None:
    service = Service()
    chat = service.conversation()
    service.send(service.agent(), chat, "A difficult one.", after=0, visibility="work_note")

    assert [it["text"] for it in service.sync(service.agent(), chat, log="work_note")["items"]] == [
        "A difficult one."
    ]
    assert "A difficult one." not in encode(service.sync(service.guest_of(chat), chat))
    with service.refusing(ForbiddenError):
        service.sync(service.guest_of(chat), chat, log="work_note")


@pytest.mark.parametrize("log", ["comment", "work_note"])
def test_a_number_beyond_the_head_is_invalid(log: str) -> None:
    service = Service()
    chat = service.conversation()

    with service.refusing(InvalidAfterError):
        service.sync(service.agent(), chat, 99, "work_note" if log == "work_note" else "comment")


def test_after_the_end_guest_and_agents_of_the_queue_still_read() -> None:
    service = Service()
    chat = service.conversation()
    service.end(service.agent(), chat)

    assert len(service.sync(service.guest_of(chat), chat)["items"]) == 4
    assert len(service.sync(service.agent("bob", "b1"), chat)["items"]) == 4


def test_another_guest_and_agents_of_other_queues_learn_nothing() -> None:
    service = Service()
    chat, mine = service.conversation(), service.waiting("g2")

    for caller, name in [
        (service.guest_of(mine, "g2"), chat),
        (service.agent("eve", "e1"), chat),
        (service.agent(), "NOSUCHCHAT"),
        (service.agent(roles=frozenset({"visitors"})), service.waiting("g3")),
    ]:
        with service.refusing(NotFoundError):
            service.sync(caller, name)
