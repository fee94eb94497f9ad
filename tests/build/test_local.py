"""What starts Deskbell on one machine, as far as it decides anything."""

import ast
import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import bootstrap, environment
from local.failure import SetupError
from local.paths import ROOT
from local.people import DEMO_PEOPLE
from local.ports import HOST, chosen_port, free_port, require_free
from local.stack import Stack
from local.web_server import WebServer, security_headers

OUTPUTS = {
    "HttpApiId": "http1",
    "WebSocketApiId": "socket1",
    "WebSocketStage": "v1",
    "UserPoolClientId": "client1",
}
STACK = Stack("http://127.0.0.1:4566", OUTPUTS, "http://127.0.0.1:8080", DEMO_PEOPLE)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WebServer]:
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "index.html").write_text("the desk")
    (tmp_path / "assets").mkdir()
    web = WebServer(free_port(), tmp_path, security_headers(STACK), STACK.web_config())
    web.start()
    yield web
    web.stop()


def test_child_processes_see_none_of_the_callers_aws_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE", "AWS_ENDPOINT_URL", "GITHUB_TOKEN"):
        monkeypatch.setenv(name, "the caller's")
    assert "the caller's" not in environment.plain().values()
    assert "the caller's" not in environment.for_packages().values()
    assert "the caller's" not in environment.for_sam("http://127.0.0.1:4566").values()
    assert "AWS_ENDPOINT_URL" not in environment.for_sam()


@pytest.mark.parametrize("text", ["", "0", "65536", "-1", "http", "80 80", "\uff18\uff10"])
def test_a_port_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("DESKBELL_PORT", text)
    with pytest.raises(SetupError, match=r"^DESKBELL_PORT is .*; it must be a port, 1 to 65535$"):
        chosen_port("DESKBELL_PORT", 4566)


def test_a_busy_port_is_told_with_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            SetupError, match=rf"port {port} of 127.0.0.1 is busy .* set DESKBELL_PORT to another"
        ):
            require_free(port, "DESKBELL_PORT")


def test_the_stack_file_says_what_programs_rely_on() -> None:
    document = STACK.document()
    assert document["http_url"] == "http://127.0.0.1:4566/_aws/execute-api/http1/$default"
    assert document["websocket_url"] == "ws://127.0.0.1:4566/_aws/execute-api/socket1/v1"
    assert document["web_url"] == "http://127.0.0.1:8080"
    assert document["cognito_url"] == "http://127.0.0.1:4566"
    assert document["user_pool_client_id"] == "client1"
    agents = document["agents"]
    assert isinstance(agents, list)
    assert len(agents) >= 3
    assert agents[0]["queues"] == ["billing", "order", "product"]
    assert all("billing" in agent["queues"] and {"username", "password"} <= agent.keys() for agent in agents)
    assert document["managers"]
    assert document["admins"]


def test_demo_passwords_satisfy_the_pool() -> None:
    for person in DEMO_PEOPLE:
        kinds = (str.islower, str.isupper, str.isdigit, lambda letter: not letter.isalnum())
        assert len(person.password) >= 12
        assert all(any(kind(letter) for letter in person.password) for kind in kinds)


def test_pages_come_with_the_headers_of_the_distribution(server: WebServer) -> None:
    with urllib.request.urlopen(f"{server.url}/desk/") as page:
        assert page.read() == b"the desk"
        headers = page.headers
    assert (
        "connect-src 'self' http://127.0.0.1:4566 ws://127.0.0.1:4566" in headers["Content-Security-Policy"]
    )
    assert "$" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_pages_are_told_where_their_backend_is(server: WebServer) -> None:
    with urllib.request.urlopen(f"{server.url}/config.json") as page:
        assert json.load(page) == STACK.web_config()
    assert STACK.web_config()["sign_in"] == "password"


@pytest.mark.parametrize("path", ["/assets/", "/nothing", "/../secret", "/%2e%2e/secret"])
def test_nothing_but_pages_is_served(server: WebServer, tmp_path: Path, path: str) -> None:
    (tmp_path.parent / "secret").write_text("not for the web")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{server.url}{path}")


def test_a_python_that_does_not_start_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shim = tmp_path / "python3.13"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    assert bootstrap.find_python() != str(shim)


def test_what_runs_before_anything_is_installed_needs_no_new_python() -> None:
    for name in ("__init__", "bootstrap", "environment", "failure", "paths", "progress"):
        ast.parse((ROOT / "local" / f"{name}.py").read_text(), feature_version=(3, 10))
