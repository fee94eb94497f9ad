"""Reading an interaction's record."""

import pytest

from deskbell.errors import NotFoundError
from deskbell.identity import Caller
from deskbell.usecases.read_interaction import read_interaction
from tests.builders.service import Service

AGENTS_FIELDS = {
    "assigned_to",
    "category",
    "channel",
    "email",
    "first_name",
    "id",
    "last_name",
    "number",
    "opened_at",
    "queue",
    "rule",
    "short_description",
    "state",
    "waiting_since",
}


def read(service: Service, caller: Caller, chat: str) -> dict[str, object]:
    return read_interaction(chat, caller.identity, configuration=service.configuration, chats=service.chats)


def test_an_agent_of_its_queue_sees_the_whole_record() -> None:
    service = Service()
    chat = service.conversation()

    record = read(service, service.agent("bob"), chat)

    assert set(record) == AGENTS_FIELDS
    assert (record["assigned_to"], record["state"], record["queue"]) == ("ann", "work_in_progress", "billing")


def test_its_guest_sees_no_agents_id_no_rule_and_no_queue_id() -> None:
    service = Service()
    chat = service.conversation()

    record = read(service, service.guest_of(chat), chat)

    assert record["agent"] == {"name": "Ann Other"}
    assert record["queue"] == "Billing Support"
    assert not {"assigned_to", "rule", "email", "waiting_since"} & set(record)


def test_the_number_people_quote_is_the_same_for_both() -> None:
    service = Service()
    chat = service.conversation()

    assert (
        read(service, service.guest_of(chat), chat)["number"]
        == read(service, service.agent(), chat)["number"]
    )


@pytest.mark.parametrize("whose", ["another guest", "other queues", "no staff", "nobody's"])
def test_to_everybody_else_it_does_not_exist(whose: str) -> None:
    service = Service()
    chat = service.conversation()
    caller, name = {
        "another guest": (service.guest_of(service.waiting("g2")), chat),
        "other queues": (service.agent("eve"), chat),
        "no staff": (service.agent("bob", roles=frozenset()), chat),
        "nobody's": (service.agent(), "NOSUCHCHAT"),
    }[whose]

    with service.refusing(NotFoundError):
        read(service, caller, name)


def test_before_it_is_routed_it_is_no_agents() -> None:
    service = Service()
    chat = service.submitted()

    with service.refusing(NotFoundError):
        read(service, service.agent(), chat)
