"""What the functions answer and push is what the contract documents say, no more and no less.

The real handlers run over the fakes; every answer is held to a schema that refuses whatever it does not name.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema.protocols import Validator

from deskbell.identity import Caller
from deskbell.timers import AgentDue
from tests.builders.contract import Json, complaints, document, resolved, validator, whole
from tests.builders.handlers import AGENT_TOKEN, ORIGIN, Handlers
from tests.builders.service import ANSWERS, HOUR, MINUTE, SECOND, Service, ulid
from tests.builders.service import document as configured

OPENAPI = document("openapi.yaml")
ASYNCAPI = document("asyncapi.yaml")
FUNCTION_OF = {
    **dict.fromkeys(("join", "presence"), "ws_connect"),
    **dict.fromkeys(("accept", "end", "reopen", "stay"), "actions"),
}
CLOSED = {"zone": "Europe/Berlin", "weekly": {"monday": [["09:00", "12:00"]]}}


def _validators(operation: Json) -> dict[str, Validator]:
    """By message name, what an operation's server may say."""
    spoken = operation["messages"] if operation["action"] == "send" else operation["reply"]["messages"]
    found = {}
    for message in spoken:
        payload = resolved(ASYNCAPI, message["$ref"])["payload"]
        found[message["$ref"].rsplit("/", 1)[1]] = validator(ASYNCAPI, payload)
    return found


OPERATIONS = ASYNCAPI["operations"]
PUSHES = _validators(OPERATIONS["push"])
REPLIES = {name: _validators(it) for name, it in OPERATIONS.items() if "reply" in it}


class Socket:
    """Sends frames to the functions and holds all that comes back to AsyncAPI; `said` names what came."""

    def __init__(self, handlers: Handlers) -> None:
        self.handlers = handlers
        self.said: set[str] = set()

    def ask(self, caller: Caller, action: str, **fields: Any) -> Any:
        """Send a frame; the reply, valid, with its reference."""
        function = FUNCTION_OF.get(action, "relay")
        reply = self.handlers.frame(function, caller, {"action": action, "ref": "r1", **fields})
        if action not in REPLIES:
            assert reply is None
            return None
        assert reply is not None
        # A frame that is turned away at the door is not read.
        assert reply["ref"] == "r1"
        self._hold(reply, REPLIES[action])
        return reply

    def listen(self) -> list[str]:
        """Hold what was pushed since the last time; its types, in order."""
        pushed = [frame for _, frame in self.handlers.service.gateway.sent]
        for frame in pushed:
            self._hold(frame, PUSHES)
        self.handlers.service.forget_pushes()
        return [frame["type"] for frame in pushed]

    def _hold(self, frame: Json, spoken: dict[str, Validator]) -> None:
        wrong = {name: complaints(it, frame) for name, it in spoken.items()}
        fitting = [name for name, problems in wrong.items() if not problems]
        assert fitting, f"{frame} fits none of {wrong}"
        self.said.update(fitting)


@pytest.fixture
def service() -> Service:
    return Service(configured())


@pytest.fixture
def handlers(service: Service, monkeypatch: pytest.MonkeyPatch) -> Handlers:
    return Handlers(service, monkeypatch)


@pytest.fixture
def socket(handlers: Handlers) -> Socket:
    return Socket(handlers)


def test_a_conversation_says_all_that_asyncapi_names(socket: Socket, service: Service) -> None:
    chat = service.waiting(connection=None)

    def guest() -> Caller:
        return service.guest_of(chat)

    def ann(connection: str = "a1") -> Caller:
        return service.agent("ann", connection)

    assert socket.ask(guest(), "join")["position"] == 1
    socket.ask(ann(), "join")
    socket.ask(ann("a2"), "join")
    assert socket.ask(ann(), "presence", state="away")["state"] == "away"
    assert socket.ask(guest(), "ping")["wait_seconds"] is None
    service.announce()
    assert set(socket.listen()) == {"presence", "queue", "queued"}

    assert socket.ask(guest(), "end", interaction=chat)["reopenable"] is True
    assert socket.ask(guest(), "reopen", interaction=chat)["position"] == 1
    assert socket.ask(ann(), "accept", queue="billing")["record"]["assigned_to"] == "ann"
    assert set(socket.listen()) == {"accepted", "assigned", "message"}
    assert socket.ask(ann(), "accept", interaction=chat)["type"] == "accepted"

    head = socket.ask(guest(), "join")["head"]
    socket.ask(guest(), "send", interaction=chat, id=ulid(1), text="Hello 🔔", after=head)
    socket.ask(ann(), "send", interaction=chat, id=ulid(2), text="Mine", visibility="work_note", anchor=1)
    for caller in (guest(), ann()):
        assert socket.ask(caller, "sync", interaction=chat)["items"]
    assert socket.ask(ann(), "sync", interaction=chat, log="work_note")["items"][0]["data"] == {"anchor": 1}
    socket.ask(guest(), "typing", interaction=chat, on=True)
    socket.ask(ann(), "typing", interaction=chat, on=False)
    socket.ask(guest(), "read", interaction=chat, seq=head + 1)
    socket.ask(ann(), "read", interaction=chat, seq=head + 1, state="delivered")
    assert socket.ask(ann(), "join")["interactions"][0]["read"] == {"guest": head + 1}
    assert set(socket.listen()) == {"message", "typing", "read"}

    service.later(MINUTE)
    socket.ask(ann(), "send", interaction=chat, id=ulid(3), text="Are you there?", after=head + 1)
    socket.listen()
    while "idle_warning" not in socket.listen():
        service.come_due(chat)
    assert socket.ask(guest(), "stay", interaction=chat)["type"] == "staying"

    for connection in ("a1", "a2"):
        service.disconnect(ann(connection))
    service.later(2 * MINUTE)
    due_at = service.at_work().due_at
    assert due_at is not None
    service.handle(AgentDue("ann", due_at))
    assert {"agent_left", "queued"} <= set(socket.listen())

    socket.ask(ann(), "join")
    socket.ask(ann(), "accept", queue="billing")
    assert socket.ask(ann(), "end", interaction=chat)["reason"] == "agent_ended"
    assert "ended" in socket.listen()
    socket.ask(guest(), "read", interaction=chat, seq=1000)
    assert "error" in socket.listen()
    socket.ask(guest(), "join")

    server = {name for it in (PUSHES, *REPLIES.values()) for name in it}
    assert socket.said == server


