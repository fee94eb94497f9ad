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


@dataclass(frozen=True, slots=True)
class Stores:
    """One table seen through its four ports."""

    chats: Chats
    lines: Lines
    agents: Agents
    cursors: Cursors


def in_memory() -> Stores:
    """The fakes, over one table."""
    table = ChatsTable()
    return Stores(FakeChats(table), FakeLines(table), FakeAgents(table), FakeCursors(table))


def on_dynamo(client: DynamoDBClient, table: str) -> Stores:
    """The adapters, over one table."""
    return Stores(
        DynamoChats(client, table),
        DynamoLines(client, table),
        DynamoAgents(client, table),
        DynamoCursors(client, table),
    )
