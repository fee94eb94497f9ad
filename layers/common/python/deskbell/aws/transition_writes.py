"""A transition as one DynamoDB transaction, and why it was cancelled if it was.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NoReturn

from botocore.exceptions import ClientError

from deskbell.aws.conflicts import let_others_finish
from deskbell.aws.dynamo import attribute
from deskbell.aws.items import agent_key, entry_item, state_item, waiting_key
from deskbell.lifecycle import Freeing, Taking, Transition
from deskbell.ports import NotWrittenError, SupersededError

_CONFLICT = "TransactionConflict"
_BUSY = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError"})


def transition_writes(table: str, transition: Transition) -> list[Any]:
    """List what one transaction must write."""
    return list(_writes(table, transition))


def raise_why_cancelled(error: ClientError) -> NoReturn:
    """Raise what the cancellation of a transaction means; it has certainly written nothing.

    SupersededError where a condition did not hold or another write was under way, which gets a moment to finish;
    NotWrittenError where the table was busy. What is wrong with the request itself comes as botocore raises it.
    """
    reasons: Any = error.response.get("CancellationReasons", [])
    codes = {reason.get("Code") for reason in reasons}
    if _CONFLICT in codes:
        let_others_finish()
    if codes & {_CONFLICT, "ConditionalCheckFailed"}:
        raise SupersededError from error
    if codes & _BUSY:
        raise NotWrittenError("The conversation is busy; try again.") from error
    raise error


def _writes(table: str, transition: Transition) -> Iterator[dict[str, Any]]:
    before = transition.before
    after = replace(transition.after, revision=before.revision + 1)
    yield {
        "Put": {
            "TableName": table,
            "Item": state_item(after),
            "ConditionExpression": "rev = :rev",
            "ExpressionAttributeValues": {":rev": attribute(before.revision)},
        }
    }
    for entry in transition.entries:
        yield {
            "Put": {
                "TableName": table,
                "Item": entry_item(entry),
                "ConditionExpression": "attribute_not_exists(pk)",
            }
        }
    if transition.leaves is not None:
        yield {"Delete": {"TableName": table, "Key": waiting_key(transition.leaves)}}
    if transition.enters is not None:
        yield {"Put": {"TableName": table, "Item": waiting_key(transition.enters)}}
    if transition.takes is not None:
        yield {"Update": _take(table, transition.takes, before.id, transition.after.accepted_at or 0)}
    if transition.frees is not None:
        yield {"Update": _free(table, transition.frees, before.id)}


def _take(table: str, taking: Taking, interaction: str, at: int) -> dict[str, Any]:
    connections = {name: attribute(since) for name, since in taking.connections.items()}
    values = {":at": attribute(at), ":conns": {"M": connections}}
    condition = "attribute_exists(slots) AND conns = :conns AND attribute_not_exists(lost)"
    if taking.capacity >= 0:
        condition += " AND (attribute_exists(slots.#i) OR size(slots) < :capacity)"
        values[":capacity"] = attribute(taking.capacity)
    return {
        "TableName": table,
        "Key": agent_key(taking.agent),
        "UpdateExpression": "SET slots.#i = :at",
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {"#i": interaction},
        "ExpressionAttributeValues": values,
    }


def _free(table: str, freeing: Freeing, interaction: str) -> dict[str, Any]:
    # An agent's item always has its slots; the condition keeps a transaction from making a torso of an item.
    return {
        "TableName": table,
        "Key": agent_key(freeing.agent),
        "UpdateExpression": "REMOVE slots.#i",
        "ConditionExpression": "attribute_exists(slots)"
        + (" AND attribute_exists(lost)" if freeing.if_lost else ""),
        "ExpressionAttributeNames": {"#i": interaction},
    }
