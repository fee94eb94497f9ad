"""One UpdateItem of numbers under a condition, tried once, with the three ways it can end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import ClientError

from deskbell.aws.dynamo import calling, is_lost_condition

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import UpdateItemInputTypeDef

# An automatic retry of an ADD whose answer was lost would count twice.
ONE_ATTEMPT = Config(retries={"total_max_attempts": 1, "mode": "standard"}, connect_timeout=1, read_timeout=2)

type Numbers = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Update:
    """The expressions of an update, and its values by placeholder without the colon."""

    expression: str
    condition: str
    values: Numbers
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Updated:
    """The item's numbers after the update."""

    numbers: Numbers


@dataclass(frozen=True, slots=True)
class NotUpdated:
    """The numbers of the item that did not meet the condition, None where there is no item."""

    found: Numbers | None


def require_one_attempt(client: DynamoDBClient) -> None:
    """Raise ValueError for a client that would repeat an update by itself, unlike one made with ONE_ATTEMPT."""
    retries = getattr(client.meta.config, "retries", None) or {}
    if retries.get("total_max_attempts") != 1:
        raise ValueError("rates are counted with a client of one attempt (conditional_update.ONE_ATTEMPT)")


def conditional_update(client: DynamoDBClient, table: str, key: str, update: Update) -> Updated | NotUpdated:
    """Make the update of the item whose `pk` is `key`.

    Raises NotWrittenError when it was turned away, UnavailableError where the outcome is not known. What is wrong
    with the request itself (a missing table or permission) comes as botocore raises it.
    """
    request: UpdateItemInputTypeDef = {
        "TableName": table,
        "Key": {"pk": {"S": key}},
        "UpdateExpression": update.expression,
        "ConditionExpression": update.condition,
        "ExpressionAttributeValues": {f":{name}": {"N": str(n)} for name, n in update.values.items()},
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if update.names:
        request["ExpressionAttributeNames"] = update.names
    try:
        with calling("The count of the rates"):
            answer = client.update_item(**request)
    except ClientError as error:
        if not is_lost_condition(error):
            raise
        found: Any = error.response.get("Item")
        return NotUpdated(_numbers(found) if found else None)
    return Updated(_numbers(answer["Attributes"]))


def _numbers(item: Mapping[str, Any]) -> Numbers:
    return {name: int(value["N"]) for name, value in item.items() if "N" in value}
