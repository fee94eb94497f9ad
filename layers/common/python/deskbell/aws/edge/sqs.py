"""The SQS edge: each message by itself, so that one that fails comes back alone and the others are done.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

type Handler = Callable[[dict[str, Any], Any], Any]


def sqs(handle: Callable[[dict[str, Any], int], object], clock: Callable[[], int], logger: Logger) -> Handler:
    """Make a handler that calls `handle` with each message's JSON object and the present in epoch milliseconds.

    What a message failed of goes to the log.
    """
    processor = BatchProcessor(
        event_type=EventType.SQS,
        raise_on_entire_batch_failure=False,
        logger=logger,  # type: ignore[arg-type] # Powertools' own answers to the same calls
    )

    def handle_record(record: Any) -> object:
        return handle(json.loads(record.body), clock())

    def handler(event: dict[str, Any], context: Any) -> Any:
        return process_partial_response(event, handle_record, processor, context)

    return handler


def sqs_or_schedule(
    on_message: Handler, on_schedule: Callable[[int], object], clock: Callable[[], int]
) -> Handler:
    """Make a handler for a function that messages and a schedule both start."""

    def handler(event: dict[str, Any], context: Any) -> Any:
        return on_message(event, context) if "Records" in event else on_schedule(clock())

    return handler
