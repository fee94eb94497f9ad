"""One socket: frames go out, replies are told from pushes by their `ref`, everything that came is kept in order."""

import contextlib
import json
import socket as tcp
import struct
import threading
import time
from collections.abc import Callable
from itertools import count
from types import TracebackType
from typing import Any, Self, cast

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

type Frame = dict[str, Any]

SUBPROTOCOL = "deskbell.v1"
PATIENCE = 20.0
"""Seconds until an answer is given up: a function may have to start first, on a busy machine."""


class Socket:
    """An open connection of a guest or an agent; raises websockets' InvalidStatus where it is refused."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        origin: str | None = None,
        on_frame: Callable[[Frame], None] | None = None,
    ) -> None:
        self.frames: list[Frame] = []
        self.closed = False
        self.close_code: int | None = None
        self._on_frame = on_frame
        self._arrived = threading.Condition()
        self._refs = count(1)
        self._seen = 0
        self._opening = connect(
            url,
            subprotocols=[Subprotocol(SUBPROTOCOL), Subprotocol(token)],
            origin=Origin(origin) if origin else None,
            open_timeout=PATIENCE,
            close_timeout=2,
            ping_interval=None,
            max_size=None,
            proxy=None,
        )
        self._connection = self._opening.__enter__()
        self.subprotocol = self._connection.subprotocol
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, frame: str | bytes | Frame) -> None:
        """Send a frame, text as it is; raises ConnectionError where the socket is closed."""
        raw = frame if isinstance(frame, str | bytes) else json.dumps(frame, ensure_ascii=False)
        try:
            self._connection.send(raw)
        except ConnectionClosed as error:
            raise ConnectionError("The socket is closed.") from error

    def call(self, action: str, *, timeout: float = PATIENCE, **fields: Any) -> Frame:
        """Send a frame and give its reply; raises TimeoutError, ConnectionError."""
        ref = f"r{next(self._refs)}"
        self.send({"action": action, **fields, "ref": ref})
        return self._await(lambda frame: frame.get("ref") == ref, timeout, f"the reply to {action}")

    def expect(self, kind: str, *, timeout: float = PATIENCE, **fields: Any) -> Frame:
        """Give the first frame of a type, with these fields, that `expect` has not given yet."""

        def fits(frame: Frame) -> bool:
            return (
                "ref" not in frame
                and frame.get("type") == kind
                and all(frame.get(name) == value for name, value in fields.items())
                and not frame.get("_taken")
            )

        frame = self._await(fits, timeout, f"{kind} {fields}")
        frame["_taken"] = True
        return frame

    def next_frame(self, timeout: float = PATIENCE) -> Frame:
        """Give the next frame in order of arrival."""
        with self._arrived:
            wanted = self._seen
            if not self._arrived.wait_for(lambda: len(self.frames) > wanted or self.closed, timeout):
                raise TimeoutError("No frame came.")
            if len(self.frames) <= wanted:
                raise ConnectionError("The socket was closed.")
            self._seen += 1
            return self.frames[wanted]

    def await_close(self, timeout: float = PATIENCE) -> int | None:
        """Wait until the other side has closed; gives the close code."""
        self._reader.join(timeout)
        if not self.closed:
            raise TimeoutError("The socket stayed open.")
        return self.close_code

    def close(self) -> None:
        """Close in order."""
        with contextlib.suppress(OSError):
            self._connection.close()
        self._reader.join(PATIENCE)

    def cut(self) -> None:
        """Lose the network: the connection is reset, no closing words are said."""
        raw = self._connection.socket
        with contextlib.suppress(OSError):
            raw.setsockopt(tcp.SOL_SOCKET, tcp.SO_LINGER, struct.pack("ii", 1, 0))
            raw.shutdown(tcp.SHUT_RDWR)
        self._reader.join(PATIENCE)

    def _await(self, fits: Callable[[Frame], bool], timeout: float, what: str) -> Frame:
        deadline = time.monotonic() + timeout
        looked_at = 0
        with self._arrived:
            while True:
                for frame in self.frames[looked_at:]:
                    if fits(frame):
                        return frame
                looked_at = len(self.frames)
                if self.closed:
                    raise ConnectionError(f"The socket was closed before {what} came.")
                if not self._arrived.wait(deadline - time.monotonic()):
                    raise TimeoutError(f"{what} did not come; there came {self.frames[-5:]}")

    def _read(self) -> None:
        try:
            for raw in self._connection:
                frame = cast("Frame", json.loads(raw))
                with self._arrived:
                    self.frames.append(frame)
                    self._arrived.notify_all()
                if self._on_frame is not None:
                    self._on_frame(frame)
        except (ConnectionClosed, OSError):
            pass
        finally:
            with self._arrived:
                self.closed = True
                self.close_code = self._connection.close_code
                self._arrived.notify_all()
