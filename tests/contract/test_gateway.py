"""Sockets: the adapter against API Gateway's own answers, and the fake against the same expectations."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber

from deskbell.aws.gateway import BRISK, ApiGatewaySockets
from deskbell.errors import UnavailableError
from deskbell.ports import GoneError
from tests.fakes.gateway import FakeGateway

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient

FRAME = {"type": "message", "text": "Grüße 🛎"}
# Real connection ids end in `=` and hold what base64 does.
SOCKET = "L0SM9cOFvHcCIhw="


@pytest.fixture
def client() -> ApiGatewayManagementApiClient:
    return boto3.client(
        "apigatewaymanagementapi",
        endpoint_url="https://api.example/prod",
        region_name="eu-central-1",
        config=BRISK,
    )


@pytest.fixture
def stubber(client: ApiGatewayManagementApiClient) -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_a_frame_goes_out_as_raw_utf8(client: ApiGatewayManagementApiClient, stubber: Stubber) -> None:
    data = '{"type":"message","text":"Grüße 🛎"}'.encode()
    stubber.add_response("post_to_connection", {}, {"ConnectionId": SOCKET, "Data": data})

    ApiGatewaySockets(client).push(SOCKET, FRAME)


def test_410_is_gone_and_names_the_socket_that_is_gone(
    client: ApiGatewayManagementApiClient, stubber: Stubber
) -> None:
    stubber.add_client_error("post_to_connection", "GoneException", http_status_code=410)

    with pytest.raises(GoneError) as caught:
        ApiGatewaySockets(client).push(SOCKET, FRAME)
    assert caught.value.connection == SOCKET


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("LimitExceededException", 429),
        ("ForbiddenException", 403),
        ("PayloadTooLargeException", 413),
        ("InternalServerError", 500),
        ("BadRequestException", 400),
    ],
)
def test_any_other_failure_is_unavailable_and_nobody_is_gone(
    client: ApiGatewayManagementApiClient, stubber: Stubber, code: str, status: int
) -> None:
    stubber.add_client_error("post_to_connection", code, http_status_code=status)

    with pytest.raises(UnavailableError):
        ApiGatewaySockets(client).push(SOCKET, FRAME)


def test_a_network_that_does_not_answer_is_unavailable(client: ApiGatewayManagementApiClient) -> None:
    def fail(**_request: object) -> None:
        raise ConnectTimeoutError(endpoint_url="https://api.example")

    client.meta.events.register("before-send.apigatewaymanagementapi.PostToConnection", fail)

    with pytest.raises(UnavailableError):
        ApiGatewaySockets(client).push(SOCKET, FRAME)


def test_closing_asks_for_it(client: ApiGatewayManagementApiClient, stubber: Stubber) -> None:
    stubber.add_response("delete_connection", {}, {"ConnectionId": SOCKET})

    ApiGatewaySockets(client).close(SOCKET)


@pytest.mark.parametrize("code", ["GoneException", "LimitExceededException"])
def test_closing_what_cannot_be_closed_is_harmless(
    client: ApiGatewayManagementApiClient, stubber: Stubber, code: str
) -> None:
    stubber.add_client_error("delete_connection", code)

    ApiGatewaySockets(client).close(SOCKET)


def test_the_fake_does_as_much() -> None:
    gateway = FakeGateway()
    gateway.push(SOCKET, FRAME)
    gateway.unreachable.add("far")
    gateway.close("closed")
    gateway.close("closed")

    failures: list[tuple[str, type[Exception]]] = [("far", UnavailableError), ("closed", GoneError)]
    for socket, error in failures:
        push: Callable[[], None] = lambda socket=socket: gateway.push(socket, FRAME)  # type: ignore[misc]  # noqa: E731
        with pytest.raises(error):
            push()
    assert gateway.sent == [(SOCKET, json.loads(json.dumps(FRAME)))]
