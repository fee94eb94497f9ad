"""Below the stack level no test reaches a network or an AWS account: sockets are closed, credentials made up."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_socket import disable_socket

if TYPE_CHECKING:
    from local.stack import Stack
    from tests.builders.installation import Installation

_HERE = Path(__file__).parent
_CLOSED_LEVELS = frozenset({"unit", "usecases", "contract", "edge", "functions"})


def _is_closed(path: Path) -> bool:
    return path.is_relative_to(_HERE) and path.relative_to(_HERE).parts[0] in _CLOSED_LEVELS


@pytest.fixture(autouse=True)
def _sealed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not _is_closed(request.path):
        return
    # pytest-socket opens them again after each test; a test may allow itself this machine with `allow_hosts`.
    if request.node.get_closest_marker("allow_hosts") is None:
        disable_socket(allow_unix_socket=True)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="session")
def chaos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a test says which faults the emulator is to inject; there are none as long as it is empty."""
    return tmp_path_factory.mktemp("chaos")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, chaos: Path) -> "Iterator[Stack]":
    """The whole template on an emulator of this run's own; failed queue messages come back after 2 s."""
    from local.session import temporary_stack  # noqa: PLC0415 - fast levels do not pay for it

    folder = tmp_path_factory.mktemp("emulator")
    with temporary_stack(folder, {"QueueVisibilitySeconds": "2"}, chaos=chaos) as running:
        yield running


@pytest.fixture(scope="session")
def installation(stack: "Stack") -> "Installation":
    """The same stack as guests, agents and operators meet it, with a queue for each kind of test."""
    from tests.builders.installation import Installation  # noqa: PLC0415

    made = Installation(stack)
    made.populate()
    return made
