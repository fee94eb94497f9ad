"""Writes that DynamoDB turns away because a transaction is under way at the same item.

botocore does not repeat them. A transaction takes milliseconds:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
"""

import random
import time
from collections.abc import Callable

from deskbell.ports import NotWrittenError

ATTEMPTS = 6
PAUSE = 0.003
"""Seconds before the second attempt; each further one waits that much longer."""


def through_conflicts[T](write: Callable[[], T]) -> T:
    """Make a write, again while it is turned away; raises NotWrittenError when it still is after 45 ms."""
    for attempt in range(1, ATTEMPTS):
        try:
            return write()
        except NotWrittenError:
            time.sleep(PAUSE * attempt)
    return write()


def let_others_finish() -> None:
    """Wait as long as a transaction takes; transactions that cancelled each other do not meet again in step."""
    time.sleep(random.uniform(1, 5) * PAUSE)  # noqa: S311 - chance, not secrets
