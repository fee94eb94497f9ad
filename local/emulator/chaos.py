"""Faults for tests of delivery: frames come late, twice and out of order, functions die, pushes fail.

Installed only where DESKBELL_CHAOS names a folder. What happens is said by `faults.json` in it and may change while
the emulator runs; without the file nothing does. Every fault is noted as a line of `injected.log` beside it.
"""

import asyncio
import json
import os
import threading
from collections import defaultdict
from pathlib import Path
from random import Random
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import apigateway, dynamodb

type Answer = tuple[int, dict[str, str], bytes]

_SERVER_ERROR: Answer = (500, {"Content-Type": "application/json"}, b'{"message": "chaos"}')
_DELIVERED: Answer = (200, {"Content-Type": "application/json"}, b"")


class Faults:
    """How large a part of what it can strike each fault does, 0 to 1: `duplicate`, `kill`, `refuse`, `lose`.

    `delay` is the most seconds that a frame may be held up, `pause` those between what a function read and what it
    then puts into a table. `seed` makes a run repeatable as far as threads allow.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "faults.json"
        self._log = folder / "injected.log"
        self._read_at = 0
        self._rates: dict[str, float] = {}
        self._random = Random(0)  # noqa: S311 - no secret
        self._owed: defaultdict[str, float] = defaultdict(float)
        self._lock = threading.Lock()

    def strikes(self, fault: str) -> bool:
        """Tell whether a fault happens now, and note it if so."""
        with self._lock:
            # Counted and not drawn: a short test with bad luck would have no faults at all.
            self._owed[fault] += self._rate(fault)
            struck = self._owed[fault] >= 1
            if struck:
                self._owed[fault] -= 1
                with self._log.open("a") as log:
                    log.write(fault + "\n")
            return struck

    def seconds(self, wait: str) -> float:
        """Draw how long a `delay` or a `pause` is this time."""
        with self._lock:
            return self._random.uniform(0, self._rate(wait))

    def _rate(self, fault: str) -> float:
        try:
            changed = self._file.stat().st_mtime_ns
        except FileNotFoundError:
            return 0
        if changed != self._read_at:
            self._rates = json.loads(self._file.read_text())
            self._random.seed(self._rates.get("seed", 0))
            self._read_at = changed
        return self._rates.get(fault, 0)


_tasks: set[asyncio.Task[None]] = set()


def install() -> None:
    """Puts faults between the sockets and the functions, where a test has asked for them.

    Goes last, so that it holds a frame up before the frame waits for its function.
    """
    folder = os.environ.get("DESKBELL_CHAOS")
    if folder:
        faults = Faults(Path(folder))
        _hold_up_frames(faults)
        _pause_before_puts(faults)
        _fail_pushes(faults, _follow_workers(faults))


def _hold_up_frames(faults: Faults) -> None:
    deliver = apigateway._invoke_ws_lambda

    async def deliver_in_chaos(*event: Any, **options: Any) -> Any:
        if event[6] != "MESSAGE":
            return await deliver(*event, **options)
        times = 2 if faults.strikes("duplicate") else 1

        async def deliver_late() -> None:
            await asyncio.sleep(faults.seconds("delay"))
            await deliver(*event, **options)

        for _ in range(times):
            task = asyncio.create_task(deliver_late())
            _tasks.add(task)
            task.add_done_callback(_tasks.discard)
        return None

    apigateway._invoke_ws_lambda = deliver_in_chaos


def _pause_before_puts(faults: Faults) -> None:
    handle = dynamodb.handle_request

    async def handle_late(method: str, path: str, headers: dict[str, str], *request: Any) -> Any:
        if headers.get("x-amz-target", "").endswith(".PutItem"):
            await asyncio.sleep(faults.seconds("pause"))
        return await handle(method, path, headers, *request)

    dynamodb.handle_request = handle_late


def _follow_workers(faults: Faults) -> dict[str, Any]:
    """Picks the sends whose function is to die; gives their workers by the id of the message."""
    doomed: dict[str, Any] = {}
    invoke = lambda_runtime.Worker.invoke

    def invoke_doomed(worker: Any, event: Any, *args: Any, **options: Any) -> Any:
        message = _message_of(event)
        if message and faults.strikes("kill"):
            doomed[message] = worker
        try:
            return invoke(worker, event, *args, **options)
        finally:
            if doomed.get(message) is worker:
                del doomed[message]

    lambda_runtime.Worker.invoke = invoke_doomed
    return doomed


def _message_of(event: Any) -> str:
    try:
        frame = json.loads(event["body"])
        return str(frame["id"]) if frame["action"] == "send" else ""
    except (KeyError, TypeError, ValueError):
        return ""


def _fail_pushes(faults: Faults, doomed: dict[str, Any]) -> None:
    handle = apigateway.handle_connections_api

    async def handle_in_chaos(
        method: str, api_id: str, stage: str, connection: str, body: bytes, headers: dict[str, str]
    ) -> Answer:
        if method == "POST":
            worker = doomed.get(str(json.loads(body).get("id", "")))
            if worker is not None:
                # It has stored the message and told nobody yet.
                process = worker._proc
                process.kill()
                while process.poll() is None:
                    await asyncio.sleep(0.005)
                return _SERVER_ERROR
            if faults.strikes("refuse"):
                return _SERVER_ERROR
            if faults.strikes("lose"):
                return _DELIVERED
        answer: Answer = await handle(method, api_id, stage, connection, body, headers)
        return answer

    apigateway.handle_connections_api = handle_in_chaos
