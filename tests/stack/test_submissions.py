"""A submission makes one chat however often it is repeated, never more than the limit, and always reaches a queue."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.builders.installation import Installation, eventually
from tests.clients.http import Answer, visit_of
from tests.clients.ulid import ulid

REFUSAL = "Everybody is busy, come back later."


def _leave(installation: Installation, answer: Answer) -> None:
    visit = visit_of(answer)
    installation.await_state(visit, "waiting")
    with installation.guest(visit) as guest:
        guest.call("end", interaction=visit.interaction)


def test_a_repeated_submission_finds_its_chat_and_gets_a_token_that_works(installation: Installation) -> None:
    key = ulid()
    first, again = (
        installation.http.submit("submissions", key=key),
        installation.http.submit("submissions", key=key),
    )
    assert (first.status, again.status) == (201, 201)
    assert visit_of(first).interaction == visit_of(again).interaction
    other = installation.http.submit("submissions", key=key, description="Something else")
    assert visit_of(other).interaction != visit_of(first).interaction
    assert installation.http.record(visit_of(first).interaction, visit_of(again).token)
    _leave(installation, again)
    _leave(installation, other)


def test_ten_at_once_under_one_key_make_one_chat(installation: Installation) -> None:
    key, together = ulid(), Barrier(10)

    def submit(_: int) -> Answer:
        together.wait()
        return installation.http.submit("submissions", key=key)

    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(submit, range(10)))
    assert {answer.status for answer in answers} == {201}
    assert len({visit_of(answer).interaction for answer in answers}) == 1
    visit = visit_of(answers[0])
    installation.await_state(visit, "waiting")
    assert len(installation.http.log(visit.interaction, visit.token)) == 1
    with installation.agent("alice") as agent:
        assert agent.call("accept", queue="submissions")["interaction"] == visit.interaction
        assert agent.call("accept", queue="submissions")["code"] == "queue_empty"
        agent.call("end", interaction=visit.interaction)


@pytest.fixture
def limited(installation: Installation) -> Iterator[Installation]:
    """Three chats may start; what was counted before is forgotten, also by functions that remember it."""
    table = installation.stack.outputs["RatesTableName"]
    for item in installation.stack.dynamodb.scan(TableName=table)["Items"]:
        installation.stack.dynamodb.delete_item(TableName=table, Key={"pk": item["pk"]})
    installation.start_functions_anew("SubmitFormFunction")
    installation.configure(
        connect__support__max_guest_sessions_per_hour=3,
        connect__support__guest_sessions_rate_limit_reached_message=REFUSAL,
    )
    yield installation
    installation.configure()


def test_the_fourth_of_three_is_told_when_to_come_back_and_leaves_nothing(limited: Installation) -> None:
    key = ulid()
    taken = [limited.http.submit("submissions", key=name) for name in (key, ulid(), ulid())]
    assert [answer.status for answer in taken] == [201, 201, 201]
    refused = limited.http.submit("submissions")
    assert (refused.status, refused.body["code"], refused.body["detail"]) == (429, "rate_limited", REFUSAL)
    assert 0 < int(refused.headers["retry-after"]) <= 62 * 60
    assert refused.body["retry_at"].endswith("Z")
    assert "token" not in refused.body
    assert limited.http.submit("submissions", key=key).status == 201, "a repeat is no new chat"
    limited.configure(connect__support__max_guest_sessions_per_hour=4)
    fourth = limited.http.submit("submissions")
    assert fourth.status == 201, "a higher limit holds at once"
    for answer in (*taken, fourth):
        _leave(limited, answer)


def test_a_poison_message_reaches_the_dead_letters_and_the_others_are_routed(
    installation: Installation,
) -> None:
    queue, dead = installation.queue_url("RouteQueueUrl"), installation.queue_url("RouteDeadLettersUrl")
    poison = [json.dumps({"interaction": f"nobody-{ulid()}"}), "not JSON", json.dumps({"nothing": 1})]
    for body in poison:
        installation.queues.send_message(QueueUrl=queue, MessageBody=body)
    answers = [installation.http.submit("submissions") for _ in range(5)]
    for answer in answers:
        _leave(installation, answer)
    found: set[str] = set()

    def all_dead() -> bool:
        received = installation.queues.receive_message(QueueUrl=dead, MaxNumberOfMessages=10)
        found.update(message["Body"] for message in received.get("Messages", ()))
        return found >= set(poison)

    eventually(all_dead, 40, "the poison is among the dead letters")
