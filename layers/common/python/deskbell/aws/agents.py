"""Agents at work in DynamoDB: one item an agent, changed field by field so that slots and sockets do not collide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from deskbell.agents import Agent, Presence
from deskbell.aws.conflicts import through_conflicts
from deskbell.aws.dynamo import attribute, calling, is_lost_condition
from deskbell.aws.items import agent_key, due_shard, read_agent
from deskbell.interaction import MAX_CONNECTIONS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoAgents:
    """`ports.Agents` on the chats table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def load(self, agent: str) -> Agent | None:
        """Read an agent, strongly consistent."""
        with calling("The desk"):
            answer = self._client.get_item(TableName=self._table, Key=agent_key(agent), ConsistentRead=True)
        return read_agent(answer["Item"]) if "Item" in answer else None

    def join(self, agent: str, name: str, connection: str, at: int, lease_until: int, due_at: int) -> Agent:
        """Register a socket, renew the lease and end any loss; the oldest socket beyond five gives way."""
        joined = self._join(agent, name, connection, at, lease_until, due_at)
        if joined is None:
            self._put_new(agent, name)
            joined = self._join(agent, name, connection, at, lease_until, due_at)
        assert joined is not None  # noqa: S101 - it was put, and agents' items are never deleted
        for oldest in joined.open_connections[:-MAX_CONNECTIONS]:
            joined = (
                self._update(agent, "REMOVE conns.#c", "attribute_exists(pk)", {}, {"#c": oldest}) or joined
            )
        return joined

    def leave(self, agent: str, connection: str, at: int) -> Agent | None:
        """Remove a socket; the last one to go starts the grace."""
        left = self._update(agent, "REMOVE conns.#c", "attribute_exists(conns)", {}, {"#c": connection})
        if left is None or left.connections or left.gone_since is not None:
            return left
        gone = self._update(
            agent,
            "SET gone_since = :at",
            "size(conns) = :none AND attribute_not_exists(gone_since)",
            {"at": attribute(at), "none": attribute(0)},
        )
        return gone or self.load(agent)

    def renew(self, agent: str, lease_until: int) -> bool:
        """Extend the lease of an agent who is there; tells False for one who is lost."""
        renewed = self._update(
            agent,
            "SET lease_until = :lease",
            "attribute_exists(pk) AND lease_until < :lease AND attribute_not_exists(lost)",
            {"lease": attribute(lease_until)},
        )
        found = renewed or self.load(agent)
        return found is None or not found.lost

    def choose(self, agent: str, presence: Presence) -> Agent | None:
        """Set the presence the agent wants to show."""
        return self._update(agent, "SET presence = :p", "attribute_exists(pk)", {"p": attribute(presence)})

    def postpone(self, agent: Agent, due_at: int) -> bool:
        """Move the moment the agent is looked at, unless it has moved."""
        names = {
            "due": attribute(due_at),
            "known": attribute(agent.due_at or 0),
            "shard": attribute(due_shard(agent.id)),
        }
        condition = (
            "due_at = :known"
            if agent.due_at is not None
            else "attribute_not_exists(due_at) AND :known = :known"
        )
        return self._update(agent.id, "SET due_at = :due, due_shard = :shard", condition, names) is not None

    def lose(self, agent: Agent, due_at: int) -> bool:
        """Mark the agent as lost and forget its sockets, unless it was heard of since it was read."""
        lost = self._update(
            agent.id,
            "SET lost = :yes, conns = :none, due_at = :due, due_shard = :shard",
            "lease_until = :lease AND due_at = :known",
            {
                "yes": attribute(True),
                "none": {"M": {}},
                "due": attribute(due_at),
                "shard": attribute(due_shard(agent.id)),
                "lease": attribute(agent.lease_until),
                "known": attribute(agent.due_at or 0),
            },
        )
        return lost is not None

    def settle(self, agent: str, due_at: int) -> None:
        """Look no more at a lost agent whose slots have been given back."""
        self._update(
            agent,
            "REMOVE due_at, due_shard",
            "attribute_exists(lost) AND due_at = :due AND size(slots) = :none",
            {"due": attribute(due_at), "none": attribute(0)},
        )

    def free(self, agent: str, interaction: str) -> None:
        """Give a slot back; harmless twice."""
        self._update(agent, "REMOVE slots.#i", "attribute_exists(slots)", {}, {"#i": interaction})

    def _join(
        self, agent: str, name: str, connection: str, at: int, lease_until: int, due_at: int
    ) -> Agent | None:
        return self._update(
            agent,
            "SET conns.#c = :at, lease_until = :lease, #name = :name, due_shard = :shard, due_at = :due "
            "REMOVE gone_since, lost",
            "attribute_exists(pk)",
            {
                "at": attribute(at),
                "lease": attribute(lease_until),
                "name": attribute(name),
                "shard": attribute(due_shard(agent)),
                "due": attribute(due_at),
            },
            {"#c": connection, "#name": "name"},
        )

    def _put_new(self, agent: str, name: str) -> None:
        item = {
            **agent_key(agent),
            "name": attribute(name),
            "presence": attribute("available"),
            "lease_until": attribute(0),
            "slots": {"M": {}},
            "conns": {"M": {}},
        }
        try:
            with calling("The desk"):
                self._client.put_item(
                    TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(pk)"
                )
        except ClientError as error:
            if not is_lost_condition(error):
                raise

    def _update(
        self,
        agent: str,
        expression: str,
        condition: str,
        values: dict[str, Any],
        names: dict[str, str] | None = None,
    ) -> Agent | None:
        request: dict[str, Any] = {
            "TableName": self._table,
            "Key": agent_key(agent),
            "UpdateExpression": expression,
            "ConditionExpression": condition,
            "ReturnValues": "ALL_NEW",
        }
        if values:
            request["ExpressionAttributeValues"] = {f":{name}": value for name, value in values.items()}
        if names:
            request["ExpressionAttributeNames"] = names

        def update() -> Any:
            with calling("The desk"):
                return self._client.update_item(**request)

        try:
            answer = through_conflicts(update)
        except ClientError as error:
            if is_lost_condition(error):
                return None
            raise
        return read_agent(answer["Attributes"])
