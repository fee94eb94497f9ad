"""Queues as people stand in them, in DynamoDB: base-table items under the queue's key, read consistently.

`waiting#<since>#<interaction>` are written by transitions; `watcher#<agent>`, `TICK` and `WAITS` here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from deskbell.aws.dynamo import attribute, calling, is_lost_condition, plain
from deskbell.aws.items import read_waiting
from deskbell.lifecycle import WaitingEntry
from deskbell.ports import Watcher

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WAITS_KEPT = 20
_RACES = 3


class DynamoLines:
    """`ports.Lines` on the chats table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def first(self, queue: str, most: int) -> Sequence[WaitingEntry]:
        """List those who have waited longest."""
        answer = self._query(queue, "waiting#", Limit=most)
        return [read_waiting(item) for item in answer["Items"]]

    def length(self, queue: str, most: int) -> int:
        """Count those who wait, up to `most`."""
        return int(self._query(queue, "waiting#", Limit=most, Select="COUNT")["Count"])

    def watchers(self, queue: str) -> Sequence[Watcher]:
        """List the agents who are online for a queue."""
        found: list[Watcher] = []
        start: dict[str, Any] = {}
        while True:
            answer = self._query(queue, "watcher#", **start)
            for item in answer["Items"]:
                agent = str(plain(item["sk"])).partition("#")[2]
                found.append(Watcher(agent, tuple(plain(item["conns"]))))
            if "LastEvaluatedKey" not in answer:
                return found
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def watch(self, queues: Sequence[str], watcher: Watcher) -> None:
        """Show an agent as online in its queues."""
        connections = {"L": [attribute(connection) for connection in watcher.connections]}
        for queue in queues:
            with calling("The queue"):
                self._client.put_item(
                    TableName=self._table,
                    Item={**_key(queue, f"watcher#{watcher.agent}"), "conns": connections},
                )

    def unwatch(self, queues: Sequence[str], agent: str) -> None:
        """Take an agent out of its queues."""
        for queue in queues:
            with calling("The queue"):
                self._client.delete_item(TableName=self._table, Key=_key(queue, f"watcher#{agent}"))

    def add_wait(self, queue: str, seconds: int) -> None:
        """Count a wait among the last 20; one that loses to others three times is left out of the mean."""
        for _ in range(_RACES):
            item = self._get(queue, "WAITS")
            waits: list[int] = plain(item["waits"]) if item else []
            revision: int = plain(item["rev"]) if item else 0
            kept = [seconds, *waits][:WAITS_KEPT]
            written = {"waits": {"L": [attribute(wait) for wait in kept]}, "rev": attribute(revision + 1)}
            if self._won(
                self._client.put_item,
                Item={**_key(queue, "WAITS"), **written},
                ConditionExpression="attribute_not_exists(rev) OR rev = :rev",
                ExpressionAttributeValues={":rev": attribute(revision)},
            ):
                return

    def mean_wait(self, queue: str) -> int | None:
        """Give the mean of the last 20 accepted waits."""
        item = self._get(queue, "WAITS")
        waits: list[int] = plain(item["waits"]) if item else []
        return round(sum(waits) / len(waits)) if waits else None

    def claim_tick(self, queue: str, now: int, every: int) -> int | None:
        """Claim the next announcement: at once when the last is long ago, else when it may follow.

        One that lies ahead covers every change made until it reads the queue. Most changes find such a one, so this
        reads before it writes; whoever loses the write is covered by the announcement that won it.
        """
        item = self._get(queue, "TICK")
        if item is None or "tick_at" not in item:
            return now if self._move_tick(queue, now, "attribute_not_exists(tick_at)") else None
        last: int = plain(item["tick_at"])
        if last > now:
            return None
        following = max(now, last + every)
        return following if self._move_tick(queue, following, "tick_at = :known", last) else None

    def swap_announced(self, queue: str, interactions: Sequence[str]) -> Sequence[str]:
        """Remember whose positions are announced now; returns whose were before."""
        with calling("The queue"):
            answer = self._client.update_item(
                TableName=self._table,
                Key=_key(queue, "TICK"),
                UpdateExpression="SET announced = :now",
                ExpressionAttributeValues={":now": {"L": [attribute(name) for name in interactions]}},
                ReturnValues="UPDATED_OLD",
            )
        before: Mapping[str, Any] = answer.get("Attributes", {})
        return plain(before["announced"]) if "announced" in before else []

    def _move_tick(self, queue: str, to: int, condition: str, known: int | None = None) -> bool:
        values = {":to": attribute(to), **({} if known is None else {":known": attribute(known)})}
        return self._won(
            self._client.update_item,
            Key=_key(queue, "TICK"),
            UpdateExpression="SET tick_at = :to",
            ConditionExpression=condition,
            ExpressionAttributeValues=values,
        )

    def _won(self, write: Any, **request: Any) -> bool:
        try:
            with calling("The queue"):
                write(TableName=self._table, **request)
        except ClientError as error:
            if is_lost_condition(error):
                return False
            raise
        return True

    def _query(self, queue: str, prefix: str, **request: Any) -> Any:
        with calling("The queue"):
            return self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
                ExpressionAttributeValues={":pk": attribute(f"queue#{queue}"), ":prefix": attribute(prefix)},
                ConsistentRead=True,
                **request,
            )

    def _get(self, queue: str, sort_key: str) -> Any:
        with calling("The queue"):
            answer = self._client.get_item(
                TableName=self._table, Key=_key(queue, sort_key), ConsistentRead=True
            )
        return answer.get("Item")


def _key(queue: str, sort_key: str) -> dict[str, Any]:
    return {"pk": attribute(f"queue#{queue}"), "sk": attribute(sort_key)}
