"""The two SQS queues as moto plays them; what the fakes promise is what these do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from deskbell.aws.queues import SqsRouteQueue, SqsTimers
from deskbell.errors import UnavailableError
from deskbell.timers import AgentDue, InteractionDue, QueueAnnouncement, Timer, from_message
from tests.fakes.faults import Faults
from tests.fakes.queues import FakeRouteQueue, FakeTimers

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

NOW = 1_800_000_000_000


@pytest.fixture
def client() -> Iterator[SQSClient]:
    with mock_aws():
        yield boto3.client("sqs", region_name="eu-central-1")


@pytest.fixture
def url(client: SQSClient) -> str:
    return client.create_queue(QueueName="queue")["QueueUrl"]


def received(client: SQSClient, url: str) -> list[Any]:
    found = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in found]


def test_a_route_message_names_the_interaction_and_nothing_else(client: SQSClient, url: str) -> None:
    SqsRouteQueue(client, url).send("CHAT")

    assert received(client, url) == [{"interaction": "CHAT"}]


@pytest.mark.parametrize(
    "timer", [InteractionDue("CHAT", NOW), AgentDue("ann", NOW), QueueAnnouncement("billing", NOW)]
)
def test_a_timer_comes_back_as_it_was_set(client: SQSClient, url: str, timer: Timer) -> None:
    SqsTimers(client, url).send(timer, NOW)

    (message,) = received(client, url)
    assert from_message(message) == timer


@pytest.mark.parametrize(
    ("ahead", "delay"),
    [
        (-5_000, 0),
        (0, 0),
        (1, 1),
        (999, 1),
        (1_000, 1),
        (1_001, 2),
        (899_001, 900),
        (900_000, 900),
        (900_001, 900),
        (10**9, 900),
    ],
)
def test_a_timer_is_never_early_and_at_most_fifteen_minutes_ahead(ahead: int, delay: int) -> None:
    client = boto3.client("sqs", region_name="eu-central-1")
    timer = InteractionDue("CHAT", NOW + ahead)
    with Stubber(client) as stubber:
        stubber.add_response(
            "send_message",
            {"MessageId": "1", "MD5OfMessageBody": "0"},
            {
                "QueueUrl": "https://queue",
                "MessageBody": json.dumps({"kind": "interaction_due", "interaction": "CHAT", "at": timer.at}),
                "DelaySeconds": delay,
            },
        )

        SqsTimers(client, "https://queue").send(timer, NOW)

        stubber.assert_no_pending_responses()


@pytest.mark.parametrize("code", ["InternalError", "ThrottlingException", "AccessDenied"])
def test_a_message_that_is_not_taken_is_unavailable(code: str) -> None:
    client = boto3.client("sqs", region_name="eu-central-1")
    sends: list[Callable[[], None]] = [
        lambda: SqsRouteQueue(client, "https://queue").send("CHAT"),
        lambda: SqsTimers(client, "https://queue").send(AgentDue("ann", NOW), NOW),
    ]
    for send in sends:
        with Stubber(client) as stubber:
            stubber.add_client_error("send_message", code)
            with pytest.raises(UnavailableError):
                send()


def test_the_fakes_keep_what_they_were_sent_and_fail_as_planned() -> None:
    faults = Faults()
    routes, timers = FakeRouteQueue(faults), FakeTimers(faults)
    faults.plan("send_route", UnavailableError("down"))

    with pytest.raises(UnavailableError):
        routes.send("CHAT")
    routes.send("CHAT")
    timers.send(AgentDue("ann", NOW), NOW)

    assert (routes.sent, timers.sent) == (["CHAT"], [AgentDue("ann", NOW)])


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"kind": "love"},
        {"kind": "agent_due"},
        {"kind": "agent_due", "agent": "a", "at": "x"},
        {"kind": []},
    ],
)
def test_a_message_that_is_no_timer_is_refused(message: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        from_message(message)
