"""Frames as they come in: whatever they are, they get one typed answer, and what is wrong with them stores nothing."""

import base64
import json
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from deskbell.aws.edge.websocket import Action, Entrance, Handler, socket_events, websocket
from deskbell.errors import UnavailableError
from deskbell.pacing import paces
from deskbell.protocol import Accept, End, Join, Ping, Read, Reopen, Send, SetPresence, Stay, Sync, Typing
from deskbell.usecases.accept import accept_chat
from deskbell.usecases.disconnect import disconnect
from deskbell.usecases.end import end_chat
from deskbell.usecases.join import join
from deskbell.usecases.mark_read import mark_read
from deskbell.usecases.ping import ping
from deskbell.usecases.reopen import reopen_chat
from deskbell.usecases.send_message import send_message
from deskbell.usecases.set_presence import set_presence
from deskbell.usecases.show_typing import show_typing
from deskbell.usecases.stay import stay
from deskbell.usecases.switchboard import Switchboard
from deskbell.usecases.sync import sync
from tests.builders.events import event, frame_event
from tests.builders.service import NOW, Service, document, ulid
from tests.fakes.configurations import FakeConfigurations
from tests.fakes.frame_rates import FakeFrameRates

SOCKET = "cr2sheHPliACHqQ="


class Edge:
    """All actions behind one handler, over the service in memory."""

    def __init__(self, properties: dict[str, int | str | bool] | None = None) -> None:
        configured = document(**(properties or {}))
        self.service = Service(configured)
        self.configurations = FakeConfigurations.of(configured)
        service = self.service
        self.entrance = Entrance(
            switchboard=self._switchboard,
            rates=FakeFrameRates(),
            paces=paces(),
            agents=service.agents,
            logger=Logger(service="test", level="CRITICAL"),
        )
        self.handler: Handler = websocket(
            self.entrance,
            Action(Send, send_message),
            Action(Sync, sync),
            Action(Typing, show_typing, silent=True),
            Action(Read, mark_read, silent=True, cursors=service.cursors),
            Action(Ping, ping),
            Action(Accept, accept_chat, agents=service.agents),
            Action(End, end_chat),
            Action(Reopen, reopen_chat),
            Action(Stay, stay),
            Action(SetPresence, set_presence, agents=service.agents),
            Action(
                Join,
                join,
                agents=service.agents,
                cursors=service.cursors,
                directory=service.directory,
                tokens=service.tokens,
            ),
        )
        self.chat = service.conversation(guest=SOCKET)

    def _switchboard(self, at: int) -> Switchboard:
        self.configurations.current(at)
        return self.service.switchboard(at)

    def answer(
        self, body: str, *, binary: bool = False, route: str = "$default", **authorizer: str
    ) -> dict[str, Any]:
        """What the client reads for a frame of the chat's guest."""
        said = {"id": self.chat, **authorizer}
        event = frame_event(body, binary=binary, **said)
        event["requestContext"]["routeKey"] = route
        answer = self.handler(event, None)
        assert answer["statusCode"] == 200
        frame: dict[str, Any] = json.loads(answer.get("body", "{}"))
        return frame

    def say(self, **fields: object) -> dict[str, Any]:
        return self.answer(json.dumps(fields), route=str(fields.get("action", "$default")))


@pytest.fixture
def edge() -> Edge:
    return Edge()


def nested(depth: int) -> str:
    return '{"action":"ping","x":' + "[" * depth + "]" * depth + "}"


