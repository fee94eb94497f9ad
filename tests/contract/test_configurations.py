"""What every implementation of the configuration ports does, and what the DynamoDB one does besides."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from deskbell.aws.configuration import CHUNK_BYTES, DynamoConfigurations
from deskbell.configuration import FORMAT
from deskbell.errors import ConflictError, UnavailableError
from deskbell.ports import Configurations, ConfigurationStore
from deskbell.usecases.configure import apply_configuration
from tests.fakes.configurations import ConfigurationTable, FakeConfigurations

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOW = 1_800_000_000_000
SECOND = 1_000
RENAMED = {"groups": [{"id": name, "name": f"The {name} people"} for name in ("product", "billing", "order")]}
FEWER = {"properties": {"connect.support.max_guest_sessions_per_hour": 7}}


class View(Configurations, ConfigurationStore, Protocol):
    """Both ports, as one process has them."""


@dataclass
class Deployment:
    """A place where configuration is kept: how a new process sees it, and how to make it unreachable."""

    view: Callable[[], View]
    set_down: Callable[[bool], None]


class Interruptible:
    """A DynamoDB client that can be made to fail, counting what it is asked."""

    def __init__(self, client: "DynamoDBClient") -> None:
        self._client = client
        self.down = False
        self.calls: list[str] = []
        self.after: dict[str, Callable[[], object]] = {}

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._client, name)
        if name not in ("get_item", "put_item", "get_paginator"):
            return attribute

        def call(*arguments: Any, **keywords: Any) -> Any:
            self.calls.append(name)
            if self.down:
                raise ClientError({"Error": {"Code": "InternalServerError", "Message": "down"}}, name)
            answer = attribute(*arguments, **keywords)
            self.after.pop(f"{name}:{len(self.calls)}", lambda: None)()
            return answer

        return call


@pytest.fixture
def client() -> "Iterator[DynamoDBClient]":
    with mock_aws():
        client = boto3.client(
            "dynamodb", region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        client.create_table(
            TableName="config",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        yield client


@pytest.fixture(params=["in memory", "on DynamoDB"])
def deployment(request: pytest.FixtureRequest) -> Deployment:
    if request.param == "in memory":
        table = ConfigurationTable()
        return Deployment(lambda: FakeConfigurations(table), lambda down: setattr(table, "down", down))
    interruptible = Interruptible(request.getfixturevalue("client"))
    return Deployment(
        lambda: DynamoConfigurations(interruptible, "config"),  # type: ignore[arg-type]
        lambda down: setattr(interruptible, "down", down),
    )


def test_without_anything_stored_the_shipped_configuration_is_current(deployment: Deployment) -> None:
    current = deployment.view().current(NOW)

    assert current.version == 0
    assert set(current.queues) == {"product", "billing", "order"}


def test_a_saved_configuration_is_current_for_every_new_process(deployment: Deployment) -> None:
    assert deployment.view().save(RENAMED, 0) == 1

    current = deployment.view().current(NOW)
    assert current.version == 1
    assert current.groups["billing"].name == "The billing people"
    assert set(current.queues) == {"product", "billing", "order"}


def test_a_running_process_notices_a_new_version_after_five_seconds(deployment: Deployment) -> None:
    running = deployment.view()
    running.current(NOW)
    deployment.view().save(RENAMED, 0)

    assert running.current(NOW + 5 * SECOND - 1).version == 0
    assert running.current(NOW + 5 * SECOND).version == 1


def test_a_clock_that_steps_back_does_not_hold_an_old_version(deployment: Deployment) -> None:
    running = deployment.view()
    running.current(NOW)
    deployment.view().save(RENAMED, 0)

    assert running.current(NOW - 60 * SECOND).version == 1


def test_the_same_snapshot_is_one_object_between_looks(deployment: Deployment) -> None:
    running = deployment.view()

    assert running.current(NOW) is running.current(NOW + 1)


def test_who_changes_the_configuration_sees_it_at_once(deployment: Deployment) -> None:
    writer = deployment.view()
    writer.stored()
    deployment.view().save(RENAMED, 0)

    assert writer.stored().version == 1


def test_of_two_writers_from_the_same_version_the_second_is_refused(deployment: Deployment) -> None:
    deployment.view().save(RENAMED, 0)

    with pytest.raises(ConflictError):
        deployment.view().save(FEWER, 0)
    assert deployment.view().stored().properties.max_guest_sessions_per_hour == 200


def test_a_version_from_the_future_is_refused(deployment: Deployment) -> None:
    with pytest.raises(ConflictError):
        deployment.view().save(RENAMED, 3)


def test_while_the_store_is_down_the_last_good_configuration_serves(deployment: Deployment) -> None:
    running = deployment.view()
    deployment.view().save(RENAMED, 0)
    running.current(NOW)
    deployment.set_down(True)

    assert running.current(NOW + 60 * SECOND).version == 1


def test_a_process_that_never_read_a_configuration_says_unavailable(deployment: Deployment) -> None:
    deployment.set_down(True)

    with pytest.raises(UnavailableError):
        deployment.view().current(NOW)
    with pytest.raises(UnavailableError):
        deployment.view().stored()
    with pytest.raises(UnavailableError):
        deployment.view().save(RENAMED, 0)


def test_applying_goes_from_version_to_version_and_not_without_a_change(deployment: Deployment) -> None:
    first = apply_configuration(RENAMED, store=deployment.view())
    again = apply_configuration(RENAMED, store=deployment.view())
    second = apply_configuration({**RENAMED, **FEWER}, store=deployment.view(), expected_version=1)

    assert [first.version, again.version, second.version] == [1, 1, 2]
    assert deployment.view().current(NOW).properties.max_guest_sessions_per_hour == 7


# What only the DynamoDB implementation can show.


def test_a_configuration_of_several_chunks_comes_back_whole(client: "DynamoDBClient") -> None:
    members = [hashlib.sha512(f"agent {number}".encode()).hexdigest() for number in range(5_000)]
    document = {
        "groups": [{"id": name, "name": name, "members": members} for name in ("product", "billing", "order")]
    }

    DynamoConfigurations(client, "config").save(document, 0)

    items = client.scan(TableName="config")["Items"]
    chunks = [item["data"]["B"] for item in items if "data" in item]
    assert len(chunks) > 1
    assert max(map(len, chunks)) == CHUNK_BYTES
    assert len(DynamoConfigurations(client, "config").current(NOW).members("order")) == 5_000


def test_an_idle_look_is_one_read(client: "DynamoDBClient") -> None:
    counted = Interruptible(client)
    running = DynamoConfigurations(counted, "config")  # type: ignore[arg-type]
    running.save(RENAMED, 0)
    running.current(NOW)
    counted.calls.clear()

    for at in range(NOW, NOW + 10 * SECOND, 100):
        running.current(at)

    assert counted.calls == ["get_item"]


def test_a_damaged_snapshot_leaves_running_functions_with_what_they_have(client: "DynamoDBClient") -> None:
    running = DynamoConfigurations(client, "config")
    running.save(RENAMED, 0)
    running.current(NOW)
    running.save(FEWER, 1)
    _damage(client, version=2)

    assert running.current(NOW + 5 * SECOND).version == 1


def test_a_damaged_snapshot_gives_a_new_function_the_version_before(client: "DynamoDBClient") -> None:
    writer = DynamoConfigurations(client, "config")
    writer.save(RENAMED, 0)
    writer.save(FEWER, 1)
    _damage(client, version=2)

    assert DynamoConfigurations(client, "config").current(NOW).version == 1


def test_with_nothing_readable_left_a_new_function_waits_rather_than_serve_what_ships(
    client: "DynamoDBClient",
) -> None:
    DynamoConfigurations(client, "config").save(RENAMED, 0)
    _damage(client, version=1)

    with pytest.raises(UnavailableError):
        DynamoConfigurations(client, "config").current(NOW)


def test_a_snapshot_of_another_format_is_validated_before_it_serves(client: "DynamoDBClient") -> None:
    writer = DynamoConfigurations(client, "config")
    writer.save(RENAMED, 0)
    writer.save({"queues": [{"id": "a", "name": "A", "group": "gone", "since": "a later release"}]}, 1)
    _pretend_format(client, FORMAT + 1)

    assert DynamoConfigurations(client, "config").current(NOW).version == 1


def test_a_valid_snapshot_of_another_format_serves(client: "DynamoDBClient") -> None:
    DynamoConfigurations(client, "config").save(RENAMED, 0)
    _pretend_format(client, FORMAT + 1)

    assert DynamoConfigurations(client, "config").current(NOW).version == 1


@pytest.mark.parametrize("version", [0, 1])
def test_a_writer_overtaken_between_its_chunks_and_the_pointer_is_refused(
    client: "DynamoDBClient", version: int
) -> None:
    other, slow = DynamoConfigurations(client, "config"), Interruptible(client)
    for before in range(version):
        other.save({}, before)
    slow.after["put_item:2"] = lambda: other.save(RENAMED, version)

    with pytest.raises(ConflictError):
        DynamoConfigurations(slow, "config").save(FEWER, version)  # type: ignore[arg-type]
    assert other.current(NOW).groups["order"].name == "The order people"


def test_a_pointer_put_that_was_sent_twice_is_a_success(client: "DynamoDBClient") -> None:
    class Resending(Interruptible):
        def __getattr__(self, name: str) -> Any:
            once = super().__getattr__(name)
            if name != "put_item":
                return once
            return lambda **keywords: [once(**keywords), once(**keywords)][-1]

    assert DynamoConfigurations(Resending(client), "config").save(RENAMED, 0) == 1  # type: ignore[arg-type]
    assert DynamoConfigurations(client, "config").current(NOW).version == 1


def _damage(client: "DynamoDBClient", version: int) -> None:
    for item in client.scan(TableName="config")["Items"]:
        if item["pk"]["S"].startswith(f"snapshot#{version}#"):
            client.put_item(TableName="config", Item={**item, "data": {"B": b"not what was saved"}})


def _pretend_format(client: "DynamoDBClient", number: int) -> None:
    client.update_item(
        TableName="config",
        Key={"pk": {"S": "configuration"}, "sk": {"S": "current"}},
        UpdateExpression="SET #f = :f",
        ExpressionAttributeNames={"#f": "format"},
        ExpressionAttributeValues={":f": {"N": str(number)}},
    )
