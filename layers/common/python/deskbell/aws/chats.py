"""Interactions and their logs in DynamoDB: one partition a conversation, one conditional write a fact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from deskbell.aws.conflicts import through_conflicts
from deskbell.aws.dynamo import attribute, calling, error_code, is_lost_condition, plain
from deskbell.aws.items import (
    DUE_INDEX,
    LAST_ENTRY,
    STATE,
    chat_key,
    entry_item,
    entry_key,
    read_entry,
    read_state,
    state_item,
)
from deskbell.aws.transition_writes import raise_why_cancelled, transition_writes
from deskbell.errors import UnavailableError
from deskbell.interaction import Interaction
from deskbell.lifecycle import Transition
from deskbell.message_log import TAIL_BYTES, Entry, Page, Tail, Visibility
from deskbell.ports import NotWrittenError, Overdue, SupersededError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FIRST_ENTRIES = 8
PAGE_ENTRIES = 64
OVERDUE_AT_ONCE = 100
_NEW = "attribute_not_exists(pk)"


class DynamoChats:
    """`ports.Chats` on the chats table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def create(self, interaction: Interaction, opening: Entry) -> bool:
        """Store a new interaction and its first entry, unless it is there; tell whether it was new.

        Two writes and no transaction, which would cost twice the units: the opening first, so that STATE never
        stands without it. What a crash leaves in between is completed by a repeat or expires.
        """
        self._put_new(entry_item(opening))
        unanswered: UnavailableError | None = None
        try:
            if self._put_new(state_item(interaction)):
                return True
        except NotWrittenError:
            raise
        except UnavailableError as error:
            unanswered = error
        # Somebody was first, or an attempt of ours arrived and its answer did not: the moment tells which.
        found = self.load(interaction.id)
        if found is None and unanswered is not None:
            raise unanswered
        return found is not None and found.opened_at == interaction.opened_at

    def load(self, interaction: str) -> Interaction | None:
        """Read STATE, strongly consistent."""
        item = self._get(interaction, STATE)
        return read_state(item) if item else None

    def opening(self, interaction: str) -> Entry | None:
        """Read entry 1."""
        item = self._get(interaction, entry_key(1))
        return read_entry(item) if item else None

    def tail(self, interaction: str, after: int | None = None, log: Visibility = "comment") -> Tail | None:
        """Read STATE and the log from `after` to its head; work notes cost a second read."""
        if log == "comment":
            return self._comments(interaction, after)
        state = self.load(interaction)
        notes = self._backward(chat_key(interaction, log), after, LAST_ENTRY, 1)
        return Tail(state, tuple(map(read_entry, reversed(notes[0]))), notes[1]) if state else None

    def page(self, interaction: str, after: int, most_bytes: int, log: Visibility = "comment") -> Page:
        """Read consecutive entries behind `after`, strongly consistent."""
        items: list[Entry] = []
        size = 0
        start: dict[str, Any] | None = None
        while True:
            answer = self._query(
                chat_key(interaction, log),
                entry_key(after + 1),
                LAST_ENTRY,
                forward=True,
                limit=PAGE_ENTRIES,
                start=start,
            )
            for item in answer["Items"]:
                entry = read_entry(item)
                size += _size(entry)
                if items and size > most_bytes:
                    return Page(tuple(items), more=True)
                items.append(entry)
            start = answer.get("LastEvaluatedKey")
            if start is None:
                return Page(tuple(items), more=False)

    def append(self, entry: Entry) -> Entry | None:
        """Put an entry at its number if that is free; otherwise return what stands there.

        A transaction under way at the same place makes DynamoDB turn the put away: it is tried again.
        """

        def put() -> None:
            with calling("The conversation"):
                self._client.put_item(
                    TableName=self._table,
                    Item=entry_item(entry),
                    ConditionExpression=_NEW,
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )

        try:
            through_conflicts(put)
        except ClientError as error:
            if not is_lost_condition(error):
                raise
            occupant: Any = error.response["Item"]  # type: ignore[typeddict-item]
            return read_entry(occupant)
        return None

    def save(self, interaction: Interaction) -> None:
        """Write STATE over the revision it was read at; raises SupersededError."""
        written = replace(interaction, revision=interaction.revision + 1)

        def put() -> None:
            with calling("The conversation"):
                self._client.put_item(
                    TableName=self._table,
                    Item=state_item(written),
                    ConditionExpression="rev = :rev",
                    ExpressionAttributeValues={":rev": attribute(interaction.revision)},
                )

        try:
            through_conflicts(put)
        except NotWrittenError as error:
            raise SupersededError from error
        except ClientError as error:
            if is_lost_condition(error):
                raise SupersededError from error
            raise

    def commit(self, transition: Transition) -> None:
        """Write a transition whole; raises SupersededError, or UnavailableError where the outcome is not known."""
        writes = transition_writes(self._table, transition)
        try:
            with calling("The conversation"):
                self._client.transact_write_items(TransactItems=writes)
        except ClientError as error:
            if error_code(error) == "TransactionCanceledException":
                raise_why_cancelled(error)
            if error_code(error) == "TransactionInProgressException":
                # An attempt of ours whose answer was lost is still at it.
                raise UnavailableError("The conversation did not answer; try again.") from error
            raise

    def overdue(self, before: int, shard: int) -> Sequence[Overdue]:
        """Read one shard of the due index, which may lag a moment behind."""
        with calling("The due index"):
            answer = self._client.query(
                TableName=self._table,
                IndexName=DUE_INDEX,
                KeyConditionExpression="due_shard = :shard AND due_at <= :before",
                ExpressionAttributeValues={":shard": attribute(f"due#{shard}"), ":before": attribute(before)},
                Limit=OVERDUE_AT_ONCE,
            )
        found = []
        for item in answer["Items"]:
            kind, _, name = str(plain(item["pk"])).partition("#")
            found.append(Overdue("agent" if kind == "agent" else "interaction", name, plain(item["due_at"])))
        return found

    def _comments(self, interaction: str, after: int | None) -> Tail | None:
        items, complete = self._backward(chat_key(interaction), after, STATE, 2)
        if not items or plain(items[0]["sk"]) != STATE:
            return None
        return Tail(read_state(items[0]), tuple(map(read_entry, reversed(items[1:]))), complete)

    def _backward(self, key: str, after: int | None, last: str, fewest: int) -> tuple[list[Any], bool]:
        """Read items from the end of a partition down to `after`, or as far as a send may read."""
        items: list[Any] = []
        size = 0
        start: dict[str, Any] | None = None
        limit = fewest if after is None else FIRST_ENTRIES
        while True:
            answer = self._query(key, entry_key(after or 0), last, forward=False, limit=limit, start=start)
            for item in answer["Items"]:
                items.append(item)
                size += len(plain(item["text"]).encode()) if "text" in item else 0
                if after is not None and size > TAIL_BYTES:
                    return items, int(plain(item["sk"])) <= max(after, 1)
            start = answer.get("LastEvaluatedKey")
            if start is None or after is None:
                return items, True
            limit = PAGE_ENTRIES

    def _query(
        self, key: str, first: str, last: str, *, forward: bool, limit: int, start: dict[str, Any] | None
    ) -> Any:
        request: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":pk": attribute(key),
                ":first": attribute(first),
                ":last": attribute(last),
            },
            "ScanIndexForward": forward,
            "ConsistentRead": True,
            "Limit": limit,
        }
        if start is not None:
            request["ExclusiveStartKey"] = start
        with calling("The conversation"):
            return self._client.query(**request)

    def _get(self, interaction: str, sort_key: str) -> Any:
        with calling("The conversation"):
            answer = self._client.get_item(
                TableName=self._table,
                Key={"pk": attribute(chat_key(interaction)), "sk": attribute(sort_key)},
                ConsistentRead=True,
            )
        return answer.get("Item")

    def _put_new(self, item: dict[str, Any]) -> bool:
        try:
            with calling("The conversation"):
                self._client.put_item(TableName=self._table, Item=item, ConditionExpression=_NEW)
        except ClientError as error:
            if is_lost_condition(error):
                return False
            raise
        return True


def _size(entry: Entry) -> int:
    return len((entry.text or "").encode()) + 300