@pytest.mark.parametrize(
    ("action", "fields", "code"),
    [
        ("send", {"id": ulid(1), "text": "x", "after": 99}, "invalid_after"),
        ("send", {"id": "no ULID", "text": "", "after": -1}, "invalid_field"),
        ("send", {"id": ulid(1), "text": "x" * 4_001}, "too_large"),
        ("send", {"id": ulid(1), "text": "x", "visibility": "work_note"}, "forbidden"),
        ("sync", {"log": "work_note"}, "forbidden"),
        ("accept", {"queue": "billing"}, "forbidden"),
        ("presence", {"state": "away"}, "forbidden"),
        ("reopen", {}, "conflict"),
        ("end", {"interaction": "another"}, "not_found"),
    ],
)
def test_a_refusal_is_an_error_frame_of_the_contract(
    socket: Socket, service: Service, action: str, fields: dict[str, Any], code: str
) -> None:
    chat = service.conversation()

    reply = socket.ask(service.guest_of(chat), action, **{"interaction": chat, **fields})

    assert (reply["type"], reply["code"]) == ("error", code)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no JSON", "malformed"),
        ("[]", "malformed"),
        ('{"action": 5}', "malformed"),
        ('{"action": "dance"}', "unknown_action"),
        (json.dumps({"action": "ping", "more": "x" * 17_000}), "too_large"),
    ],
)
def test_a_frame_that_is_none_gets_an_error_frame(
    handlers: Handlers, service: Service, text: str, code: str
) -> None:
    reply = handlers.frame("relay", service.guest_of(service.waiting()), text)

    assert reply is not None
    assert reply["code"] == code
    assert complaints(REPLIES["ping"]["error"], reply) == []


def test_too_many_frames_and_an_expired_token_get_error_frames(socket: Socket, service: Service) -> None:
    caller = service.guest_of(service.waiting())
    replies = [socket.ask(caller, "ping") for _ in range(120)]
    service.later(25 * HOUR)

    assert {reply.get("code") for reply in replies} == {None, "rate_limited"}
    assert replies[-1]["retry_after"] >= 1
    late = Caller(caller.identity, caller.connection, service.now)
    assert socket.ask(late, "ping")["code"] == "token_expired"


# HTTP


def _held(answer: dict[str, Any], method: str, path: str) -> Any:
    """The body of an answer, valid for its status as OpenAPI describes it."""
    responses = whole(OPENAPI, OPENAPI["paths"][path][method]["responses"])
    status = str(answer["statusCode"])
    assert status in responses, f"{status} is not documented for {method} {path}"
    (content_type,) = responses[status]["content"]
    assert answer["headers"]["content-type"] == content_type
    body = json.loads(answer["body"])
    assert complaints(validator(OPENAPI, responses[status]["content"][content_type]["schema"]), body) == []
    return body


FORM = "/v1/forms/{form}"
SUBMISSIONS = "/v1/forms/{form}/submissions"
INTERACTION = "/v1/interactions/{id}"
MESSAGES = "/v1/interactions/{id}/messages"


@pytest.fixture
def get(handlers: Handlers) -> Callable[..., Any]:
    def get(path: str, name: str = "default", **request: Any) -> Any:
        where = {"form": name} if "{form}" in path else {"id": name}
        return _held(handlers.http(f"GET {path}", where, **request), "get", path)

    return get


