"""Sockets in memory."""

import json
from typing import Any

from deskbell.errors import UnavailableError
from deskbell.ports import Frame, GoneError
from deskbell.views import encode
from tests.fakes.faults import Faults


class FakeGateway:
    """Every socket is open unless it is among those `closed`; those `unreachable` fail for another reason.

    `sent` holds what arrived, as the other end reads it.
    """

    def __init__(self, faults: Faults | None = None) -> None:
        self.faults = Faults() if faults is None else faults
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.closed: set[str] = set()
        self.unreachable: set[str] = set()

    def push(self, connection: str, frame: Frame) -> None:
        text = encode(frame)
        with self.faults.at("push"):
            if connection in self.closed:
                raise GoneError(connection)
            if connection in self.unreachable:
                raise UnavailableError("A socket could not be reached.")
            self.sent.append((connection, json.loads(text)))

    def close(self, connection: str) -> None:
        with self.faults.at("close"):
            self.closed.add(connection)

    def to(self, connection: str, kind: str | None = None) -> list[dict[str, Any]]:
        """What arrived at one socket, all of it or one type."""
        return [frame for name, frame in self.sent if name == connection and kind in (None, frame["type"])]
