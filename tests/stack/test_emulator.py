"""The emulator behaves as AWS where local/emulator changed it; each test fails if its change is lost."""

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from local.paths import TEMPLATE as TEMPLATE_OF_DESKBELL
from local.stack import Stack

NAME = "emulated"
TEMPLATE = Path(__file__).with_name("emulated.yaml")
CAPABILITIES = {"Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]}


@pytest.fixture(scope="module")
def outputs(stack: Stack) -> dict[str, str]:
    return _deploy(stack, TEMPLATE.read_text(), Origin="one.example")


@pytest.fixture
def socket(stack: Stack, outputs: dict[str, str]) -> Iterator[ClientConnection]:
    url = f"{stack.endpoint.replace('http', 'ws', 1)}/_aws/execute-api/{outputs['Socket']}/v1"
    with connect(url, subprotocols=[Subprotocol("first"), Subprotocol("second")]) as connection:
        yield connection


def test_an_http_api_has_the_routes_of_its_template(stack: Stack, outputs: dict[str, str]) -> None:
    assert _get(stack, outputs, "/one") == (200, "GET /one")
    assert _get(stack, outputs, "/two")[0] == 404


def test_functions_run_on_the_templates_python(stack: Stack, outputs: dict[str, str]) -> None:
    found = re.search(r"^    Runtime: python(\S+)$", TEMPLATE_OF_DESKBELL.read_text(), re.MULTILINE)
    assert found
    with urllib.request.urlopen(_address(stack, outputs, "/one")) as answer:
        assert json.load(answer)["version"] == [int(number) for number in found[1].split(".")]


def test_a_parameter_reaches_what_sam_expands(stack: Stack, outputs: dict[str, str]) -> None:
    assert _allowed_origin(stack, outputs, "https://one.example") == "https://one.example"
    assert _allowed_origin(stack, outputs, "https://evil.example") is None


def test_an_update_moves_routes_and_origins(stack: Stack, outputs: dict[str, str]) -> None:
    _deploy(stack, TEMPLATE.read_text().replace("/one", "/two"), Origin="two.example")
    assert _get(stack, outputs, "/two") == (200, "GET /two")
    assert _get(stack, outputs, "/one")[0] == 404
    assert _allowed_origin(stack, outputs, "https://two.example") == "https://two.example"
    _deploy(stack, TEMPLATE.read_text(), Origin="one.example")


def test_the_handshake_answers_the_subprotocol_that_connect_chose(socket: ClientConnection) -> None:
    assert socket.subprotocol == "second"


def test_a_declared_route_response_is_sent_and_another_is_not(socket: ClientConnection) -> None:
    _say(socket, "silent", say="nothing comes back")
    _say(socket, "answered", say="hello", sleep=0.5)
    assert _heard(socket) == {"route": "answered", "say": "hello"}


@pytest.mark.parametrize(
    "frame", ["not JSON", '"text"', "[]", "{}", '{"action": "unknown"}', '{"action": {"a": 1}}']
)
def test_a_frame_without_a_known_action_goes_to_the_default_route(
    socket: ClientConnection, frame: str
) -> None:
    socket.send(frame)
    assert _heard(socket)["route"] == "$default"


def test_frames_of_one_connection_run_side_by_side(socket: ClientConnection) -> None:
    for _ in range(2):  # the first round starts the workers
        _say(socket, "answered", say="slow", sleep=1.5)
        _say(socket, "answered", say="quick")
        order = [_heard(socket)["say"], _heard(socket)["say"]]
    assert order == ["quick", "slow"]


def test_a_failing_handler_tells_the_client_nothing_about_itself(socket: ClientConnection) -> None:
    _say(socket, "answered", say="fail")
    frame = _heard(socket)
    assert frame.keys() == {"message", "connectionId", "requestId"}
    assert frame["message"] == "Internal server error"


def test_a_binary_frame_ends_the_connection(socket: ClientConnection) -> None:
    socket.send(b'{"action": "answered"}')
    assert _close_code(socket) == 1003


def test_a_frame_above_32_kilobytes_ends_the_connection(socket: ClientConnection) -> None:
    _say(socket, "answered", say="x" * 16_000)
    assert _heard(socket)["route"] == "answered"
    _say(socket, "answered", say="x" * 33_000)
    assert _close_code(socket) == 1009


def test_what_a_handler_prints_for_a_frame_is_in_its_log_group(
    stack: Stack, socket: ClientConnection
) -> None:
    _say(socket, "answered", say="find me")
    _heard(socket)
    logs = stack.session.client("logs", endpoint_url=stack.endpoint)
    deadline = time.monotonic() + 5
    while not logs.filter_log_events(logGroupName=f"/{NAME}/echoing", filterPattern='"find me"')["events"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_table_has_the_time_to_live_of_its_template(stack: Stack, outputs: dict[str, str]) -> None:
    described = stack.dynamodb.describe_time_to_live(TableName=outputs["Expiring"])["TimeToLiveDescription"]
    assert described == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}


def _deploy(stack: Stack, template: str, **parameters: str) -> dict[str, str]:
    cloudformation = stack.cloudformation
    given = [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
    arguments = {"StackName": NAME, "TemplateBody": template, "Parameters": given, **CAPABILITIES}
    exists = any(
        summary["StackName"] == NAME and summary["StackStatus"] != "DELETE_COMPLETE"
        for summary in cloudformation.list_stacks()["StackSummaries"]
    )
    kind = "update" if exists else "create"
    getattr(cloudformation, f"{kind}_stack")(**arguments)
    waiter = cloudformation.get_waiter("stack_update_complete" if exists else "stack_create_complete")
    waiter.wait(StackName=NAME, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    described = cloudformation.describe_stacks(StackName=NAME)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}


def _address(stack: Stack, outputs: dict[str, str], path: str) -> str:
    return f"{stack.endpoint}/_aws/execute-api/{outputs['Http']}/$default{path}"


def _get(stack: Stack, outputs: dict[str, str], path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(_address(stack, outputs, path)) as answer:
            return answer.status, json.load(answer)["route"]
    except urllib.error.HTTPError as refusal:
        return refusal.code, ""


def _allowed_origin(stack: Stack, outputs: dict[str, str], origin: str) -> str | None:
    preflight = urllib.request.Request(
        _address(stack, outputs, "/one"),
        method="OPTIONS",
        headers={"Origin": origin, "Access-Control-Request-Method": "GET"},
    )
    try:
        with urllib.request.urlopen(preflight) as answer:
            allowed: str | None = answer.headers["Access-Control-Allow-Origin"]
            return allowed
    except urllib.error.HTTPError:
        return None


def _say(socket: ClientConnection, action: str, **fields: object) -> None:
    socket.send(json.dumps({"action": action, **fields}))


def _heard(socket: ClientConnection) -> dict[str, object]:
    frame: dict[str, object] = json.loads(socket.recv(timeout=15))
    return frame


def _close_code(socket: ClientConnection) -> int | None:
    with pytest.raises(ConnectionClosedError) as closed:
        socket.recv(timeout=15)
    return closed.value.rcvd.code if closed.value.rcvd else None
