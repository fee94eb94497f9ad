"""How DynamoDB is called: one client for what may be retried, and its failures in the core's terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from deskbell.errors import UnavailableError
from deskbell.ports import NotWrittenError

# Lambda and DynamoDB are a millisecond apart: what has not answered in two seconds is lost, and is tried again.
# The service checks requests too; checking them here as well is a quarter of a call's CPU.
PATIENT = Config(
    retries={"total_max_attempts": 3, "mode": "standard"},
    connect_timeout=1,
    read_timeout=2,
    parameter_validation=False,
)

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
_NOT_DONE = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionConflictException",
    }
)
_SERVER_ERROR = 500

type Item = Mapping[str, Any]


@contextmanager
def calling(what: str) -> Iterator[None]:
    """Raise UnavailableError for a call that was turned away or not answered; `what` names it in the refusal.

    What is wrong with the request itself (a missing table or permission) comes as botocore raises it.
    """
    try:
        yield
    except ClientError as error:
        metadata = error.response["ResponseMetadata"]
        busy = error_code(error) in _NOT_DONE
        # Behind a retry this is the last attempt's answer: one before it may have taken effect.
        if busy and not metadata.get("RetryAttempts"):
            raise NotWrittenError(f"{what} is busy; try again.") from error
        if busy or metadata["HTTPStatusCode"] >= _SERVER_ERROR:
            raise UnavailableError(f"{what} did not answer; try again.") from error
        raise
    except BotoCoreError as error:
        raise UnavailableError(f"{what} did not answer; try again.") from error


def error_code(error: ClientError) -> str:
    """Give the name DynamoDB has for what went wrong."""
    return str(error.response["Error"]["Code"])


def is_lost_condition(error: ClientError) -> bool:
    """Tell whether a write failed because its condition did not hold."""
    return error_code(error) == "ConditionalCheckFailedException"


def attribute(value: str | int | bool) -> dict[str, Any]:
    """Write a plain value as DynamoDB's typed one."""
    if isinstance(value, bool):
        return {"BOOL": value}
    return {"N": str(value)} if isinstance(value, int) else {"S": value}


def plain(value: Mapping[str, Any]) -> Any:
    """Read DynamoDB's typed value as a plain one; numbers are whole."""
    ((kind, content),) = value.items()
    match kind:
        case "N":
            return int(content)
        case "M":
            return {name: plain(inner) for name, inner in content.items()}
        case "L":
            return [plain(inner) for inner in content]
        case _:
            return content
