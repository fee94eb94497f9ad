"""The SQS edge: what fails comes back alone."""

import io
import json

from aws_lambda_powertools import Logger

from deskbell.aws.edge.sqs import sqs, sqs_or_schedule
from deskbell.errors import NotFoundError
from tests.builders.events import sqs_event
from tests.builders.service import NOW


class Routed:
    """Notes what it was given; an interaction named `poison` fails."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int]] = []

    def __call__(self, message: dict[str, str], at: int) -> None:
        self.seen.append((message["interaction"], at))
        if message["interaction"] == "poison":
            raise NotFoundError("There is no such conversation.")


def body(name: str) -> str:
    return json.dumps({"interaction": name})


def failures(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [it["itemIdentifier"] for it in answer["batchItemFailures"]]


def test_each_message_is_handled_with_the_present() -> None:
    routed = Routed()

    answer = sqs(routed, lambda: NOW, Logger())(sqs_event(body("A"), body("B")), None)

    assert routed.seen == [("A", NOW), ("B", NOW)]
    assert failures(answer) == []


def test_what_fails_comes_back_and_the_others_are_done() -> None:
    routed = Routed()

    answer = sqs(routed, lambda: NOW, Logger())(sqs_event(body("A"), body("poison"), body("B")), None)

    assert failures(answer) == ["1"]
    assert [name for name, _ in routed.seen] == ["A", "poison", "B"]


def test_what_a_message_failed_of_is_in_the_log() -> None:
    log = io.StringIO()

    sqs(Routed(), lambda: NOW, Logger("route", stream=log))(sqs_event(body("A"), body("poison")), None)

    (line,) = log.getvalue().splitlines()
    assert json.loads(line)["exception_name"] == "NotFoundError"
    assert "There is no such conversation." in json.loads(line)["exception"]


def test_a_message_that_is_not_ours_comes_back_too() -> None:
    routed = Routed()

    answer = sqs(routed, lambda: NOW, Logger())(sqs_event("hello", "[]", "{}", body("A")), None)

    assert failures(answer) == ["0", "1", "2"]
    assert [name for name, _ in routed.seen] == ["A"]


def test_a_batch_that_fails_whole_comes_back_message_by_message() -> None:
    answer = sqs(Routed(), lambda: NOW, Logger())(sqs_event(body("poison"), body("poison")), None)

    assert failures(answer) == ["0", "1"]


def test_one_batch_does_not_remember_the_failures_of_the_one_before() -> None:
    handler = sqs(Routed(), lambda: NOW, Logger())
    handler(sqs_event(body("poison")), None)

    assert failures(handler(sqs_event(body("A")), None)) == []


def test_a_function_may_be_started_by_messages_and_by_a_schedule() -> None:
    routed = Routed()
    swept: list[int] = []
    handler = sqs_or_schedule(sqs(routed, lambda: NOW, Logger()), swept.append, lambda: NOW + 1)
    schedule = {"source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": {}}

    handler(schedule, None)
    handler(sqs_event(body("A")), None)

    assert (swept, routed.seen) == ([NOW + 1], [("A", NOW)])
