"""A participant: the whole client, which keeps its transcripts complete and its outboxes moving on any network.

What it does is what the protocol asks of every client: join and catch up after each connection, one unacknowledged
message per log, repeats under the same id and `after`, a sync where a number is missing and every two seconds.
"""

import threading
import time
from collections.abc import Iterable
from queue import Empty, SimpleQueue
from typing import Any, Self

from websockets.exceptions import WebSocketException

from tests.clients.http import Visit
from tests.clients.outbox import Outbox
from tests.clients.socket import Frame, Socket
from tests.clients.transcript import Transcript

SYNC_EVERY = 2.0
SEND_AGAIN_AFTER = 2.5
_TICK = 0.02
_RETRYABLE = frozenset({"unavailable", "rate_limited"})


class Participant:
    """Lives on a thread of its own from `start` to `stop`; a guest has one conversation, an agent any number."""

    def __init__(self, url: str, token: str, interactions: Iterable[str], *, guest: bool) -> None:
        self.transcripts = {interaction: Transcript() for interaction in interactions}
        self.outboxes = {interaction: Outbox() for interaction in self.transcripts}
        self.failures: list[Any] = []
        self.connections = 0
        self._url = url
        self._token = token
        self._guest = guest
        self._socket: Socket | None = None
        self._frames: SimpleQueue[Frame] = SimpleQueue()
        self._sent_at: dict[str, float] = {}
        self._synced_at: dict[str, float] = {}
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._live, daemon=True)

    @classmethod
    def of_guest(cls, visit: Visit) -> Self:
        """The guest of one conversation."""
        return cls(visit.websocket_url, visit.token, [visit.interaction], guest=True)

    def start(self) -> None:
        """Connect, and stay connected."""
        self._thread.start()

    def stop(self) -> None:
        """Leave for good."""
        self._stopping.set()
        self._thread.join(30)

    def say(self, interaction: str, text: str) -> str:
        """Put a message into the outbox; gives its id."""
        with self._lock:
            return self.outboxes[interaction].say(text)

    def cut(self) -> None:
        """Lose the connection, if there is one."""
        socket = self._socket
        if socket is not None:
            socket.cut()

    @property
    def idle(self) -> bool:
        """Whether everything said was acknowledged and no number is missing."""
        return not any(map(len, self.outboxes.values())) and not any(
            transcript.has_gap for transcript in self.transcripts.values()
        )

    def _live(self) -> None:
        while not self._stopping.is_set():
            try:
                with Socket(self._url, self._token, on_frame=self._frames.put) as socket:
                    self._socket = socket
                    self.connections += 1
                    self._sent_at.clear()
                    self._synced_at.clear()
                    self._serve(socket)
            except (ConnectionError, TimeoutError, OSError, WebSocketException):
                self._stopping.wait(0.1)
            except Exception as error:
                self.failures.append(error)
                return
            finally:
                self._socket = None

    def _serve(self, socket: Socket) -> None:
        after = max(transcript.head for transcript in self.transcripts.values()) if self._guest else 0
        joined = socket.call("join", **({"after": after} if self._guest else {}))
        if joined["type"] != "joined":
            raise ConnectionError(f"Not let in: {joined}")
        # A guest's token is renewed with every join.
        self._token = joined.get("token", self._token)
        for entry in joined.get("messages", ()):
            self._take(entry)
        while not self._stopping.is_set() and not socket.closed:
            self._hear()
            now = time.monotonic()
            for interaction in self.transcripts:
                self._keep_complete(socket, interaction, now)
                self._keep_moving(socket, interaction, now)

    def _keep_complete(self, socket: Socket, interaction: str, now: float) -> None:
        waited = now - self._synced_at.get(interaction, 0)
        if waited > SYNC_EVERY or (self.transcripts[interaction].has_gap and waited > SYNC_EVERY / 4):
            self._synced_at[interaction] = now
            after = self.transcripts[interaction].head
            socket.send({"action": "sync", "interaction": interaction, "after": after, "ref": interaction})

    def _keep_moving(self, socket: Socket, interaction: str, now: float) -> None:
        with self._lock:
            draft = self.outboxes[interaction].first(self.transcripts[interaction].head)
        if draft is not None and now - self._sent_at.get(draft.id, -SEND_AGAIN_AFTER) >= SEND_AGAIN_AFTER:
            self._sent_at[draft.id] = now
            socket.send(
                {
                    "action": "send",
                    "interaction": interaction,
                    "id": draft.id,
                    "text": draft.text,
                    "after": draft.after,
                    "ref": interaction,
                }
            )

    def _hear(self) -> None:
        try:
            frame = self._frames.get(timeout=_TICK)
            while True:
                self._handle(frame)
                frame = self._frames.get_nowait()
        except Empty:
            return

    def _handle(self, frame: Frame) -> None:
        match frame.get("type"):
            case "sent":
                self._acknowledge(frame["ref"], frame["id"], frame["seq"])
            case "messages":
                for entry in frame["items"]:
                    self._take(entry)
                if frame["more"]:
                    self._synced_at[frame["interaction"]] = 0
            case "error" if frame["code"] == "behind":
                self.outboxes[frame["ref"]].start_over()
            case "error" if frame["code"] in _RETRYABLE:
                self._try_again_soon()
            case "error":
                self.failures.append(frame)
            case None:
                # API Gateway itself: the function failed, nothing is known.
                self._try_again_soon()
            case _ if "seq" in frame and "id" in frame:
                self._take(frame)

    def _try_again_soon(self) -> None:
        soon = time.monotonic() - SEND_AGAIN_AFTER + 0.3
        self._sent_at = {message: min(at, soon) for message, at in self._sent_at.items()}

    def _take(self, entry: Frame) -> None:
        interaction = entry["interaction"]
        if interaction in self.transcripts:
            self.transcripts[interaction].take(entry)
            self._acknowledge(interaction, entry["id"], entry["seq"], entry)

    def _acknowledge(self, interaction: str, message: str, seq: int, entry: Frame | None = None) -> None:
        with self._lock:
            text = self.outboxes[interaction].acknowledge(message, seq)
        if text is not None:
            mine = {"interaction": interaction, "seq": seq, "id": message, "text": text}
            self.transcripts[interaction].take(entry or mine)
