"""Races for permits and leases, against the real conditional expressions on the emulator.

Time is an input, so hours pass in seconds: each of twenty threads is a container with its own memory and a clock that
is off by up to 2 s, and writes when the others do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from threading import Barrier, local
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from botocore.config import Config

from deskbell.admission import Permit, SeenWindows, admit, give_back, seen_windows
from deskbell.aws.conditional_update import ONE_ATTEMPT
from deskbell.aws.frame_rates import DynamoFrameRates
from deskbell.aws.rate_windows import DynamoRateWindows
from deskbell.errors import RateLimitedError
from deskbell.frame_rate import FREE_BURST, FrameLimits
from deskbell.pacing import admit_frame, paces
from deskbell.rate_window import BUCKETS, MINUTE, Outcome, Refused, Roll, WindowWrite, Written, slot_of
from tests.builders.rate_traffic import START, ExactLog, worst_hour

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from local.stack import Stack

CONTAINERS = 20
WORST_SKEW = 2_000


class Watched:
    """Rate windows that keep count of how their writes ended."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._windows = DynamoRateWindows(client, table)
        self.ended: Counter[str] = Counter()

    def write(self, write: WindowWrite) -> Outcome:
        outcome = self._windows.write(write)
        self.ended[f"{type(write).__name__} {type(outcome).__name__}"] += 1
        return outcome


@dataclass
class Crowd:
    """Twenty containers on threads of their own, over one window of the deployed table."""

    client: DynamoDBClient
    table: str
    threads: ThreadPoolExecutor
    windows: Watched
    skews: list[int]
    memories: list[SeenWindows]
    key: str

    def fresh(self) -> None:
        """Start over on a new window, remembering nothing."""
        self.key = f"test#{uuid4()}"
        self.memories = [seen_windows() for _ in range(CONTAINERS)]

    def rush(self, moments: list[int], limit: int) -> list[Permit | None]:
        """Let container `i` ask at true moment `moments[i]`, all at the same time."""
        together = Barrier(CONTAINERS)

        def ask(container: int) -> Permit | None:
            together.wait()
            now = moments[container] + self.skews[container]
            try:
                return admit(
                    self.windows, self.memories[container], self.key, limit=limit, now=now, refusal="Later."
                )
            except RateLimitedError:
                return None

        return list(self.threads.map(ask, range(CONTAINERS)))

    def counts(self) -> dict[str, int]:
        """Read the window's item."""
        item = self.client.get_item(TableName=self.table, Key={"pk": {"S": self.key}}, ConsistentRead=True)[
            "Item"
        ]
        return {name: int(value["N"]) for name, value in item.items() if "N" in value}


@pytest.fixture
def client(stack: Stack) -> DynamoDBClient:
    config = ONE_ATTEMPT.merge(Config(max_pool_connections=CONTAINERS, read_timeout=20))
    return stack.session.client("dynamodb", endpoint_url=stack.endpoint, config=config)


@pytest.fixture
def crowd(stack: Stack, client: DynamoDBClient) -> Iterator[Crowd]:
    rng = Random(1)
    with ThreadPoolExecutor(CONTAINERS) as threads:
        crowd = Crowd(
            client=client,
            table=stack.outputs["RatesTableName"],
            threads=threads,
            windows=Watched(client, stack.outputs["RatesTableName"]),
            skews=[rng.randint(-WORST_SKEW, WORST_SKEW) for _ in range(CONTAINERS)],
            memories=[],
            key="",
        )
        crowd.fresh()
        yield crowd


