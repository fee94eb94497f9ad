"""What every implementation of `ports.Lines` does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from deskbell.aws.lines import DynamoLines
from deskbell.interaction import Interaction, State
from deskbell.lifecycle import Transition, WaitingEntry
from deskbell.message_log import Entry
from deskbell.ports import Watcher
from tests.builders.stores import Stores, on_dynamo

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOW = 1_800_000_000_000
EVERY = 5_000
LOST = 15_000


def wait(stores: Stores, name: str, since: int, queue: str = "billing") -> None:
    before = Interaction(id=name, state=State.NEW, opened_at=since, guest_name="Grace")
    stores.chats.create(before, Entry(interaction=name, seq=1, id=f"{name}.1", at=since))
    stores.chats.commit(Transition(before=before, after=before, enters=WaitingEntry(queue, since, name)))


def test_those_who_wait_are_in_order_of_age_and_then_of_name(stores: Stores) -> None:
    for name, since in [("B", 20), ("C", 5), ("A", 20), ("D", 1_000_000_000_000)]:
        wait(stores, name, since)

    assert [entry.interaction for entry in stores.lines.first("billing", 10)] == ["C", "A", "B", "D"]
    assert stores.lines.first("billing", 1) == [WaitingEntry("billing", 5, "C")]


def test_queues_do_not_mix_even_when_one_is_named_like_the_beginning_of_another(stores: Stores) -> None:
    wait(stores, "A", 1, "bill")
    wait(stores, "B", 2, "billing")

    assert [entry.interaction for entry in stores.lines.first("bill", 10)] == ["A"]
    assert stores.lines.length("billing", 10) == 1


def test_counting_stops_at_most(stores: Stores) -> None:
    for number in range(5):
        wait(stores, f"CHAT{number}", NOW)

    assert stores.lines.length("billing", 100) == 5
    assert stores.lines.length("billing", 3) == 3
    assert stores.lines.length("order", 3) == 0


def test_every_socket_of_an_agent_watches_by_itself(stores: Stores) -> None:
    stores.lines.watch(["billing", "order"], Watcher("bob", "b1"), NOW)
    stores.lines.watch(["billing"], Watcher("ann", "a1"), NOW)
    stores.lines.watch(["billing"], Watcher("ann", "a2"), NOW)
    stores.lines.watch(["billing"], Watcher("ann", "a2"), NOW)

    assert list(stores.lines.watchers("billing")) == [
        Watcher("ann", "a1"),
        Watcher("ann", "a2"),
        Watcher("bob", "b1"),
    ]
    assert list(stores.lines.watchers("order")) == [Watcher("bob", "b1")]


@pytest.mark.parametrize("first", ["watch", "unwatch"])
def test_one_socket_opening_and_another_closing_commute(stores: Stores, first: str) -> None:
    stores.lines.watch(["billing"], Watcher("ann", "a1"), NOW)

    if first == "watch":
        stores.lines.watch(["billing"], Watcher("ann", "a2"), NOW)
    stores.lines.unwatch(["billing"], Watcher("ann", "a1"))
    if first == "unwatch":
        stores.lines.watch(["billing"], Watcher("ann", "a2"), NOW)

    assert list(stores.lines.watchers("billing")) == [Watcher("ann", "a2")]


def test_unwatching_is_harmless_twice(stores: Stores) -> None:
    stores.lines.watch(["billing", "order"], Watcher("ann", "a1"), NOW)

    stores.lines.unwatch(["billing"], Watcher("ann", "a1"))
    stores.lines.unwatch(["billing", "nowhere"], Watcher("ann", "a1"))
    stores.lines.unwatch(["order"], Watcher("ann", "another"))

    assert list(stores.lines.watchers("billing")) == []
    assert len(stores.lines.watchers("order")) == 1


def test_watching_nothing_is_nothing(stores: Stores) -> None:
    stores.lines.watch([], Watcher("ann", "a1"), NOW)
    stores.lines.unwatch([], Watcher("ann", "a1"))

    assert list(stores.lines.watchers("billing")) == []


def test_a_socket_watches_no_longer_than_sockets_live(stores: Stores) -> None:
    stores.lines.watch(["billing"], Watcher("ann", "a1"), NOW)
    stores.lines.watch(["billing"], Watcher("ann", "a2"), NOW + 60_000)

    stores.clock.now += 2 * 3_600 + 60
    assert len(stores.lines.watchers("billing")) == 2
    stores.clock.now = NOW // 1_000 + 3 * 3_600
    assert list(stores.lines.watchers("billing")) == [Watcher("ann", "a2")]


def test_watching_again_lasts_from_then(stores: Stores) -> None:
    stores.lines.watch(["billing"], Watcher("ann", "a1"), NOW)
    stores.lines.watch(["billing"], Watcher("ann", "a1"), NOW + 60_000)

    stores.clock.now += 3 * 3_600

    assert list(stores.lines.watchers("billing")) == [Watcher("ann", "a1")]


@pytest.mark.parametrize("agent", ["a b#c", "ann@example.com", "ünïcødé"])
def test_any_agent_and_any_socket_can_watch(stores: Stores, agent: str) -> None:
    watcher = Watcher(agent, "L0SM9cOFvHcCIhw=")

    stores.lines.watch(["billing"], watcher, NOW)

    assert list(stores.lines.watchers("billing")) == [watcher]


def test_many_sockets_are_all_found(stores: Stores) -> None:
    for number in range(120):
        stores.lines.watch(["billing"], Watcher("ann", f"a{number}"), NOW)

    assert len(stores.lines.watchers("billing")) == 120


def test_the_mean_wait_is_that_of_the_last_twenty(stores: Stores) -> None:
    assert stores.lines.mean_wait("billing") is None

    for _ in range(10):
        stores.lines.add_wait("billing", 1_000)
    for _ in range(20):
        stores.lines.add_wait("billing", 30)

    assert stores.lines.mean_wait("billing") == 30
    assert stores.lines.mean_wait("order") is None


def test_a_wait_of_nothing_counts(stores: Stores) -> None:
    stores.lines.add_wait("billing", 0)
    stores.lines.add_wait("billing", 10)

    assert stores.lines.mean_wait("billing") == 5


def test_the_first_announcement_is_now(stores: Stores) -> None:
    assert stores.lines.claim_announcement("billing", NOW, EVERY) == NOW


@pytest.mark.parametrize("later", [0, 1, 4_999, 15_000])
def test_an_announcement_that_has_not_begun_covers_what_changes_meanwhile(stores: Stores, later: int) -> None:
    stores.lines.claim_announcement("billing", NOW, EVERY)

    assert stores.lines.claim_announcement("billing", NOW + later, EVERY) is None


@pytest.mark.parametrize("later", [0, 1, 4_999])
def test_a_change_after_it_began_claims_the_next_for_when_the_interval_is_over(
    stores: Stores, later: int
) -> None:
    stores.lines.claim_announcement("billing", NOW, EVERY)
    stores.lines.begin_announcement("billing", NOW)

    assert stores.lines.claim_announcement("billing", NOW + later, EVERY) == NOW + EVERY
    assert stores.lines.claim_announcement("billing", NOW + later, EVERY) is None
    assert stores.lines.claim_announcement("billing", NOW + EVERY + 1, EVERY) is None


@pytest.mark.parametrize("later", [5_000, 5_001, 10**9])
def test_after_the_interval_an_announcement_is_at_once(stores: Stores, later: int) -> None:
    stores.lines.claim_announcement("billing", NOW, EVERY)
    stores.lines.begin_announcement("billing", NOW)

    assert stores.lines.claim_announcement("billing", NOW + later, EVERY) == NOW + later


def test_the_interval_counts_from_when_an_announcement_really_began(stores: Stores) -> None:
    stores.lines.claim_announcement("billing", NOW, EVERY)
    stores.lines.begin_announcement("billing", NOW + 2_000)

    assert stores.lines.claim_announcement("billing", NOW + 2_001, EVERY) == NOW + 2_000 + EVERY


def test_a_claim_nobody_began_is_lost_a_quarter_of_a_minute_after_its_moment(stores: Stores) -> None:
    stores.lines.claim_announcement("billing", NOW, EVERY)

    assert stores.lines.claim_announcement("billing", NOW + LOST, EVERY) is None
    assert stores.lines.claim_announcement("billing", NOW + LOST + 1, EVERY) == NOW + LOST + 1
    assert stores.lines.claim_announcement("billing", NOW + LOST + 2, EVERY) is None


def test_the_moment_of_a_claim_may_lie_ahead_of_it(stores: Stores) -> None:
    stores.lines.begin_announcement("billing", NOW)
    moment = stores.lines.claim_announcement("billing", NOW + 1, EVERY)
    assert moment == NOW + EVERY

    assert stores.lines.claim_announcement("billing", moment + LOST, EVERY) is None
    assert stores.lines.claim_announcement("billing", moment + LOST + 1, EVERY) == moment + LOST + 1


def test_beginning_twice_or_unclaimed_is_harmless(stores: Stores) -> None:
    stores.lines.begin_announcement("billing", NOW)
    stores.lines.begin_announcement("billing", NOW + 1)

    assert stores.lines.claim_announcement("billing", NOW + 2, EVERY) == NOW + 1 + EVERY


def test_each_queue_is_announced_by_itself(stores: Stores) -> None:
    stores.lines.claim_announcement("billing", NOW, EVERY)

    assert stores.lines.claim_announcement("order", NOW, EVERY) == NOW


def test_what_was_announced_before_is_given_back_in_order(stores: Stores) -> None:
    assert list(stores.lines.swap_announced("billing", ["B", "A"])) == []
    assert list(stores.lines.swap_announced("billing", [])) == ["B", "A"]
    assert list(stores.lines.swap_announced("billing", ["C"])) == []
    assert list(stores.lines.swap_announced("order", ["D"])) == []


def test_remembering_whom_does_not_disturb_the_claim(stores: Stores) -> None:
    stores.lines.claim_announcement("billing", NOW, EVERY)
    stores.lines.swap_announced("billing", ["A"])
    assert stores.lines.claim_announcement("billing", NOW + 1, EVERY) is None

    stores.lines.begin_announcement("billing", NOW)
    assert list(stores.lines.swap_announced("billing", [])) == ["A"]
    assert stores.lines.claim_announcement("billing", NOW + 1, EVERY) == NOW + EVERY


def test_on_dynamodb_only_those_who_wait_stand_in_the_queues_partition(
    chats_client: DynamoDBClient,
) -> None:
    stores = on_dynamo(chats_client, "chats")
    wait(stores, "A", 1)
    stores.lines.watch(["billing"], Watcher("ann", "a1"), NOW)
    stores.lines.claim_announcement("billing", NOW, EVERY)
    stores.lines.swap_announced("billing", ["A"])
    stores.lines.add_wait("billing", 10)

    items = chats_client.scan(TableName="chats")["Items"]

    keys = {(item["pk"]["S"], item["sk"]["S"]) for item in items if "billing" in item["pk"]["S"]}
    assert keys == {
        ("queue#billing", "waiting#0000000000001#A"),
        ("watchers#billing", "ann#a1"),
        ("tick#billing", "TICK"),
        ("waits#billing", "WAITS"),
    }
    ttl = next(item["ttl"]["N"] for item in items if item["pk"]["S"] == "watchers#billing")
    assert int(ttl) == NOW // 1_000 + 3 * 3_600


class Repeating:
    """A DynamoDB client whose every update takes effect, is not answered, and is repeated by botocore."""

    def __init__(self, client: DynamoDBClient) -> None:
        self._client = client

    def update_item(self, **request: Any) -> Any:
        self._client.update_item(**request)
        try:
            return self._client.update_item(**request)
        except ClientError as error:
            error.response["ResponseMetadata"]["RetryAttempts"] = 1
            raise


def test_on_dynamodb_a_claim_whose_answer_was_lost_is_found_to_have_been_ours(
    chats_client: DynamoDBClient,
) -> None:
    repeating = DynamoLines(Repeating(chats_client), "chats")  # type: ignore[arg-type]
    assert repeating.claim_announcement("order", NOW, EVERY) == NOW

    repeating.begin_announcement("billing", NOW)
    assert repeating.claim_announcement("billing", NOW + 1, EVERY) == NOW + EVERY
