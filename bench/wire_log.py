"""What functions asked of AWS during a step, from the emulator's record (local/emulator/wire.py)."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deskbell.aws.items import STATE

type Record = dict[str, Any]

QUIET_SECONDS = 0.25
_LONGEST_SECONDS = 20
_RENEWAL = "SET lease_until = :lease"


@dataclass
class Counts:
    """Calls and units; `write` and `read` are the tables' units, `index` those of the due index."""

    calls: Counter[str] = field(default_factory=Counter)
    write: float = 0
    index: float = 0
    read: float = 0
    pushes: int = 0
    pushed_bytes: int = 0
    invocations: Counter[str] = field(default_factory=Counter)
    sqs: int = 0
    timers: int = 0
    others: Counter[str] = field(default_factory=Counter)

    def add(self, record: Record) -> None:
        """Count one record."""
        match record["kind"]:
            case "dynamodb":
                self.calls[record["operation"]] += 1
                self.write += record["write"]
                self.index += record["index"]
                self.read += record["read"]
            case "push":
                self.pushes += 1
                self.pushed_bytes += record["bytes"]
            case "invocation":
                self.invocations[function_of(record)] += 1
                # A batch from a queue is received and deleted: two requests of the poller.
                self.sqs += 2 if record["source"] == "sqs" else 0
            case "sqs":
                self.sqs += 1
                self.timers += "TimerQueue" in record["queue"]
            case _:
                self.others[f"{record['kind']} {record.get('operation') or record.get('method')}"] += 1


@dataclass
class Step:
    """What one step cost: itself, the queue's board, what it shares with others, and what timers did meanwhile."""

    own: Counts = field(default_factory=Counts)
    board: Counts = field(default_factory=Counts)
    shared: Counts = field(default_factory=Counts)
    background: Counts = field(default_factory=Counts)
    records: list[Record] = field(default_factory=list)


class WireLog:
    """Reads the record from where the last step ended."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = path.stat().st_size

    def measure(self, act: Callable[[], object]) -> Step:
        """Count what `act` causes, until no function has done anything for a quarter of a second."""
        self.settle()
        act()
        return tally(self._until_quiet())

    def settle(self) -> None:
        """Leave out whatever is still going on."""
        self._until_quiet()

    def let_settle(self) -> None:
        """Wait for whatever is still going on, and keep it for the measurement that is under way."""
        offset = self._offset
        self._until_quiet()
        self._offset = offset

    def _until_quiet(self) -> list[Record]:
        found: list[Record] = []
        started = quiet_since = time.monotonic()
        while (
            time.monotonic() - quiet_since < QUIET_SECONDS and time.monotonic() - started < _LONGEST_SECONDS
        ):
            new = list(self._read())
            if new:
                found += new
                quiet_since = time.monotonic()
            time.sleep(0.02)
        return found

    def _read(self) -> Iterator[Record]:
        with self._path.open("rb") as log:
            log.seek(self._offset)
            for line in log:
                if not line.endswith(b"\n"):
                    return
                self._offset += len(line)
                yield json.loads(line)


def tally(records: Iterable[Record]) -> Step:
    """Sort records into the step's own, the shared and the background's."""
    step = Step()
    for record in records:
        step.records.append(record)
        if function_of(record) == "Sweep":
            step.background.add(record)
        elif is_shared(record):
            step.shared.add(record)
        elif is_board(record):
            step.board.add(record)
        else:
            step.own.add(record)
    return step


def without(step: Step, *functions: str) -> Step:
    """The same step as if these functions had done nothing."""
    return tally(record for record in step.records if function_of(record) not in functions)


def only(step: Step, *functions: str) -> Step:
    """What these functions did of a step."""
    return tally(record for record in step.records if function_of(record) in functions)


def is_shared(record: Record) -> bool:
    """Whether a call serves many steps: configuration, agents' leases, frame rates, keys, names."""
    if record["kind"] in {"secretsmanager", "cognito-idp"}:
        return True
    if record["kind"] != "dynamodb":
        return False
    return (
        "Config" in record["table"]
        or record["update"] == _RENEWAL
        or any(name.startswith("frames#") for name in record["items"])
    )


def is_board(record: Record) -> bool:
    """Whether a call keeps what a queue tells people: when it is announced next, how long people waited."""
    return record["kind"] == "dynamodb" and any(
        name.endswith(("/TICK", "/WAITS")) for name in record["items"]
    )


def function_of(record: Record) -> str:
    """The function's name in the template, without `Function`."""
    return str(record["by"]).split("-")[1].removesuffix("Function")


def state_sizes(records: Iterable[Record]) -> list[int]:
    """Bytes of every STATE item that was read or written."""
    return [
        size
        for record in records
        if record["kind"] == "dynamodb"
        for name, size in record["items"].items()
        if name.endswith(f"/{STATE}")
    ]
