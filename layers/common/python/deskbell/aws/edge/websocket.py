"""The WebSocket edge: a frame becomes a command, its use case's reply goes back by the route's response.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-response.html
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aws_lambda_powertools import Logger
from pydantic import ValidationError

from deskbell.aws.edge.json_body import read_object, read_text
from deskbell.aws.edge.problems import error_frame
from deskbell.configuration import Configuration
from deskbell.errors import (
    DeskbellError,
    FieldError,
    InvalidFieldError,
    MalformedError,
    TokenExpiredError,
    UnavailableError,
    UnknownActionError,
)
from deskbell.frame_rate import FrameLimits
from deskbell.identity import AgentIdentity, Caller, GuestIdentity, Identity
from deskbell.pacing import Paces, admit_frame
from deskbell.ports import Agents, Configurations, Frame, FrameRates, Gateway, GoneError
from deskbell.protocol import SUBPROTOCOL, ClientFrame
from deskbell.usecases.hear_agent import Heard, hear_agent
from deskbell.views import encode

type Event = dict[str, Any]
type Answer = dict[str, Any]
type Handler = Callable[[Event, object], Answer]

_DONE: Answer = {"statusCode": 200}


class Action:
    """One action of the protocol: its frame's model, and the use case that carries it out with these ports.

    A use case that takes `configuration` is given the present one. `silent` actions have no reply: their refusals
    are pushed.
    """

    def __init__(
        self,
        model: type[ClientFrame],
        use_case: Callable[..., Frame | None],
        *,
        silent: bool = False,
        **ports: object,
    ) -> None:
        self.model = model
        self.name: str = model.model_fields["action"].annotation.__args__[0]  # type: ignore[union-attr]
        self.silent = silent
        self._use_case = use_case
        self._ports = ports
        self._configured = "configuration" in inspect.signature(use_case).parameters

    def carry_out(self, frame: ClientFrame, caller: Caller, configuration: Configuration) -> Frame | None:
        """Run the use case."""
        ports = {**self._ports, "configuration": configuration} if self._configured else self._ports
        return self._use_case(frame, caller, **ports)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """What every frame passes before its action: expiry, size, pace, and the sign of life that it is."""

    configurations: Configurations
    rates: FrameRates
    paces: Paces
    agents: Agents
    gateway: Gateway
    logger: Logger
    heard: Heard = field(default_factory=Heard)

    def admit(self, caller: Caller, configuration: Configuration) -> None:
        """Let a frame in, readable or not."""
        if caller.identity.expires_at <= caller.at:
            raise TokenExpiredError("The token of this connection has expired; connect again.")
        properties = configuration.properties
        limits = FrameLimits(properties.frame_burst, properties.frame_rate)
        admit_frame(self.rates, self.paces, caller.connection, limits, caller.at)
        hear_agent(caller, configuration=configuration, agents=self.agents, heard=self.heard)


def websocket(entrance: Entrance, *actions: Action) -> Handler:
    """Make the handler of a function that carries out these actions, and refuses every other."""
    known = {action.name: action for action in actions}

    def handler(event: Event, _context: object) -> Answer:
        caller = caller_of(event)
        ref: object = None
        action: Action | None = None
        try:
            configuration = entrance.configurations.current(caller.at)
            frame, unreadable = _read(event, configuration.properties.max_frame_bytes)
            ref = _ref(frame)
            entrance.admit(caller, configuration)
            if unreadable is not None:
                raise unreadable
            action = _action(frame, known)
            reply = action.carry_out(_parsed(action.model, frame), caller, configuration)
        except DeskbellError as error:
            reply = error_frame(error, caller.at)
            if error.status >= UnavailableError.status:
                entrance.logger.warning("frame_not_served", exc_info=error)
        except Exception:
            entrance.logger.exception("frame_failed")
            reply = error_frame(UnavailableError("Something went wrong here; try again."), caller.at)
        return _answer(reply, ref, action, caller, entrance.gateway)

    return handler


def socket_events(
    frames: Handler, entrance: Entrance, disconnect: Callable[..., None], **ports: object
) -> Handler:
    """Make the handler of a function that also sees sockets open and close.

    A socket's opening is answered with the one subprotocol we speak; it cannot be written to before that answer has
    left, so nothing else happens until its client joins.
    """

    def handler(event: Event, context: object) -> Answer:
        match event["requestContext"]["eventType"]:
            case "CONNECT":
                return {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": SUBPROTOCOL}}
            case "DISCONNECT":
                caller = caller_of(event)
                disconnect(caller, configuration=entrance.configurations.current(caller.at), **ports)
                return _DONE
            case _:
                return frames(event, context)

    return handler


def caller_of(event: Event) -> Caller:
    """Read who sent a frame from what the authorizer said when the socket was opened."""
    context = event["requestContext"]
    return Caller(_identity(context["authorizer"]), context["connectionId"], int(context["requestTimeEpoch"]))


def _identity(said: dict[str, str]) -> Identity:
    expires_at = int(said["expires_at"])
    if said["role"] == "guest":
        return GuestIdentity(said["id"], expires_at)
    return AgentIdentity(said["id"], frozenset(filter(None, said["roles"].split(","))), expires_at)


def _read(event: Event, most_bytes: int) -> tuple[dict[str, Any], DeskbellError | None]:
    """Read a frame before it is admitted, so that a refusal at the door can name it."""
    try:
        return read_object(read_text(event), most_bytes), None
    except DeskbellError as error:
        return {}, error


def _ref(frame: dict[str, Any]) -> object:
    ref = frame.get("ref")
    return ref if isinstance(ref, str | int) and not isinstance(ref, bool) and len(str(ref)) <= 128 else None  # noqa: PLR2004


def _action(frame: dict[str, Any], known: dict[str, Action]) -> Action:
    name = frame.get("action")
    if not isinstance(name, str):
        raise MalformedError("A frame names its action.")
    action = known.get(name)
    if action is None:
        raise UnknownActionError("There is no such action.")
    return action


def _parsed(model: type[ClientFrame], frame: dict[str, Any]) -> ClientFrame:
    try:
        return model.model_validate(frame)
    except ValidationError as error:
        problems = [
            FieldError(".".join(map(str, it["loc"])), it["type"], it["msg"])
            for it in error.errors(include_url=False)
        ]
        raise InvalidFieldError("Some fields cannot be accepted.", problems) from error


def _answer(
    reply: Frame | None, ref: object, action: Action | None, caller: Caller, gateway: Gateway
) -> Answer:
    if reply is None:
        return _DONE
    frame = reply if ref is None else {**reply, "ref": ref}
    if action is None or not action.silent:
        return {"statusCode": 200, "body": encode(frame)}
    try:
        gateway.push(caller.connection, frame)
    except (GoneError, UnavailableError):
        return _DONE
    return _DONE
