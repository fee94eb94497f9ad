"""The emulator's process: it keeps its state, leaves nothing behind, and ends with whoever started it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.failure import SetupError
from local.instance import Emulator
from local.paths import ROOT
from local.ports import free_port, require_free
from local.stack import Stack


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    instance = Emulator(free_port(), tmp_path)
    instance.start()
    yield instance
    instance.stop()


def test_what_it_holds_survives_a_restart(emulator: Emulator) -> None:
    queues = Stack(emulator.endpoint, {}).queues
    url = queues.create_queue(QueueName="kept")["QueueUrl"]
    queues.send_message(QueueUrl=url, MessageBody="still here")
    emulator.stop()
    emulator.start()
    received = queues.receive_message(QueueUrl=queues.get_queue_url(QueueName="kept")["QueueUrl"])
    assert [message["Body"] for message in received["Messages"]] == ["still here"]


def test_it_leaves_its_port_and_no_workspaces(emulator: Emulator, tmp_path: Path) -> None:
    emulator.stop()
    emulator.stop()
    assert not emulator.running
    require_free(emulator.port, "PORT")
    assert not (tmp_path / "tmp").exists()


def test_a_port_in_use_is_told_before_anything_starts(emulator: Emulator) -> None:
    with pytest.raises(SetupError, match=rf"port {emulator.port} of 127\.0\.0\.1 is busy"):
        require_free(emulator.port, "DESKBELL_PORT")


def test_two_never_share_a_folder(emulator: Emulator, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=f"another run still uses {tmp_path}"):
        Emulator(free_port(), tmp_path).start()
    assert emulator.running


def test_it_ends_when_its_launcher_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from local.instance import Emulator\n"
        f"Emulator({free_port()}, Path({str(tmp_path)!r})).start(); print('up', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as launcher:
        assert launcher.stdout
        assert launcher.stdout.readline() == "up\n"
        os.kill(launcher.pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while "shutting down" not in (tmp_path / "emulator.log").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.1)
