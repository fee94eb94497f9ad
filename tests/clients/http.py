"""The HTTP API: forms, submissions and reading back, with refusals as plain answers."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.clients.ulid import ulid

DEFAULT_ANSWERS = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email": "ada@example.org",
    "issue_type": "billing",
    "description": "My bill is wrong.",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True, slots=True)
class Visit:
    """A submission that was taken: the interaction, and the token that opens it."""

    interaction: str
    number: str
    token: str
    websocket_url: str


class Http:
    """The API at a base address."""

    def __init__(self, base: str) -> None:
        self._base = base

    def call(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        raw: bytes | None = None,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make a request; any status is an answer."""
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        sent = {"content-type": "application/json", **(headers or {})}
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        request = urllib.request.Request(self._base + path, data, sent, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
                return _answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            return _answer(error.code, error.headers, error.read())

    def submit(
        self,
        form: str = "default",
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        **answers: str,
    ) -> Answer:
        """Send a form with the usual answers and those given, under a key of its own."""
        sent = {"idempotency-key": key or ulid(), **(headers or {})}
        body = {"answers": {**DEFAULT_ANSWERS, **answers}}
        return self.call("POST", f"/v1/forms/{form}/submissions", body=body, headers=sent)

    def visit(self, form: str = "default", **answers: str) -> Visit:
        """Send a form that must be taken."""
        answer = self.submit(form, key=None, headers=None, **answers)
        assert answer.status == 201, answer
        return visit_of(answer)

    def record(self, interaction: str, token: str) -> Any:
        """Read an interaction."""
        answer = self.call("GET", f"/v1/interactions/{interaction}", token=token)
        assert answer.status == 200, answer
        return answer.body

    def log(self, interaction: str, token: str) -> list[dict[str, Any]]:
        """Read a whole log, page by page."""
        items: list[dict[str, Any]] = []
        while True:
            after = items[-1]["seq"] if items else 0
            answer = self.call("GET", f"/v1/interactions/{interaction}/messages?after={after}", token=token)
            assert answer.status == 200, answer
            items += answer.body["items"]
            if not answer.body["more"]:
                return items


def visit_of(answer: Answer) -> Visit:
    """The visit that a 201 grants."""
    interaction = answer.body["interaction"]
    return Visit(interaction["id"], interaction["number"], answer.body["token"], answer.body["websocket_url"])


def _answer(status: int, headers: Any, body: bytes) -> Answer:
    names = {name.lower(): value for name, value in headers.items()}
    try:
        return Answer(status, names, json.loads(body))
    except ValueError:
        return Answer(status, names, body.decode(errors="replace"))