def test_of_twenty_at_once_exactly_as_many_as_the_limit_are_admitted(crowd: Crowd) -> None:
    for _ in range(25):
        crowd.fresh()
        assert sum(permit is not None for permit in crowd.rush([START + MINUTE // 2] * CONTAINERS, 7)) == 7
        assert crowd.counts()["tot"] == 7


def test_of_twenty_at_the_turn_of_a_minute_one_rolls_and_all_are_counted(crowd: Crowd) -> None:
    rng = Random(2)
    for limit in (20, 45):
        crowd.fresh()
        admitted = []
        for turn in range(1, 8):
            moments = [START + turn * MINUTE + rng.randint(-3_000, 3_000) for _ in range(CONTAINERS)]
            admitted += [permit for permit in crowd.rush(moments, limit) if permit]
        assert len(admitted) == limit
        assert crowd.counts()["tot"] == limit
    assert crowd.windows.ended["Roll Refused"] > 0


def test_thousands_of_arrivals_with_skewed_clocks_over_hours(crowd: Crowd) -> None:
    rng, limit, now = Random(3), 400, START
    exact = ExactLog(limit)
    admitted: list[int] = []
    held: list[Permit] = []
    attempts = 0
    for _ in range(300):
        now += rng.choice([1_000, 10_000, 30_000, MINUTE, 2 * MINUTE])
        edge = (now // MINUTE + 1) * MINUTE
        now = edge if rng.random() < 0.3 else now
        moments = sorted(now + rng.randint(0, 3_000) for _ in range(CONTAINERS))
        for at in moments:
            exact.ask(at)
        rng.shuffle(moments)
        attempts += CONTAINERS
        for container, permit in enumerate(crowd.rush(moments, limit)):
            if permit and rng.random() < 0.1:
                give_back(crowd.windows, crowd.memories[container], permit)
            elif permit:
                admitted.append(moments[container])
                held.append(permit)
    print(
        f"\n{attempts} arrivals in {(now - START) / 3_600_000:.1f} h: {len(admitted)} admitted (exact log: "
        f"{len(exact.admitted)}), worst hour {worst_hour(admitted)} of {limit}, writes {dict(crowd.windows.ended)}"
    )
    assert len(admitted) > 2 * limit
    assert worst_hour(admitted) <= limit
    assert len(admitted) >= 0.9 * len(exact.admitted)
    stored = crowd.counts()
    counted = Counter(count.minute for permit in held for count in permit.counts)
    covered = {minute: n for minute, n in counted.items() if minute > stored["m"] - BUCKETS}
    assert stored["tot"] == sum(covered.values())
    assert {name: n for name, n in stored.items() if name.startswith("b") and n} == {
        f"b{slot_of(minute)}": n for minute, n in covered.items()
    }


def test_permits_given_back_at_once_leave_nothing_and_never_less(crowd: Crowd) -> None:
    permits = [permit for permit in crowd.rush([START] * CONTAINERS, CONTAINERS) if permit]
    assert len(permits) == CONTAINERS

    def return_it_twice(container: int) -> None:
        for _ in range(2):
            give_back(crowd.windows, crowd.memories[container], permits[container])

    list(crowd.threads.map(return_it_twice, range(CONTAINERS)))
    counts = crowd.counts()
    assert counts["tot"] == 0
    assert all(count == 0 for name, count in counts.items() if name.startswith("b"))


def test_a_roll_does_not_hold_once_an_expired_bucket_has_changed(crowd: Crowd) -> None:
    minute = START // MINUTE
    permits = crowd.rush([START] * CONTAINERS, CONTAINERS)
    stored = crowd.counts()["m"]
    stale = Roll(
        crowd.key, stored, minute + 2 * BUCKETS, 99, {slot_of(stored): crowd.counts()[f"b{slot_of(stored)}"]}
    )
    last = next(permit for permit in permits if permit and permit.counts[0].minute == stored)
    give_back(crowd.windows, seen_windows(), last)
    assert isinstance(crowd.windows.write(stale), Refused)


def test_a_window_idle_for_hours_is_rolled_once_by_twenty(crowd: Crowd) -> None:
    crowd.rush([START] * CONTAINERS, 99)
    later = START + 5 * 60 * MINUTE + MINUTE // 2
    assert all(crowd.rush([later] * CONTAINERS, CONTAINERS))
    counts = crowd.counts()
    assert counts["tot"] == CONTAINERS
    assert [name for name in counts if name.startswith("b")] == [f"b{slot_of(later // MINUTE)}"]
    assert isinstance(
        crowd.windows.write(Roll(crowd.key, later // MINUTE, later // MINUTE + 1, 99, {})), Written
    )


def test_a_connections_burst_is_shared_by_twenty_containers(crowd: Crowd) -> None:
    rates = DynamoFrameRates(crowd.client, crowd.table)
    connection, each = f"test-{uuid4()}", 15
    known = local()

    def send(_: int) -> int:
        memory = known.__dict__.setdefault("paces", paces())
        passed = 0
        for _ in range(each):
            try:
                admit_frame(rates, memory, connection, FrameLimits(), START)
            except RateLimitedError:
                continue
            passed += 1
        return passed

    passed = sum(crowd.threads.map(send, range(CONTAINERS)))
    assert 100 <= passed <= 100 + CONTAINERS * FREE_BURST
