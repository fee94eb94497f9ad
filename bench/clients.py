"""Guests and agents who talk to a local stack, one frame at a time."""

import json
import secrets
import time
from collections import deque
from contextlib import ExitStack
from typing import Any

from websockets.sync.client import ClientConnection, connect

from deskbell.protocol import SUBPROTOCOL
from local.stack import Stack

type Frame = dict[str, Any]

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PATIENCE = 20
_NOTICED = 0.7


def ulid() -> str:
    """Make a message id."""
    number = time.time_ns() // 1_000_000 << 80 | secrets.randbits(80)
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


class Socket:
    """One connection; frames that are pushed are kept in `pushed` as they are met."""

    def __init__(self, stack: Stack, token: str) -> None:
        subprotocols: Any = [SUBPROTOCOL, token]
        self._open = ExitStack()
        self._socket: ClientConnection = self._open.enter_context(
            # Frames that nobody reads would hold up the closing.
            connect(stack.websocket_url, subprotocols=subprotocols, max_queue=None)
        )
        self._references = 0
        self.pushed: deque[Frame] = deque()
        self.frames_sent = 0

    def ask(self, action: str, **fields: object) -> Frame:
        """Send a frame and wait for its reply; raises RuntimeError when it is refused."""
        self._references += 1
        reference = str(self._references)
        self.tell(action, ref=reference, **fields)
        while True:
            frame = self._next(_PATIENCE)
            if frame.get("ref") == reference:
                if frame["type"] == "error":
                    raise RuntimeError(f"{action} was refused: {frame}")
                return frame
            self.pushed.append(frame)

    def tell(self, action: str, **fields: object) -> None:
        """Send a frame and wait for nothing."""
        self.frames_sent += 1
        self._socket.send(json.dumps({"action": action, **fields}, ensure_ascii=False))

    def wait_for(self, kind: str) -> Frame:
        """Wait for a frame of a type to be pushed, or take one that was; everything before it is dropped."""
        while True:
            frame = self.pushed.popleft() if self.pushed else self._next(_PATIENCE)
            if frame.get("type") == kind:
                return frame

    def close(self) -> None:
        """Close the connection, and give the server time to notice."""
        self._open.close()
        time.sleep(_NOTICED)

    def _next(self, seconds: float) -> Frame:
        frame: Frame = json.loads(self._socket.recv(timeout=seconds))
        return frame


class Desk:
    """The HTTP side of a stack: submissions from any network address."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._function = stack.function_name("SubmitFormFunction")

    def submit(
        self, client: str, answers: Frame | None = None, idempotency_key: str | None = None
    ) -> tuple[int, Frame]:
        """Submit the default form; gives status and body.

        The function is invoked as the HTTP API does: the emulator's own says that everybody is 127.0.0.1.
        """
        headers = {"content-type": "application/json"}
        if idempotency_key:
            headers["idempotency-key"] = idempotency_key
        event = {
            "version": "2.0",
            "routeKey": "POST /v1/forms/{form}/submissions",
            "rawPath": "/v1/forms/default/submissions",
            "rawQueryString": "",
            "headers": headers,
            "pathParameters": {"form": "default"},
            "requestContext": {
                "http": {"method": "POST", "path": "/v1/forms/default/submissions", "sourceIp": client},
                "requestId": ulid(),
                "stage": "$default",
                "timeEpoch": time.time_ns() // 1_000_000,
            },
            "body": json.dumps({"answers": answers or answers_of()}),
            "isBase64Encoded": False,
        }
        answer = self._stack.functions.invoke(FunctionName=self._function, Payload=json.dumps(event))
        response = json.loads(answer["Payload"].read())
        return response["statusCode"], json.loads(response["body"])


def answers_of(issue: str = "billing", total: int = 1000) -> Frame:
    """Answers to the default form that take `total` bytes as JSON."""
    answers = {
        "first_name": "Ada",
        "last_name": "Lovelace",
        "email": "ada.lovelace@example.org",
        "issue_type": issue,
        "description": "",
    }
    room = total - len(json.dumps(answers))
    text = "My last bill names an engine that I never ordered. "
    return {**answers, "description": (text * (room // len(text) + 1))[:room]}


def text_of(size: int) -> str:
    """A message of `size` bytes."""
    text = "The engine has no pretensions whatever to originate anything. "
    return (text * (size // len(text) + 1))[:size]
