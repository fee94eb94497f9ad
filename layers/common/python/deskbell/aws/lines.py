"""Queues as people stand in them, in DynamoDB: base-table items, read consistently.

`queue#<queue>` carries those who wait, whom transitions write, and nobody else: one partition takes 1,000 write units a
second. The sockets that watch it, its announcements (`TICK`) and its waits (`WAITS`) have partitions of their own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from deskbell.aws.dynamo import attribute, calling, is_lost_condition, plain
from deskbell.aws.items import read_waiting
from deskbell.lifecycle import WaitingEntry
from deskbell.ports import Watcher

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WAITS_KEPT = 20
CLAIM_LASTS = 15_000
"""How long after its moment a claimed announcement may begin, in milliseconds; then it counts as lost."""
WATCH_LASTS = 3 * 3_600
"""Seconds. API Gateway closes a socket after two hours, whether or not anybody hears of it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
"""
_RACES = 3


class DynamoLines:
    """`ports.Lines` on the chats table."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    def first(self, queue: str, most: int) -> Sequence[WaitingEntry]:
        """List those who have waited longest."""
        answer = self._waiting(queue, Limit=most)
        return [read_waiting(item) for item in answer["Items"]]

    def length(self, queue: str, most: int) -> int:
        """Count those who wait, up to `most`."""
        return int(self._waiting(queue, Limit=most, Select="COUNT")["Count"])

    def watchers(self, queue: str) -> Sequence[Watcher]:
        """List the sockets of agents who are online for a queue; DynamoDB removes expired ones when it likes."""
        found: list[Watcher] = []
        start: dict[str, Any] = {}
        now = self._clock()
        while True:
            answer = self._query("pk = :pk", {":pk": attribute(f"watchers#{queue}")}, **start)
            found += [_read_watcher(item) for item in answer["Items"] if plain(item["ttl"]) > now]
            if "LastEvaluatedKey" not in answer:
                return found
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def watch(self, queues: Sequence[str], watcher: Watcher, at: int) -> None:
        """Have announcements sent to a socket: an item of its own, so that what other sockets do commutes with it."""
        ttl = attribute(at // 1000 + WATCH_LASTS)
        for queue in queues:
            with calling("The queue"):
                self._client.put_item(
                    TableName=self._table, Item={**_watcher_key(queue, watcher), "ttl": ttl}
                )

    def unwatch(self, queues: Sequence[str], watcher: Watcher) -> None:
        """Have them sent no more."""
        for queue in queues:
            with calling("The queue"):
                self._client.delete_item(TableName=self._table, Key=_watcher_key(queue, watcher))

    def add_wait(self, queue: str, seconds: int) -> None:
        """Count a wait among the last 20; one that loses to others three times is left out of the mean."""
        for _ in range(_RACES):
            item = self._waits(queue)
            waits: list[int] = plain(item["waits"]) if item else []
            revision: int = plain(item["rev"]) if item else 0
            kept = [seconds, *waits][:WAITS_KEPT]
            written = {"waits": {"L": [attribute(wait) for wait in kept]}, "rev": attribute(revision + 1)}
            if self._won(
                self._client.put_item,
                Item={**_waits_key(queue), **written},
                ConditionExpression="attribute_not_exists(rev) OR rev = :rev",
                ExpressionAttributeValues={":rev": attribute(revision)},
            ):
                return

    def mean_wait(self, queue: str) -> int | None:
        """Give the mean of the last 20 accepted waits."""
        item = self._waits(queue)
        waits: list[int] = plain(item["waits"]) if item else []
        return round(sum(waits) / len(waits)) if waits else None

    def claim_announcement(self, queue: str, now: int, every: int) -> int | None:
        """Claim the next announcement by marking it as pending, if it is not or its claim was lost.

        What is pending is due when it was claimed or `every` after the last one began, whichever is later.
        """
        lost = now - CLAIM_LASTS
        try:
            with calling("The queue"):
                answer = self._client.update_item(
                    TableName=self._table,
                    Key=_tick_key(queue),
                    UpdateExpression="SET pending = :now",
                    ConditionExpression="attribute_not_exists(pending) OR (pending < :lost AND "
                    "(attribute_not_exists(begun_at) OR begun_at < :begun_before))",
                    ExpressionAttributeValues={
                        ":now": attribute(now),
                        ":lost": attribute(lost),
                        ":begun_before": attribute(lost - every),
                    },
                    ReturnValues="ALL_OLD",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            if not is_lost_condition(error):
                raise
            found: Any = error.response["Item"]  # type: ignore[typeddict-item]
            # An attempt before this one may have claimed it without our hearing of that.
            repeated = bool(error.response["ResponseMetadata"].get("RetryAttempts"))
            return _moment(found, now, every) if repeated and plain(found["pending"]) == now else None
        return _moment(answer.get("Attributes", {}), now, every)

    def begin_announcement(self, queue: str, now: int) -> None:
        """Let changes from now on claim the next announcement."""
        with calling("The queue"):
            self._client.update_item(
                TableName=self._table,
                Key=_tick_key(queue),
                UpdateExpression="SET begun_at = :now REMOVE pending",
                ExpressionAttributeValues={":now": attribute(now)},
            )

    def swap_announced(self, queue: str, interactions: Sequence[str]) -> Sequence[str]:
        """Remember whose positions are announced now; returns whose were before."""
        with calling("The queue"):
            answer = self._client.update_item(
                TableName=self._table,
                Key=_tick_key(queue),
                UpdateExpression="SET announced = :now",
                ExpressionAttributeValues={":now": {"L": [attribute(name) for name in interactions]}},
                ReturnValues="UPDATED_OLD",
            )
        before: Mapping[str, Any] = answer.get("Attributes", {})
        return plain(before["announced"]) if "announced" in before else []

    def _won(self, write: Any, **request: Any) -> bool:
        try:
            with calling("The queue"):
                write(TableName=self._table, **request)
        except ClientError as error:
            if is_lost_condition(error):
                return False
            raise
        return True

    def _waiting(self, queue: str, **request: Any) -> Any:
        values = {":pk": attribute(f"queue#{queue}"), ":prefix": attribute("waiting#")}
        return self._query("pk = :pk AND begins_with(sk, :prefix)", values, **request)

    def _query(self, condition: str, values: Mapping[str, Any], **request: Any) -> Any:
        with calling("The queue"):
            return self._client.query(
                TableName=self._table,
                KeyConditionExpression=condition,
                ExpressionAttributeValues=values,
                ConsistentRead=True,
                **request,
            )

    def _waits(self, queue: str) -> Any:
        with calling("The queue"):
            answer = self._client.get_item(TableName=self._table, Key=_waits_key(queue), ConsistentRead=True)
        return answer.get("Item")


def _moment(tick: Mapping[str, Any], claimed_at: int, every: int) -> int:
    return max(claimed_at, plain(tick["begun_at"]) + every) if "begun_at" in tick else claimed_at


def _watcher_key(queue: str, watcher: Watcher) -> dict[str, Any]:
    return {
        "pk": attribute(f"watchers#{queue}"),
        "sk": attribute(f"{watcher.agent}#{watcher.connection}"),
    }


def _read_watcher(item: Mapping[str, Any]) -> Watcher:
    agent, _, connection = str(plain(item["sk"])).rpartition("#")
    return Watcher(agent, connection)


def _tick_key(queue: str) -> dict[str, Any]:
    return {"pk": attribute(f"tick#{queue}"), "sk": attribute("TICK")}


def _waits_key(queue: str) -> dict[str, Any]:
    return {"pk": attribute(f"waits#{queue}"), "sk": attribute("WAITS")}
