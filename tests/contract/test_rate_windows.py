"""What every implementation of the rate ports does: the fakes, and DynamoDB as moto plays it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws

from deskbell.aws.conditional_update import ONE_ATTEMPT
from deskbell.aws.frame_rates import DynamoFrameRates
from deskbell.aws.rate_windows import DynamoRateWindows
from deskbell.errors import UnavailableError
from deskbell.frame_rate import Extend, Leased, NotLeased, Start
from deskbell.rate_window import (
    BUCKETS,
    Add,
    Full,
    GiveBack,
    Refused,
    Roll,
    Throttled,
    Window,
    WindowWrite,
    Written,
    applied,
    next_write,
    slot_of,
)
from tests.fakes.frame_rates import FakeFrameRates
from tests.fakes.rate_windows import FakeRateWindows

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from deskbell.ports import FrameRates, RateWindows

TABLE = "rates"
MINUTE = 30_000_000
NOW = MINUTE * 60_000
KEY = "window"


@pytest.fixture
def client() -> Iterator[DynamoDBClient]:
    with mock_aws():
        client = boto3.client(
            "dynamodb",
            region_name="eu-central-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=ONE_ATTEMPT,
        )
        client.create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield client


@pytest.fixture(params=["in memory", "on DynamoDB"])
def windows(request: pytest.FixtureRequest) -> RateWindows:
    if request.param == "in memory":
        return FakeRateWindows()
    return DynamoRateWindows(request.getfixturevalue("client"), TABLE)


@pytest.fixture(params=["in memory", "on DynamoDB"])
def rates(request: pytest.FixtureRequest) -> FrameRates:
    if request.param == "in memory":
        return FakeFrameRates()
    return DynamoFrameRates(request.getfixturevalue("client"), TABLE)


def window(total: int, **counts: int) -> Window:
    """A window at MINUTE; counts by how many minutes ago, `ago_3=2`."""
    return Window(
        MINUTE, total, {slot_of(MINUTE - int(name.removeprefix("ago_"))): n for name, n in counts.items()}
    )


class TestAdd:
    def test_creates_a_window_that_is_not_there(self, windows: RateWindows) -> None:
        assert windows.write(Add(KEY, MINUTE, 1)) == Written(window(1, ago_0=1))

    def test_counts_one_more_in_its_minute(self, windows: RateWindows) -> None:
        windows.write(Add(KEY, MINUTE, 9))
        assert windows.write(Add(KEY, MINUTE, 9)) == Written(window(2, ago_0=2))

    def test_is_refused_at_the_limit_and_shows_the_window(self, windows: RateWindows) -> None:
        windows.write(Add(KEY, MINUTE, 1))
        assert windows.write(Add(KEY, MINUTE, 1)) == Refused(window(1, ago_0=1))

    @pytest.mark.parametrize("minute", [MINUTE - 1, MINUTE + 1])
    def test_is_refused_in_any_other_minute(self, windows: RateWindows, minute: int) -> None:
        windows.write(Add(KEY, MINUTE, 9))
        assert windows.write(Add(KEY, minute, 9)) == Refused(window(1, ago_0=1))

    def test_leaves_other_windows_alone(self, windows: RateWindows) -> None:
        windows.write(Add("another", MINUTE, 1))
        assert windows.write(Add(KEY, MINUTE, 1)) == Written(window(1, ago_0=1))


class TestRoll:
    def test_moves_to_the_minute_and_counts_there(self, windows: RateWindows) -> None:
        windows.write(Add(KEY, MINUTE - 1, 9))
        assert windows.write(Roll(KEY, MINUTE - 1, MINUTE, 9, {})) == Written(window(2, ago_1=1, ago_0=1))

    def test_drops_what_has_expired_and_reuses_its_slot(self, windows: RateWindows) -> None:
        windows.write(Add(KEY, MINUTE - BUCKETS, 9))
        windows.write(Roll(KEY, MINUTE - BUCKETS, MINUTE - 5, 9, {}))
        rolled = windows.write(Roll(KEY, MINUTE - 5, MINUTE, 2, {slot_of(MINUTE): 1}))
        assert rolled == Written(window(2, ago_5=1, ago_0=1))

    def test_drops_several_at_once(self, windows: RateWindows) -> None:
        windows.write(Add(KEY, MINUTE - 70, 9))
        windows.write(Roll(KEY, MINUTE - 70, MINUTE - 69, 9, {}))
        windows.write(Add(KEY, MINUTE - 69, 9))
        expired = {slot_of(MINUTE - 70): 1, slot_of(MINUTE - 69): 2}
        assert windows.write(Roll(KEY, MINUTE - 69, MINUTE, 1, expired)) == Written(window(1, ago_0=1))

    def test_is_refused_when_another_has_rolled(self, windows: RateWindows) -> None:
        windows.write(Add(KEY, MINUTE, 9))
        assert windows.write(Roll(KEY, MINUTE - 1, MINUTE, 9, {})) == Refused(window(1, ago_0=1))

    def test_is_refused_where_there_is_no_window(self, windows: RateWindows) -> None:
        assert windows.write(Roll(KEY, MINUTE - 1, MINUTE, 9, {})) == Refused(None)

    def test_is_refused_when_what_remains_is_at_the_limit(self, windows: RateWindows) -> None:
        for _ in range(2):
            windows.write(Add(KEY, MINUTE, 9))
        assert windows.write(Roll(KEY, MINUTE, MINUTE + 1, 2, {})) == Refused(window(2, ago_0=2))

    def test_is_refused_when_an_expired_bucket_has_changed(self, windows: RateWindows) -> None:
        for _ in range(2):
            windows.write(Add(KEY, MINUTE, 9))
        windows.write(GiveBack(KEY, MINUTE))
        stale = Roll(KEY, MINUTE, MINUTE + BUCKETS, 9, {slot_of(MINUTE): 2})
        assert windows.write(stale) == Refused(window(1, ago_0=1))

    def test_holds_though_others_were_counted_in_the_old_minute(self, windows: RateWindows) -> None:
        windows.write(Add(KEY, MINUTE - 1, 9))
        roll = Roll(KEY, MINUTE - 1, MINUTE, 9, {})
        windows.write(Add(KEY, MINUTE - 1, 9))
        assert windows.write(roll) == Written(window(3, ago_1=2, ago_0=1))


class TestGiveBack:
    def test_takes_one_off_its_bucket(self, windows: RateWindows) -> None:
        windows.write(Add(KEY, MINUTE - 1, 9))
        windows.write(Roll(KEY, MINUTE - 1, MINUTE, 9, {}))
        assert windows.write(GiveBack(KEY, MINUTE - 1)) == Written(window(1, ago_1=0, ago_0=1))

    def test_never_goes_below_zero(self, windows: RateWindows) -> None:
        windows.write(Add(KEY, MINUTE, 9))
        windows.write(GiveBack(KEY, MINUTE))
        assert windows.write(GiveBack(KEY, MINUTE)) == Refused(window(0, ago_0=0))

    @pytest.mark.parametrize("minute", [MINUTE - BUCKETS, MINUTE + BUCKETS])
    def test_is_refused_when_its_slot_holds_another_minute(self, windows: RateWindows, minute: int) -> None:
        windows.write(Add(KEY, MINUTE, 9))
        assert windows.write(GiveBack(KEY, minute)) == Refused(window(1, ago_0=1))

    def test_reaches_the_oldest_bucket_that_counts(self, windows: RateWindows) -> None:
        windows.write(Add(KEY, MINUTE - BUCKETS + 1, 9))
        windows.write(Roll(KEY, MINUTE - BUCKETS + 1, MINUTE, 9, {}))
        assert windows.write(GiveBack(KEY, MINUTE - BUCKETS + 1)) == Written(window(1, ago_61=0, ago_0=1))

    def test_is_refused_where_there_is_no_window(self, windows: RateWindows) -> None:
        assert windows.write(GiveBack(KEY, MINUTE)) == Refused(None)


@pytest.mark.parametrize("seed", range(4))
def test_hundreds_of_random_writes_mean_what_the_core_says(windows: RateWindows, seed: int) -> None:
    rng = Random(seed)
    minute, limit = MINUTE, 6
    model: Window | None = None
    for _ in range(150):
        minute += rng.choice([0, 0, 0, 1, 1, 2, 30, 62, 63])
        step = next_write(KEY, model, limit, minute)
        anything: list[WindowWrite] = [
            Add(KEY, minute, limit),
            GiveBack(KEY, minute - rng.choice([0, 1, 2, 30, 61, 62])),
        ]
        blind = rng.choice(anything)
        write = blind if isinstance(step, Full) or rng.random() < 0.4 else step
        expected = applied(write, model)
        assert windows.write(write) == (Written(expected) if expected else Refused(model))
        model = expected or model


class TestOnDynamoDB:
    def test_a_window_is_one_small_item_that_expires(self, client: DynamoDBClient) -> None:
        windows = DynamoRateWindows(client, TABLE)
        write: WindowWrite = Add("client#5f2b", MINUTE, 9)
        for later in range(BUCKETS):
            windows.write(write)
            write = Roll("client#5f2b", MINUTE + later, MINUTE + later + 1, 99, {})
        item = client.get_item(TableName=TABLE, Key={"pk": {"S": "client#5f2b"}})["Item"]
        assert set(item) == {"pk", "m", "tot", "ttl"} | {f"b{slot}" for slot in range(BUCKETS)}
        assert int(item["ttl"]["N"]) >= (MINUTE + 2 * BUCKETS) * 60
        assert len(json.dumps(item)) < 2_048

    def test_a_client_that_repeats_by_itself_is_refused(self) -> None:
        repeating = boto3.client("dynamodb", region_name="eu-central-1")
        with pytest.raises(ValueError, match="one attempt"):
            DynamoRateWindows(repeating, TABLE)
        with pytest.raises(ValueError, match="one attempt"):
            DynamoFrameRates(repeating, TABLE)

    @pytest.mark.parametrize(
        "code", ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"]
    )
    def test_throttling_is_told_apart_and_tried_once(self, client: DynamoDBClient, code: str) -> None:
        calls = answering(client, lambda: failure(400, code))
        assert DynamoRateWindows(client, TABLE).write(Add(KEY, MINUTE, 1)) == Throttled()
        assert len(calls) == 1
        with pytest.raises(UnavailableError):
            DynamoFrameRates(client, TABLE).lease(Start("connection", NOW, NOW + 500))

    def test_a_failure_of_the_service_is_unavailable_and_tried_once(self, client: DynamoDBClient) -> None:
        calls = answering(client, lambda: failure(500, "InternalServerError"))
        with pytest.raises(UnavailableError):
            DynamoRateWindows(client, TABLE).write(Add(KEY, MINUTE, 1))
        assert len(calls) == 1

    def test_no_answer_is_unavailable_and_tried_once(self, client: DynamoDBClient) -> None:
        calls = answering(client, silence)
        with pytest.raises(UnavailableError):
            DynamoRateWindows(client, TABLE).write(Add(KEY, MINUTE, 1))
        assert len(calls) == 1

    def test_a_missing_table_is_not_passed_off_as_a_refusal(self, client: DynamoDBClient) -> None:
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            DynamoRateWindows(client, "no such table").write(Add(KEY, MINUTE, 1))


class TestLeases:
    def test_start_sets_the_time_of_a_new_connection(self, rates: FrameRates) -> None:
        assert rates.lease(Start("connection", NOW, NOW + 500)) == Leased(NOW + 500)

    def test_start_is_refused_while_the_time_is_ahead(self, rates: FrameRates) -> None:
        rates.lease(Start("connection", NOW, NOW + 500))
        assert rates.lease(Start("connection", NOW + 499, NOW + 999)) == NotLeased(NOW + 500)

    def test_start_holds_once_the_time_has_come(self, rates: FrameRates) -> None:
        rates.lease(Start("connection", NOW, NOW + 500))
        assert rates.lease(Start("connection", NOW + 500, NOW + 1_000)) == Leased(NOW + 1_000)

    def test_extend_moves_the_time_on_up_to_its_latest(self, rates: FrameRates) -> None:
        rates.lease(Start("connection", NOW, NOW + 500))
        assert rates.lease(Extend("connection", NOW, 500, NOW + 500)) == Leased(NOW + 1_000)
        assert rates.lease(Extend("connection", NOW, 500, NOW + 999)) == NotLeased(NOW + 1_000)

    def test_extend_is_refused_once_the_time_has_come(self, rates: FrameRates) -> None:
        rates.lease(Start("connection", NOW, NOW + 500))
        assert rates.lease(Extend("connection", NOW + 500, 500, NOW + 9_000)) == NotLeased(NOW + 500)

    def test_extend_is_refused_for_a_new_connection(self, rates: FrameRates) -> None:
        assert rates.lease(Extend("connection", NOW, 500, NOW + 9_000)) == NotLeased(None)

    def test_connections_are_apart(self, rates: FrameRates) -> None:
        rates.lease(Start("connection", NOW, NOW + 500))
        assert rates.lease(Start("another", NOW, NOW + 500)) == Leased(NOW + 500)

    def test_on_dynamodb_the_item_expires(self, client: DynamoDBClient) -> None:
        DynamoFrameRates(client, TABLE).lease(Start("connection", NOW, NOW + 500))
        item = client.get_item(TableName=TABLE, Key={"pk": {"S": "frames#connection"}})["Item"]
        assert int(item["ttl"]["N"]) > NOW // 1_000


def answering(client: DynamoDBClient, answer: Callable[[], AWSResponse]) -> list[str]:
    """Make the wire answer every update like this; returns the list of requests, which grows."""
    calls: list[str] = []

    def send(request: Any, **_: Any) -> AWSResponse:
        calls.append(request.url)
        return answer()

    events: Any = client.meta.events
    events.register_first("before-send.dynamodb.UpdateItem", send)
    return calls


def failure(status: int, code: str) -> AWSResponse:
    body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "no"}).encode()

    class Raw:
        def stream(self) -> Iterator[bytes]:
            yield body

    return AWSResponse("http://dynamodb", status, HTTPHeaders(), Raw())


def silence() -> AWSResponse:
    raise ReadTimeoutError(endpoint_url="http://dynamodb")
