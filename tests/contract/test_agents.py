"""What every implementation of `ports.Agents` does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import pytest
from botocore.exceptions import ClientError

from deskbell.agents import Agent
from deskbell.aws.agents import DynamoAgents
from deskbell.interaction import Interaction, State
from deskbell.lifecycle import Taking, Transition
from deskbell.message_log import Entry
from deskbell.ports import NotWrittenError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from tests.builders.stores import Stores

NOW = 1_800_000_000_000
LEASE = NOW + 90_000
DUE = NOW + 150_000


def join(stores: Stores, connection: str = "a1", at: int = NOW) -> Agent:
    return stores.agents.join("ann", "Ann Other", connection, at, LEASE, DUE)


def ann(stores: Stores) -> Agent:
    agent = stores.agents.load("ann")
    assert agent is not None
    return agent


def take(stores: Stores, name: str) -> None:
    state = Interaction(id=name, state=State.NEW, opened_at=NOW, guest_name="Grace")
    stores.chats.create(state, Entry(interaction=name, seq=1, id=f"{name}.1", at=NOW))
    taking = Taking("ann", -1, ann(stores).connections)
    stores.chats.commit(Transition(before=state, after=replace(state, accepted_at=NOW), takes=taking))


def test_an_agent_who_joins_is_there(stores: Stores) -> None:
    expected = Agent(id="ann", name="Ann Other", lease_until=LEASE, due_at=DUE, connections={"a1": NOW})

    assert stores.agents.load("ann") is None
    assert join(stores) == expected
    assert ann(stores) == expected


def test_joining_again_adds_a_socket_and_keeps_slots_and_presence(stores: Stores) -> None:
    join(stores)
    take(stores, "CHAT")
    stores.agents.choose("ann", "away")

    agent = join(stores, "a2", NOW + 1)

    assert agent.open_connections == ("a1", "a2")
    assert agent.slots == {"CHAT": NOW}
    assert agent.presence == "away"


def test_the_oldest_socket_beyond_five_gives_way(stores: Stores) -> None:
    for number in range(1, 8):
        agent = join(stores, f"a{number}", NOW + number)

    assert agent.open_connections == ("a3", "a4", "a5", "a6", "a7")
    assert ann(stores) == agent


def test_the_last_socket_to_go_starts_the_grace(stores: Stores) -> None:
    join(stores, "a1")
    join(stores, "a2")

    first = stores.agents.leave("ann", "a1", NOW + 1)
    assert first is not None
    assert (first.open_connections, first.gone_since) == (("a2",), None)

    last = stores.agents.leave("ann", "a2", NOW + 2)
    assert last is not None
    assert (last.open_connections, last.gone_since) == ((), NOW + 2)
    assert ann(stores) == last


def test_leaving_twice_keeps_the_moment(stores: Stores) -> None:
    join(stores)
    stores.agents.leave("ann", "a1", NOW + 1)

    again = stores.agents.leave("ann", "a1", NOW + 99)

    assert again is not None
    assert again.gone_since == NOW + 1


def test_who_was_never_there_cannot_leave_and_is_not_made_up(stores: Stores) -> None:
    assert stores.agents.leave("ghost", "x", NOW) is None
    assert stores.agents.choose("ghost", "away") is None
    assert stores.agents.renew("ghost", LEASE) is True
    stores.agents.free("ghost", "CHAT")
    stores.agents.settle("ghost", DUE)

    assert stores.agents.load("ghost") is None


def test_coming_back_ends_the_grace(stores: Stores) -> None:
    join(stores)
    stores.agents.leave("ann", "a1", NOW + 1)

    assert join(stores, "a2").gone_since is None


def test_a_lease_is_only_extended(stores: Stores) -> None:
    join(stores)

    assert stores.agents.renew("ann", LEASE + 1) is True
    assert ann(stores).lease_until == LEASE + 1
    assert stores.agents.renew("ann", LEASE - 1) is True
    assert ann(stores).lease_until == LEASE + 1


@pytest.mark.parametrize("presence", ["available", "away", "offline"])
def test_a_presence_is_kept(stores: Stores, presence: Literal["available", "away", "offline"]) -> None:
    join(stores)

    chosen = stores.agents.choose("ann", presence)

    assert chosen is not None
    assert chosen.presence == ann(stores).presence == presence


def test_being_looked_at_is_postponed_by_one_of_those_who_saw_the_same(stores: Stores) -> None:
    seen = join(stores)

    assert stores.agents.postpone(seen, DUE + 1) is True
    assert stores.agents.postpone(seen, DUE + 2) is False
    assert ann(stores).due_at == DUE + 1


def test_an_agent_nobody_looks_at_can_be_put_on_the_list_again(stores: Stores) -> None:
    agent = join(stores)
    assert stores.agents.lose(agent, DUE + 1)
    stores.agents.settle("ann", DUE + 1)
    settled = ann(stores)
    assert settled.due_at is None

    assert stores.agents.postpone(settled, DUE + 9) is True
    assert ann(stores).due_at == DUE + 9


def test_a_lost_agent_has_no_sockets_and_keeps_its_slots_until_they_are_given_back(stores: Stores) -> None:
    join(stores)
    take(stores, "CHAT")

    assert stores.agents.lose(ann(stores), DUE + 1) is True

    lost = ann(stores)
    assert (lost.lost, lost.shown_presence, lost.connections) == (True, "offline", {})
    assert (lost.slots, lost.due_at) == ({"CHAT": NOW}, DUE + 1)


def test_an_agent_who_was_heard_of_since_is_not_lost(stores: Stores) -> None:
    seen = join(stores)
    stores.agents.renew("ann", LEASE + 1)

    assert stores.agents.lose(seen, DUE + 1) is False
    assert ann(stores).lost is False


def test_an_agent_who_joined_since_is_not_lost(stores: Stores) -> None:
    seen = join(stores)
    stores.agents.join("ann", "Ann Other", "a2", NOW + 1, LEASE + 1, DUE + 1)

    assert stores.agents.lose(seen, DUE + 2) is False
    assert ann(stores).open_connections == ("a1", "a2")


def test_a_lost_agents_lease_is_not_renewed_but_joining_ends_the_loss(stores: Stores) -> None:
    assert stores.agents.lose(join(stores), DUE + 1)
    assert stores.agents.renew("ann", LEASE + 1) is False
    assert ann(stores).lease_until == LEASE

    back = join(stores, "a2")
    assert (back.lost, back.open_connections, back.due_at) == (False, ("a2",), DUE)
    assert stores.agents.renew("ann", LEASE + 1) is True


def test_a_lost_agent_is_settled_once_its_hands_are_free(stores: Stores) -> None:
    join(stores)
    take(stores, "CHAT")
    assert stores.agents.lose(ann(stores), DUE + 1)

    stores.agents.settle("ann", DUE + 1)
    assert ann(stores).due_at == DUE + 1

    stores.agents.free("ann", "CHAT")
    stores.agents.free("ann", "CHAT")
    stores.agents.settle("ann", DUE + 9)
    assert ann(stores).due_at == DUE + 1
    stores.agents.settle("ann", DUE + 1)
    assert ann(stores).due_at is None


def test_who_is_back_is_not_settled(stores: Stores) -> None:
    join(stores)

    stores.agents.settle("ann", DUE)

    assert ann(stores).due_at == DUE


def test_freeing_a_slot_leaves_the_others(stores: Stores) -> None:
    join(stores)
    for name in ("CHAT1", "CHAT2"):
        take(stores, name)

    stores.agents.free("ann", "CHAT1")

    assert set(ann(stores).slots) == {"CHAT2"}


@pytest.mark.parametrize("name", ["a.b", "ann@example.com", "a b#c", "ünïcødé", "size", "slots"])
def test_any_username_and_any_socket_can_be_kept(stores: Stores, name: str) -> None:
    stores.agents.join(name, name, "L0SM9cOFvHcCIhw=", NOW, LEASE, DUE)

    left = stores.agents.leave(name, "L0SM9cOFvHcCIhw=", NOW)

    assert left is not None
    assert (left.id, left.connections, left.gone_since) == (name, {}, NOW)


# What only the DynamoDB implementation can show: updates that a transaction at the same item turns away


class Conflicting:
    """A DynamoDB client that turns its next updates away, and counts its calls."""

    def __init__(self, client: DynamoDBClient) -> None:
        self._client = client
        self.conflicts = 0
        self.calls: list[str] = []

    def update_item(self, **request: Any) -> Any:
        self.calls.append("update_item")
        if self.conflicts:
            self.conflicts -= 1
            raise ClientError(
                {
                    "Error": {"Code": "TransactionConflictException", "Message": "busy"},
                    "ResponseMetadata": {"HTTPStatusCode": 400, "RetryAttempts": 0},  # type: ignore[typeddict-item]
                },
                "UpdateItem",
            )
        return self._client.update_item(**request)

    def put_item(self, **request: Any) -> Any:
        self.calls.append("put_item")
        return self._client.put_item(**request)


@pytest.fixture
def conflicting(chats_client: DynamoDBClient) -> Conflicting:
    return Conflicting(chats_client)


@pytest.fixture
def agents(conflicting: Conflicting) -> DynamoAgents:
    return DynamoAgents(conflicting, "chats")  # type: ignore[arg-type]


def test_an_update_turned_away_by_a_transaction_is_tried_again(
    agents: DynamoAgents, conflicting: Conflicting
) -> None:
    agents.join("ann", "Ann Other", "a1", NOW, LEASE, DUE)
    conflicting.conflicts = 3

    left = agents.leave("ann", "a1", NOW + 1)

    assert left is not None
    assert (left.connections, left.gone_since) == ({}, NOW + 1)


def test_an_update_that_is_always_turned_away_is_unavailable(
    agents: DynamoAgents, conflicting: Conflicting
) -> None:
    agents.join("ann", "Ann Other", "a1", NOW, LEASE, DUE)
    conflicting.conflicts = 50

    with pytest.raises(NotWrittenError):
        agents.renew("ann", LEASE + 1)


def test_only_an_agents_first_socket_ever_costs_more_than_one_write(
    agents: DynamoAgents, conflicting: Conflicting
) -> None:
    agents.join("ann", "Ann Other", "a1", NOW, LEASE, DUE)
    assert conflicting.calls == ["update_item", "put_item", "update_item"]

    conflicting.calls.clear()
    agents.join("ann", "Ann Other", "a2", NOW, LEASE, DUE)
    assert conflicting.calls == ["update_item"]
