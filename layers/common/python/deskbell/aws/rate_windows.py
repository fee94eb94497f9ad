"""The rate windows in DynamoDB: each write of the core as one UpdateItem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deskbell.aws.conditional_update import (
    Numbers,
    Update,
    Updated,
    conditional_update,
    require_one_attempt,
)
from deskbell.ports import NotWrittenError
from deskbell.rate_window import (
    BUCKETS,
    Add,
    GiveBack,
    Outcome,
    Refused,
    Roll,
    Throttled,
    Window,
    WindowWrite,
    Written,
    lapses,
    slot_of,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TTL = {"#ttl": "ttl"}


class DynamoRateWindows:
    """Windows as items `{pk, m, tot, b0..b61, ttl}`; `ports.RateWindows` on a table whose key is `pk`."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        require_one_attempt(client)
        self._client = client
        self._table = table

    def write(self, write: WindowWrite) -> Outcome:
        """Try one write, once, on the window it names."""
        try:
            answer = conditional_update(self._client, self._table, write.key, _update(write))
        except NotWrittenError:
            return Throttled()
        if isinstance(answer, Updated):
            return Written(_window(answer.numbers))
        return Refused(_window(answer.found) if answer.found else None)


def _update(write: WindowWrite) -> Update:
    match write:
        case Add():
            return _adding(write)
        case Roll():
            return _rolling(write)
        case GiveBack():
            return _giving_back(write)


def _adding(write: Add) -> Update:
    return Update(
        f"SET m = :m, #ttl = :ttl ADD tot :one, {_bucket(write.minute)} :one",
        "attribute_not_exists(m) OR (m = :m AND tot < :limit)",
        {"m": write.minute, "ttl": lapses(write.minute), "one": 1, "limit": write.limit},
        _TTL,
    )


def _rolling(write: Roll) -> Update:
    bucket = _bucket(write.minute)
    dropped = {f"b{slot}": count for slot, count in write.expired.items()}
    removed = [name for name in dropped if name != bucket]
    expression = f"SET m = :m, #ttl = :ttl, tot = tot + :change, {bucket} = :one"
    return Update(
        f"{expression} REMOVE {', '.join(removed)}" if removed else expression,
        " AND ".join(["m = :since", "tot < :room", *(f"{name} = :{name}" for name in dropped)]),
        {
            "m": write.minute,
            "ttl": lapses(write.minute),
            "change": 1 - write.dropped,
            "one": 1,
            "since": write.since,
            "room": write.limit + write.dropped,
            **dropped,
        },
        _TTL,
    )


def _giving_back(write: GiveBack) -> Update:
    bucket = _bucket(write.minute)
    return Update(
        f"ADD tot :less, {bucket} :less",
        f"m BETWEEN :minute AND :latest AND {bucket} > :none",
        {"less": -1, "minute": write.minute, "latest": write.minute + BUCKETS - 1, "none": 0},
    )


def _bucket(minute: int) -> str:
    return f"b{slot_of(minute)}"


def _window(numbers: Numbers) -> Window:
    return Window(
        minute=numbers["m"],
        total=numbers["tot"],
        buckets={int(name[1:]): count for name, count in numbers.items() if name.startswith("b")},
    )
