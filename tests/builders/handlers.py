"""The functions' own handlers over the fakes: events go in as API Gateway sends them, answers come out."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from deskbell.aws.settings import Settings
from deskbell.aws.wiring import Wiring
from deskbell.identity import AgentIdentity, Caller, GuestIdentity
from tests.builders.service import HOUR, STAFF, Service
from tests.fakes.frame_rates import FakeFrameRates
from tests.fakes.tokens import FakeAgentTokens

FUNCTIONS = Path(__file__).parents[2] / "functions"
AGENT_TOKEN = "the token of ann"
ORIGIN = "https://deskbell.example"
_SETTINGS = {
    "ALLOWED_ORIGINS": ORIGIN,
    "AWS_REGION": "eu-central-1",
    "UNLIMITED_CLIENTS": "",
    "WEBSOCKET_API_ID": "api",
    "WEBSOCKET_STAGE": "v1",
}


class _Now:
    """The configuration that the service works with at this moment."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def current(self, now: int) -> Any:
        return self._service.configuration


def wire(service: Service) -> Wiring:
    """Wiring whose adapters are a service's fakes."""
    wiring = Wiring(Settings(_SETTINGS))
    ann = AgentIdentity("ann", STAFF, service.now + HOUR)
    vars(wiring).update(
        agent_tokens=FakeAgentTokens({AGENT_TOKEN: ann}),
        agents=service.agents,
        chats=service.chats,
        configurations=_Now(service),
        cursors=service.cursors,
        directory=service.directory,
        frame_rates=FakeFrameRates(),
        gateway=service.gateway,
        lines=service.lines,
        meter=service.meter,
        route_queue=service.route_queue,
        seen_windows=service.seen,
        timers=service.timers,
        tokens=service.tokens,
        windows=service.windows,
    )
    return wiring


class Handlers:
    """Every function that clients reach, each loaded as Lambda does it."""

    def __init__(self, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
        self.service = service
        monkeypatch.setattr(Wiring, "from_environment", lambda: wire(service))
        self._loaded = {
            name: _load(name) for name in ("submit_form", "records", "ws_connect", "relay", "actions")
        }

    def http(
        self,
        route: str,
        path: dict[str, str] | None = None,
        *,
        body: object = None,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """Answer a request; `route` is its key."""
        function = "records" if "/interactions/" in route else "submit_form"
        event = {
            "routeKey": route,
            "headers": headers or {},
            "pathParameters": path or {},
            "queryStringParameters": query or {},
            "body": body if isinstance(body, str) or body is None else json.dumps(body),
            "requestContext": {
                "requestId": f"request {self.service.now} {route} {body}",
                "timeEpoch": self.service.now,
                "http": {"sourceIp": "192.0.2.1"},
            },
        }
        answer: dict[str, Any] = self._loaded[function](event, None)
        return answer

    def frame(self, function: str, caller: Caller, frame: object) -> dict[str, Any] | None:
        """Answer a frame with a function; None where nothing goes back by the route."""
        context = {
            "eventType": "MESSAGE",
            "connectionId": caller.connection,
            "requestTimeEpoch": caller.at,
            "authorizer": _said(caller),
        }
        text = frame if isinstance(frame, str) else json.dumps(frame)
        context["routeKey"] = frame.get("action", "$default") if isinstance(frame, dict) else "$default"
        answer = self._loaded[function]({"requestContext": context, "body": text}, None)
        return json.loads(answer["body"]) if "body" in answer else None


def _load(function: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"{function}_app", FUNCTIONS / function / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.handler


def _said(caller: Caller) -> dict[str, str]:
    identity = caller.identity
    if isinstance(identity, GuestIdentity):
        return {"role": "guest", "id": identity.interaction, "expires_at": str(identity.expires_at)}
    roles = ",".join(sorted(identity.roles))
    return {"role": "agent", "id": identity.id, "roles": roles, "expires_at": str(identity.expires_at)}
