"""The configuration table: immutable snapshots in chunks, and one pointer to the current one.

    pk                              sk          attributes
    configuration                   current     version, digest, chunks, format, previous {the same four}
    snapshot#<version>#<digest>     0000...     data: a piece of the zlib-compressed JSON of the changes

A snapshot's key carries its digest, so writers of the same version never touch each other's chunks.
"""

import hashlib
import json
import logging
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from deskbell.configuration import FORMAT, Configuration, Document
from deskbell.errors import ConflictError, InvalidFieldError, UnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_LOOK_EVERY = 5_000
# An item holds at most 400 KB (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html).
CHUNK_BYTES = 350_000
_POINTER = {"pk": {"S": "configuration"}, "sk": {"S": "current"}}

_log = logging.getLogger(__name__)


class UnreadableSnapshotError(Exception):
    """A snapshot is incomplete, damaged, or not valid for this code."""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """Where a snapshot is and what it must be."""

    version: int
    digest: str
    chunks: int
    format: int

    @property
    def key(self) -> str:
        return f"snapshot#{self.version}#{self.digest}"

    def item(self) -> dict[str, Any]:
        numbers = {name: {"N": str(getattr(self, name))} for name in ("version", "chunks", "format")}
        return {**numbers, "digest": {"S": self.digest}}

    @classmethod
    def of(cls, item: dict[str, Any]) -> "_Snapshot":
        numbers = {name: int(item[name]["N"]) for name in ("version", "chunks", "format")}
        return cls(digest=item["digest"]["S"], **numbers)


class DynamoConfigurations:
    """Reads whole configurations for functions, and stores new versions for those who change it."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table
        self._held: tuple[_Snapshot | None, Configuration] | None = None
        self._looked_at = 0

    def current(self, now: int) -> Configuration:
        """Give the configuration, at most five seconds old (`now` in epoch milliseconds).

        When it cannot be read or no longer validates, gives the last good one; raises UnavailableError only
        where there has been none yet.
        """
        if self._held is None or not 0 <= now - self._looked_at < _LOOK_EVERY:
            try:
                self._look()
            except (ClientError, BotoCoreError) as problem:
                if self._held is None:
                    raise UnavailableError("The configuration cannot be read.") from problem
                _log.warning("configuration_not_read", exc_info=problem)
            self._looked_at = now
        assert self._held is not None  # noqa: S101 - `_look` sets it or raises
        return self._held[1]

    def stored(self) -> Configuration:
        """Read the current configuration, strongly consistent; the shipped one where there is none."""
        try:
            item = self._pointer(consistent=True)
            return Configuration.shipped() if item is None else self._load_or_previous(item)[1]
        except (ClientError, BotoCoreError) as problem:
            raise UnavailableError("The configuration cannot be read.") from problem

    def save(self, changes: Document, expected_version: int) -> int:
        """Store a validated document as a new version and make it current; returns that version.

        Raises ConflictError when the current version is not the expected one.
        """
        packed = zlib.compress(json.dumps(changes, sort_keys=True, separators=(",", ":")).encode(), 9)
        pieces = [packed[at : at + CHUNK_BYTES] for at in range(0, len(packed), CHUNK_BYTES)]
        digest = hashlib.sha256(packed).hexdigest()
        snapshot = _Snapshot(expected_version + 1, digest, len(pieces), FORMAT)
        try:
            item = self._pointer(consistent=True)
            if (0 if item is None else _Snapshot.of(item).version) != expected_version:
                raise _overtaken(expected_version)
            for number, piece in enumerate(pieces):
                chunk: dict[str, Any] = {
                    "pk": {"S": snapshot.key},
                    "sk": {"S": f"{number:04}"},
                    "data": {"B": piece},
                }
                self._client.put_item(TableName=self._table, Item=chunk)
            self._flip(snapshot, item)
        except (ClientError, BotoCoreError) as problem:
            raise UnavailableError("The configuration cannot be written.") from problem
        return snapshot.version

    def _flip(self, snapshot: _Snapshot, before: dict[str, Any] | None) -> None:
        item = {**_POINTER, **snapshot.item()}
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if before is not None:
            replaced = _Snapshot.of(before)
            item["previous"] = {"M": replaced.item()}
            condition = {
                "ConditionExpression": "version = :version AND digest = :digest",
                "ExpressionAttributeValues": {
                    ":version": {"N": str(replaced.version)},
                    ":digest": {"S": replaced.digest},
                },
            }
        try:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **condition,
            )
        except self._client.exceptions.ConditionalCheckFailedException as problem:
            # The client library may have sent the put twice, the first time with success.
            there: Any = problem.response.get("Item")
            if not there or _Snapshot.of(there) != snapshot:
                raise _overtaken(snapshot.version - 1) from None

    def _look(self) -> None:
        item = self._pointer(consistent=False)
        if item is None:
            self._held = (None, Configuration.shipped())
        elif self._held is None:
            self._held = self._load_or_previous(item)
        elif _Snapshot.of(item) != self._held[0]:
            snapshot = _Snapshot.of(item)
            try:
                self._held = (snapshot, self._load(snapshot))
            except UnreadableSnapshotError as problem:
                _log.error("configuration_unreadable", extra={"version": snapshot.version}, exc_info=problem)

    def _load_or_previous(self, item: dict[str, Any]) -> tuple[_Snapshot | None, Configuration]:
        """The snapshot pointed to, else the one before it; raises UnavailableError where neither can be read.

        What ships is no substitute: it would send real guests to queues that nobody serves.
        """
        pointed = [item, item["previous"]["M"]] if "previous" in item else [item]
        for snapshot in map(_Snapshot.of, pointed):
            try:
                return snapshot, self._load(snapshot)
            except UnreadableSnapshotError as problem:
                _log.error("configuration_unreadable", extra={"version": snapshot.version}, exc_info=problem)
        raise UnavailableError("The configuration cannot be read.")

    def _load(self, snapshot: _Snapshot) -> Configuration:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": snapshot.key}},
            ConsistentRead=True,
        )
        packed = b"".join(item["data"]["B"] for page in pages for item in page["Items"])
        if hashlib.sha256(packed).hexdigest() != snapshot.digest:
            raise UnreadableSnapshotError("The chunks do not add up to the snapshot.")
        document: Document = json.loads(zlib.decompress(packed))
        if snapshot.format == FORMAT:
            return Configuration.trusted(document, snapshot.version)
        try:
            return Configuration.from_document(document, snapshot.version)
        except InvalidFieldError as problem:
            raise UnreadableSnapshotError(f"{problem.detail}") from problem

    def _pointer(self, *, consistent: bool) -> dict[str, Any] | None:
        answer = self._client.get_item(TableName=self._table, Key=_POINTER, ConsistentRead=consistent)
        return dict(answer["Item"]) if "Item" in answer else None


def _overtaken(expected_version: int) -> ConflictError:
    return ConflictError(f"The configuration is no longer at version {expected_version}.")
