"""The two SQS queues: interactions to be routed, and timers, which come back after a delay."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from deskbell.errors import UnavailableError
from deskbell.timers import Timer, to_message

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-delay-queues.html
LONGEST_DELAY = 900
QUICK = Config(
    retries={"total_max_attempts": 2, "mode": "standard"},
    connect_timeout=1,
    read_timeout=2,
    parameter_validation=False,
)


class SqsRouteQueue:
    """`ports.RouteQueue`: a message names an interaction and holds nothing personal."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, interaction: str) -> None:
        """Ask for an interaction to be routed; raises UnavailableError."""
        try:
            self._client.send_message(
                QueueUrl=self._url, MessageBody=json.dumps({"interaction": interaction})
            )
        except (ClientError, BotoCoreError) as error:
            raise UnavailableError("The route queue did not take the message.") from error


class SqsTimers:
    """`ports.Timers` as delayed messages; what lies further ahead than 15 minutes is sent again with the rest."""

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, timer: Timer, now: int) -> None:
        """Set a timer, rounded up to whole seconds so that it is never early; raises UnavailableError."""
        delay = min(LONGEST_DELAY, max(0, -((now - timer.at) // 1000)))
        try:
            self._client.send_message(
                QueueUrl=self._url, MessageBody=json.dumps(to_message(timer)), DelaySeconds=delay
            )
        except (ClientError, BotoCoreError) as error:
            raise UnavailableError("The timer queue did not take the message.") from error
