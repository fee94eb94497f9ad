"""A transition as one DynamoDB transaction, and why it was cancelled if it was.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NoReturn

from botocore.exceptions import ClientError

from deskbell.aws.dynamo import attribute
from deskbell.aws.items import agent_key, entry_item, state_item, waiting_key
from deskbell.errors import AtCapacityError
from deskbell.lifecycle import Transition
from deskbell.ports import SupersededError


@dataclass(frozen=True, slots=True)
class Write:
    """One action of a transaction, and what it is about."""

    about: Literal["state", "entry", "line", "slot"]
    item: Any


def transition_writes(table: str, transition: Transition) -> list[Write]:
    """List what one transaction must write."""
    return list(_writes(table, transition))


def raise_why_cancelled(error: ClientError, writes: Sequence[Write]) -> NoReturn:
    """Raise AtCapacityError where only the agent's slot refused, SupersededError for every other loss."""
    reasons: Any = error.response.get("CancellationReasons", [])
    lost = {
        write.about
        for write, reason in zip(writes, reasons, strict=False)
        if reason.get("Code", "None") != "None"
    }
    full = any(
        write.about == "slot" and reason.get("Code") == "ConditionalCheckFailed"
        for write, reason in zip(writes, reasons, strict=False)
    )
    if full and lost == {"slot"}:
        raise AtCapacityError("You have as many conversations as your capacity allows.") from error
    raise SupersededError from error


def _writes(table: str, transition: Transition) -> Iterator[Write]:
    before = transition.before
    after = replace(transition.after, revision=before.revision + 1)
    yield Write(
        "state",
        {
            "Put": {
                "TableName": table,
                "Item": state_item(after),
                "ConditionExpression": "rev = :rev",
                "ExpressionAttributeValues": {":rev": attribute(before.revision)},
            }
        },
    )
    for entry in transition.entries:
        put = {
            "TableName": table,
            "Item": entry_item(entry),
            "ConditionExpression": "attribute_not_exists(pk)",
        }
        yield Write("entry", {"Put": put})
    if transition.leaves is not None:
        yield Write("line", {"Delete": {"TableName": table, "Key": waiting_key(transition.leaves)}})
    if transition.enters is not None:
        yield Write("line", {"Put": {"TableName": table, "Item": waiting_key(transition.enters)}})
    if transition.takes is not None:
        yield Write("slot", {"Update": _take(table, transition)})
    if transition.frees is not None:
        yield Write("slot", {"Update": _free(table, transition.frees.agent, before.id)})


def _take(table: str, transition: Transition) -> dict[str, Any]:
    slot = transition.takes
    assert slot is not None  # noqa: S101 - the caller asked
    values = {":at": attribute(transition.after.accepted_at or 0)}
    condition = "attribute_exists(slots)"
    if slot.capacity >= 0:
        condition = "attribute_exists(slots.#i) OR size(slots) < :capacity"
        values[":capacity"] = attribute(slot.capacity)
    return {
        "TableName": table,
        "Key": agent_key(slot.agent),
        "UpdateExpression": "SET slots.#i = :at",
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {"#i": transition.before.id},
        "ExpressionAttributeValues": values,
    }


def _free(table: str, agent: str, interaction: str) -> dict[str, Any]:
    # An agent's item always has its slots; the condition keeps a transaction from making a torso of an item.
    return {
        "TableName": table,
        "Key": agent_key(agent),
        "UpdateExpression": "REMOVE slots.#i",
        "ConditionExpression": "attribute_exists(slots)",
        "ExpressionAttributeNames": {"#i": interaction},
    }