MALFORMED = {
    "nothing": "",
    "not JSON": "hello",
    "half an object": '{"action":"ping"',
    "two objects": '{"action":"ping"}{}',
    "an array": '["ping"]',
    "null": "null",
    "a number": "7",
    "a text": '"ping"',
    "true": "true",
    "NaN": '{"action":"ping","ref":NaN}',
    "infinity": '{"action":"ping","x":-Infinity}',
    "half a surrogate": '{"action":"ping","x":"\\ud83d"}',
    "half a surrogate in a name": '{"action":"ping","\\udc00":1}',
    "half a surrogate, deep": '{"action":"ping","x":[[{"y":"a\\ud800b"}]]}',
    "nesting": nested(40),
    "bottomless nesting": nested(5_000),
    "a number of five thousand digits": '{"action":"ping","x":' + "9" * 5_000 + "}",
    "a control character": '{"action":"ping","x":"\x01"}',
    "no action": "{}",
    "an action that is null": '{"action":null}',
    "an action that is a number": '{"action":1}',
    "an action that is a list": '{"action":["ping"]}',
    "single quotes": "{'action':'ping'}",
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_frame_is_malformed_and_stores_nothing(edge: Edge, body: str) -> None:
    before = edge.service.everything()

    answer = edge.answer(body)

    assert (answer["type"], answer["code"]) == ("error", "malformed")
    assert answer["detail"]
    assert edge.service.everything() == before


@pytest.mark.parametrize(
    "action", ["", "PING", "ping ", "transfer", "$default", "__class__", "x" * 10_000, "🛎"]
)
def test_an_action_we_do_not_have_is_unknown(edge: Edge, action: str) -> None:
    before = edge.service.everything()

    assert edge.say(action=action, ref="r")["code"] == "unknown_action"
    assert edge.service.everything() == before


def sending(**fields: object) -> dict[str, object]:
    frame = {"action": "send", "interaction": "CHAT", "id": ulid(1), "text": "Hello", "after": 1, **fields}
    return {name: value for name, value in frame.items() if value != "absent"}


INVALID: list[tuple[dict[str, object], str]] = [
    (sending(interaction="absent"), "interaction"),
    (sending(interaction=""), "interaction"),
    (sending(interaction=7), "interaction"),
    (sending(interaction="a b"), "interaction"),
    (sending(interaction="x" * 65), "interaction"),
    (sending(interaction=["CHAT"]), "interaction"),
    (sending(id="absent"), "id"),
    (sending(id="hello"), "id"),
    (sending(id=ulid(1) + "0"), "id"),
    (sending(id="8" + "0" * 25), "id"),
    (sending(id=ulid(1) + "\n"), "id"),
    (sending(id=None), "id"),
    (sending(text="absent"), "text"),
    (sending(text=""), "text"),
    (sending(text=" \n\t "), "text"),
    (sending(text=7), "text"),
    (sending(text={"a": 1}), "text"),
    (sending(after=-1), "after"),
    (sending(after="1"), "after"),
    (sending(after=1.5), "after"),
    (sending(after=True), "after"),
    (sending(after=10**12), "after"),
    (sending(after=None), "after"),
    (sending(visibility="secret"), "visibility"),
    (sending(anchor=-1), "anchor"),
    (sending(ref=1.5), "ref"),
    (sending(ref={"a": 1}), "ref"),
    (sending(ref="x" * 129), "ref"),
    (sending(ref=-1), "ref"),
    (sending(ref=True), "ref"),
    ({"action": "sync", "interaction": "CHAT", "log": "secrets"}, "log"),
    ({"action": "join", "after": "0"}, "after"),
    ({"action": "presence", "state": "busy"}, "state"),
    ({"action": "presence"}, "state"),
    ({"action": "accept", "queue": 7}, "queue"),
    ({"action": "accept", "queue": "x" * 129}, "queue"),
    ({"action": "end"}, "interaction"),
    ({"action": "stay", "interaction": None}, "interaction"),
]


@pytest.mark.parametrize(("frame", "field"), INVALID, ids=str)
def test_a_field_that_cannot_be_accepted_is_named(edge: Edge, frame: dict[str, object], field: str) -> None:
    before = edge.service.everything()

    answer = edge.say(**frame)

    assert (answer["type"], answer["code"]) == ("error", "invalid_field")
    assert field in {problem["field"].split(".")[0] for problem in answer["errors"]}
    assert edge.service.everything() == before


def test_several_bad_fields_are_all_named(edge: Edge) -> None:
    answer = edge.say(action="send", interaction="", id=1, text=2)

    assert {problem["field"] for problem in answer["errors"]} == {"interaction", "id", "text"}


def test_what_we_do_not_know_is_ignored(edge: Edge) -> None:
    answer = edge.say(**sending(interaction=edge.chat, after=3, colour="blue"))

    assert (answer["type"], answer["seq"]) == ("sent", 4)


@pytest.mark.parametrize("ref", ["r1", "", "x" * 128, 0, 7, 2**53])
def test_a_reply_repeats_the_ref(edge: Edge, ref: str | int) -> None:
    assert edge.say(action="ping", ref=ref) == {"type": "pong", "ref": ref}


def test_a_refusal_repeats_the_ref_too_and_a_reply_without_one_has_none(edge: Edge) -> None:
    assert edge.say(action="nothing", ref="r1")["ref"] == "r1"
    assert edge.say(action="end", ref="r2")["ref"] == "r2"
    assert "ref" not in edge.say(action="ping")


@pytest.mark.parametrize("filling", ["x", "ü", "🛎"])
def test_a_frame_is_limited_in_bytes_of_utf8(edge: Edge, filling: str) -> None:
    room = 16_384 - len('{"action":"ping","x":""}')
    fits = filling * (room // len(filling.encode()))

    assert edge.answer('{"action":"ping","x":"' + fits + '"}')["type"] == "pong"
    assert edge.answer('{"action":"ping","x":"' + fits + filling + '"}')["code"] == "too_large"


def test_a_binary_frame_of_json_is_read(edge: Edge) -> None:
    body = base64.b64encode(b'{"action":"ping"}').decode()

    assert edge.answer(body, binary=True)["type"] == "pong"


@pytest.mark.parametrize("body", [base64.b64encode(b"\xff\xfe{}").decode(), "not base64!", "AAAA"])
def test_a_binary_frame_of_anything_else_is_malformed(edge: Edge, body: str) -> None:
    assert edge.answer(body, binary=True)["code"] == "malformed"


def test_every_frame_checks_the_connections_expiry(edge: Edge) -> None:
    before = edge.service.everything()
    body = json.dumps(sending(interaction=edge.chat, after=3))

    assert edge.answer(body, expires_at=str(NOW))["code"] == "token_expired"
    assert edge.service.everything() == before
    assert edge.answer(body, expires_at=str(NOW + 1))["type"] == "sent"


def test_too_many_frames_are_told_when_to_go_on_and_store_nothing() -> None:
    edge = Edge({"deskbell.frame.burst": 20, "deskbell.frame.rate_per_second": 1})
    answers = [edge.say(**sending(interaction=edge.chat, id=ulid(n), after=3)) for n in range(60)]

    refused = [answer for answer in answers if answer["type"] == "error"]
    assert refused
    assert {answer["code"] for answer in refused} == {"rate_limited"}
    assert all(isinstance(it["retry_after"], int) and it["retry_after"] >= 1 for it in refused)
    assert len(edge.service.log(edge.chat)) == 3 + len(answers) - len(refused)


def test_another_guests_conversation_is_not_found(edge: Edge) -> None:
    other = edge.service.waiting("other")

    assert edge.say(**sending(interaction=other))["code"] == "not_found"


@pytest.mark.parametrize(
    "frame",
    [
        {"action": "accept", "queue": "billing"},
        {"action": "presence", "state": "away"},
        {"action": "send", "id": ulid(1), "text": "note", "visibility": "work_note"},
        {"action": "sync", "log": "work_note"},
    ],
    ids=str,
)
def test_a_guest_who_tries_what_agents_do_is_forbidden(edge: Edge, frame: dict[str, object]) -> None:
    before = edge.service.everything()

    assert edge.say(**{"interaction": edge.chat, **frame})["code"] == "forbidden"
    assert edge.service.everything() == before


def test_an_agents_roles_come_from_the_authorizer(edge: Edge) -> None:
    chat = edge.service.waiting("other")
    frame = json.dumps({"action": "accept", "queue": "billing"})

    assert edge.answer(frame, role="agent", id="ann", roles="")["code"] == "forbidden"
    assert edge.answer(frame, role="agent", id="ann", roles="agents,managers")["interaction"] == chat


def test_silent_actions_have_no_reply_and_their_refusals_are_pushed(edge: Edge) -> None:
    edge.service.forget_pushes()

    assert edge.say(action="typing", interaction=edge.chat, on=True) == {}
    assert edge.service.gateway.to(SOCKET) == []
    assert edge.say(action="typing", interaction=edge.chat, on="yes", ref="r1") == {}
    (pushed,) = edge.service.gateway.to(SOCKET)
    assert (pushed["type"], pushed["code"], pushed["ref"]) == ("error", "invalid_field", "r1")


def test_a_refusal_that_cannot_be_pushed_is_lost_quietly(edge: Edge) -> None:
    edge.service.gateway.closed.add(SOCKET)

    assert edge.say(action="read", interaction=edge.chat, seq=0) == {}


def test_a_dependency_that_does_not_answer_is_unavailable(edge: Edge) -> None:
    edge.service.faults.plan("tail", UnavailableError("no answer"))

    assert edge.say(**sending(interaction=edge.chat, after=3))["code"] == "unavailable"


def test_a_mistake_of_ours_is_unavailable_and_leaks_nothing(edge: Edge) -> None:
    edge.service.faults.plan("tail", RuntimeError("secret detail"))

    answer = edge.say(**sending(interaction=edge.chat, after=3), ref="r1")

    assert (answer["code"], answer["ref"]) == ("unavailable", "r1")
    assert "secret" not in json.dumps(answer)


def test_without_a_configuration_the_answer_is_unavailable(edge: Edge) -> None:
    edge.configurations.table.down = True

    assert edge.say(action="ping")["code"] == "unavailable"


def test_an_agents_frame_renews_its_lease_even_when_it_is_refused(edge: Edge) -> None:
    before = edge.service.at_work().lease_until
    event = frame_event("nonsense", role="agent", id="ann", roles="agents")
    event["requestContext"]["requestTimeEpoch"] = NOW + 30_000

    edge.handler(event, None)

    assert edge.service.at_work().lease_until == before + 30_000


def test_an_agent_who_was_lost_joins_again_and_keeps_its_socket(edge: Edge) -> None:
    service = edge.service
    service.agents.lose(service.at_work(), service.now)
    body = json.dumps({"action": "join"})

    reply = edge.answer(body, route="join", role="agent", id="ann", roles="agents")

    assert reply["type"] == "joined"

    assert SOCKET not in service.gateway.closed
    assert not service.at_work().lost


# Sockets that open and close


def sockets(edge: Edge) -> Handler:
    service = edge.service
    return socket_events(
        edge.handler,
        edge.entrance,
        disconnect,
        agents=service.agents,
    )


def test_a_socket_that_opens_is_answered_with_our_subprotocol_and_nothing_is_pushed(edge: Edge) -> None:
    before = edge.service.everything()

    answer = sockets(edge)(event("websocket_connect"), None)

    assert answer == {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "deskbell.v1"}}
    assert edge.service.everything() == before


def test_a_socket_that_closes_is_forgotten(edge: Edge) -> None:
    closing = event("websocket_disconnect")
    closing["requestContext"]["authorizer"]["id"] = edge.chat

    assert sockets(edge)(closing, None) == {"statusCode": 200}
    assert SOCKET not in edge.service.state(edge.chat).connections
    assert edge.service.state(edge.chat).guest_lost_at == NOW


def test_a_socket_that_closes_after_its_token_expired_is_forgotten_too(edge: Edge) -> None:
    closing = event("websocket_disconnect")
    closing["requestContext"]["authorizer"] |= {"id": edge.chat, "expires_at": "1"}

    sockets(edge)(closing, None)

    assert SOCKET not in edge.service.state(edge.chat).connections


def test_frames_pass_through(edge: Edge) -> None:
    answer = sockets(edge)(frame_event('{"action":"ping"}', id=edge.chat), None)

    assert json.loads(answer["body"]) == {"type": "pong"}
