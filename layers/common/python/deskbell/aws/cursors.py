"""How far each participant has received and read, in DynamoDB: one small item each, which only moves forward."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from deskbell.aws.dynamo import attribute, calling, is_lost_condition, plain
from deskbell.aws.items import RETENTION_SECONDS
from deskbell.identity import agent_of
from deskbell.ports import ReadState

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PUSH_EVERY = 1_000


class DynamoCursors:
    """`ports.Cursors` on the chats table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def advance(self, interaction: str, participant: str, state: ReadState, seq: int, at: int) -> bool:
        """Move a cursor forward; tells whether the others should hear of it now.

        The first write holds when a second has passed since this state's last push; else a second one only moves the
        cursor.
        """
        unread = "(attribute_not_exists(#cursor) OR #cursor < :seq)"
        pushable = "(attribute_not_exists(#pushed) OR #pushed <= :earlier)"
        values = {":seq": seq, ":ttl": at // 1000 + RETENTION_SECONDS}
        pushed = {**values, ":at": at, ":earlier": at - PUSH_EVERY}
        key = _key(interaction, participant)
        names = {"#cursor": state, "#ttl": "ttl"}
        moving = "SET #cursor = :seq, #ttl = :ttl"
        if self._set(
            key,
            f"{moving}, #pushed = :at",
            f"{unread} AND {pushable}",
            {**names, "#pushed": f"pushed_{state}"},
            pushed,
        ):
            return True
        self._set(key, moving, unread, names, values)
        return False

    def _set(
        self,
        key: Any,
        expression: str,
        condition: str,
        names: Mapping[str, str],
        values: Mapping[str, int],
    ) -> bool:
        try:
            with calling("The cursor"):
                self._client.update_item(
                    TableName=self._table,
                    Key=key,
                    UpdateExpression=expression,
                    ConditionExpression=condition,
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues={name: attribute(value) for name, value in values.items()},
                )
        except ClientError as error:
            if is_lost_condition(error):
                return False
            raise
        return True

    def read(self, interaction: str) -> Mapping[str, int]:
        """Give the highest entry each participant has read: by agent id, and `guest`."""
        with calling("The cursor"):
            answer = self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": attribute(f"cursors#{interaction}")},
                ConsistentRead=True,
            )
        found = {str(plain(item["sk"])): plain(item["read"]) for item in answer["Items"] if "read" in item}
        return {agent_of(participant) or participant: seq for participant, seq in found.items()}


def _key(interaction: str, participant: str) -> Any:
    return {"pk": attribute(f"cursors#{interaction}"), "sk": attribute(participant)}
