"""One running emulator, with its state in a folder of its own."""

import fcntl
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO

from local import environment
from local.failure import SetupError
from local.paths import EMULATOR_PYTHON, ROOT
from local.ports import HOST

_START_SECONDS = 30
_STOP_SECONDS = 20


class Emulator:
    """MiniStack on a port; what it holds survives `stop` and returns with `start`.

    IAM is enforced. Lines it writes are in `folder/emulator.log`. `wire` is where it records what functions ask of it
    (local/emulator/wire.py), nowhere if None.
    """

    def __init__(self, port: int, folder: Path, chaos: Path | None = None, wire: Path | None = None) -> None:
        self.port = port
        self.endpoint = f"http://{HOST}:{port}"
        self.log = folder / "emulator.log"
        self._folder = folder
        self._chaos = chaos
        self._wire = wire
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Raises SetupError if another still uses the folder, or this one does not answer within half a minute."""
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = _locked(self._folder / "lock")
        self._remove_workspaces()
        temporary, state, objects = (self._folder / name for name in ("tmp", "state", "objects"))
        for folder in (temporary, state, objects):
            folder.mkdir(parents=True, exist_ok=True)
        settings = {
            "AUTH": "true",
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_REGION": environment.REGION,
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(state),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(objects),
            "TMPDIR": str(temporary),
            # No engine of containers is ever looked for.
            "DOCKER_HOST": f"unix://{self._folder}/none.sock",
        }
        if self._chaos:
            settings["DESKBELL_CHAOS"] = str(self._chaos)
        if self._wire:
            settings["DESKBELL_WIRE_LOG"] = str(self._wire)
        with lock, self.log.open("ab") as log:
            # A session of its own: Ctrl-C must reach the launcher alone, which then stops this in order. It ends by
            # itself when the pipe closes, so a launcher that was killed leaves nothing behind.
            self._process = subprocess.Popen(
                [EMULATOR_PYTHON, "-m", "local.emulator"],
                cwd=ROOT,
                env=environment.plain() | settings,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
                # Holds the lock for as long as it lives, longer than a launcher that was killed.
                pass_fds=[lock.fileno()],
            )
        self._wait_until_healthy(self._process)

    def stop(self) -> None:
        """Saves the state and ends; harmless if it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._remove_workspaces()

    @property
    def running(self) -> bool:
        """Whether the process that `start` made still lives."""
        return self._process is not None and self._process.poll() is None

    def _wait_until_healthy(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=1):  # noqa: S310
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        self.stop()
        raise SetupError(f"the emulator did not start; its last words are in {self.log}")

    def _remove_workspaces(self) -> None:
        # It leaves each worker's unpacked code behind.
        shutil.rmtree(self._folder / "tmp", ignore_errors=True)


def _locked(file: Path) -> IO[bytes]:
    lock = file.open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise SetupError(f"another run still uses {file.parent}; wait for it, or stop it") from None
    return lock