@pytest.fixture
def submit(handlers: Handlers) -> Callable[..., Any]:
    def submit(body: object = None, form: str = "default", **headers: str) -> Any:
        sent = {"answers": ANSWERS} if body is None else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = handlers.http(f"POST {SUBMISSIONS}", {"form": form}, body=sent, headers=named)
        if answer["statusCode"] == 429:
            assert int(answer["headers"]["retry-after"]) >= 1
        return _held(answer, "post", SUBMISSIONS)

    return submit


def test_health_is_as_documented(get: Callable[..., Any]) -> None:
    assert get("/v1/health")["status"] == "ok"


def test_the_shipped_form_is_as_documented(get: Callable[..., Any]) -> None:
    assert get(FORM)["open"] is True


def test_a_form_with_closed_queues_and_every_kind_of_field_is_as_documented(
    service: Service, get: Callable[..., Any]
) -> None:
    shipped = service.configuration.to_document()
    fields = [
        {"name": "vip", "label": "VIP", "type": "checkbox", "default": True},
        {"name": "code", "label": "Code", "type": "text", "pattern": "digits", "help": "On the bill"},
        {"name": "page", "label": "", "type": "hidden", "default": "home"},
        {"name": "why", "label": "Why", "type": "textarea", "visible_if": "vip=true"},
    ]
    shipped["forms"][0]["fields"] += fields
    for queue in shipped["queues"]:
        queue["schedule"] = CLOSED
    service.configuration = type(service.configuration).from_document(shipped, 8)

    form = get(FORM)

    assert form["open"] is False
    assert form["next_opening"].endswith("Z")
    assert {"default", "pattern", "help", "visible_if"} <= {
        name for field in form["fields"] for name in field
    }


def test_submissions_are_answered_as_documented(service: Service, submit: Callable[..., Any]) -> None:
    assert submit(idempotency_key=ulid(1))["interaction"]["state"] == "new"
    assert submit("no JSON")["code"] == "malformed"
    assert submit({"answers": {"email": "nobody"}})["errors"]
    assert submit({})["errors"][0]["field"] == "answers"
    assert submit({"answers": {"description": "x" * 70_000}})["code"] == "too_large"
    assert submit(form="nowhere")["code"] == "not_found"
    assert submit(idempotency_key="short")["code"] == "invalid_field"
    assert submit(origin="https://elsewhere.example")["code"] == "forbidden"
    service.later(25 * HOUR)
    assert submit(idempotency_key=ulid(1))["code"] == "conflict"


def test_a_submission_beyond_the_limit_is_answered_as_documented(
    service: Service, submit: Callable[..., Any]
) -> None:
    for _ in range(10):
        service.later(SECOND)
        submit()

    assert submit(idempotency_key=ulid(2))["retry_at"].endswith("Z")


def test_a_closed_queue_and_a_disabled_chat_are_answered_as_documented(
    service: Service, get: Callable[..., Any], submit: Callable[..., Any]
) -> None:
    shipped = service.configuration.to_document()
    for queue in shipped["queues"]:
        queue["schedule"] = CLOSED
    service.configuration = type(service.configuration).from_document(shipped, 8)
    refused = submit()
    assert (refused["code"], refused["next_opening"][-1]) == ("queue_closed", "Z")

    shipped["properties"]["deskbell.guest.enabled"] = False
    service.configuration = type(service.configuration).from_document(shipped, 9)
    assert submit()["code"] == get(FORM)["code"] == "chat_disabled"


def test_reading_a_conversation_is_answered_as_documented(service: Service, get: Callable[..., Any]) -> None:
    submitted = service.submit(client=None)
    chat = submitted.interaction.id
    service.route(chat)
    service.join(service.agent())
    service.accept()
    guest = {"authorization": f"Bearer {submitted.token}", "origin": ORIGIN}
    agent = {"authorization": f"Bearer {AGENT_TOKEN}"}

    assert get(INTERACTION, chat, headers=guest)["agent"] == {"name": "Ann Other"}
    assert get(INTERACTION, chat, headers=agent)["assigned_to"] == "ann"
    assert len(get(MESSAGES, chat, headers=guest)["items"]) == 3
    assert get(MESSAGES, chat, headers=agent, query={"log": "work_note"}) == {"items": [], "more": False}
    assert get(MESSAGES, chat, headers=agent, query={"after": "9"})["code"] == "invalid_after"
    assert get(MESSAGES, chat, headers=agent, query={"after": "-1"})["code"] == "invalid_field"
    assert get(MESSAGES, chat, headers=guest, query={"log": "work_note"})["code"] == "forbidden"
    assert get(INTERACTION, chat)["code"] == get(MESSAGES, chat)["code"] == "unauthenticated"
    assert get(INTERACTION, chat, headers={"authorization": "Bearer x"})["code"] == "token_invalid"
    assert get(INTERACTION, "another", headers=guest)["code"] == "not_found"
    service.later(25 * HOUR)
    assert get(INTERACTION, chat, headers=guest)["code"] == "token_expired"
