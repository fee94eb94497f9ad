"""The ports that share the chats table, together, whatever implements them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deskbell.aws.agents import DynamoAgents
from deskbell.aws.chats import DynamoChats
from deskbell.aws.cursors import DynamoCursors
from deskbell.aws.lines import DynamoLines
from tests.fakes.agents import FakeAgents
from tests.fakes.chats import FakeChats
from tests.fakes.cursors import FakeCursors
from tests.fakes.lines import FakeLines
from tests.fakes.table import ChatsTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from deskbell.ports import Agents, Chats, Cursors, Lines


START = 1_800_000_000


@dataclass(slots=True)
class Clock:
    """The present of adapters that look at it, in epoch seconds."""

    now: float = START

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True, slots=True)
class Stores:
    """One table seen through its four ports."""

    chats: Chats
    lines: Lines
    agents: Agents
    cursors: Cursors
    clock: Clock


def in_memory() -> Stores:
    """The fakes, over one table."""
    table, clock = ChatsTable(), Clock()
    return Stores(
        FakeChats(table), FakeLines(table, clock=clock), FakeAgents(table), FakeCursors(table), clock
    )


def on_dynamo(client: DynamoDBClient, table: str) -> Stores:
    """The adapters, over one table."""
    clock = Clock()
    return Stores(
        DynamoChats(client, table),
        DynamoLines(client, table, clock),
        DynamoAgents(client, table),
        DynamoCursors(client, table),
        clock,
    )
