"""The frame rates in DynamoDB: each lease of the core as one UpdateItem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deskbell.aws.conditional_update import (
    Update,
    Updated,
    conditional_update,
    require_one_attempt,
)
from deskbell.frame_rate import Extend, Leased, LeaseOutcome, LeaseWrite, NotLeased, Start, lapses

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TTL = {"#ttl": "ttl"}


class DynamoFrameRates:
    """Items `{pk: frames#<connection>, tat, ttl}`; `ports.FrameRates` on a table whose key is `pk`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        require_one_attempt(client)
        self._client = client
        self._table = table

    def lease(self, write: LeaseWrite) -> LeaseOutcome:
        """Try one write, once, on the connection it names."""
        key = f"frames#{write.connection}"
        answer = conditional_update(self._client, self._table, key, _update(write))
        if isinstance(answer, Updated):
            return Leased(answer.numbers["tat"])
        return NotLeased(answer.found["tat"] if answer.found else None)


def _update(write: LeaseWrite) -> Update:
    ttl = lapses(write.now)
    match write:
        case Start():
            return Update(
                "SET tat = :tat, #ttl = :ttl",
                "attribute_not_exists(tat) OR tat <= :now",
                {"tat": write.tat, "ttl": ttl, "now": write.now},
                _TTL,
            )
        case Extend():
            return Update(
                "SET tat = tat + :by, #ttl = :ttl",
                "tat > :now AND tat <= :latest",
                {"by": write.by, "ttl": ttl, "now": write.now, "latest": write.latest},
                _TTL,
            )
