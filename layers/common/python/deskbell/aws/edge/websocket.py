"""The WebSocket edge: a frame becomes a command, its use case's reply goes back by the route's response.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-response.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger
from pydantic import ValidationError

from deskbell.aws.edge.json_body import read_object, read_text
from deskbell.aws.edge.problems import error_frame
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
from deskbell.ports import Agents, Frame, FrameRates
from deskbell.protocol import SUBPROTOCOL, ClientFrame, Join
from deskbell.recent import Recent
from deskbell.usecases.hear_agent import Heard, hear_agent
from deskbell.usecases.switchboard import Switchboard
from deskbell.views import encode

type Event = dict[str, Any]
type Answer = dict[str, Any]
type Handler = Callable[[Event, object], Answer]

_DONE: Answer = {"statusCode": 200}


class Action:
    """One action of the protocol: its frame's model, and the use case that carries it out with these ports.

    `silent` actions have no reply: their refusals are pushed.
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

    def carry_out(self, frame: ClientFrame, caller: Caller, switchboard: Switchboard) -> Frame | None:
        """Run the use case."""
        return self._use_case(frame, caller, switchboard=switchboard, **self._ports)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """What every frame passes before its action: expiry, pace, and the sign of life that it is."""

    switchboard: Callable[[int], Switchboard]
    rates: FrameRates
    paces: Paces
    agents: Agents
    logger: Logger
    heard: Heard = field(default_factory=partial(Recent, 4_096))

    def admit(self, caller: Caller, switchboard: Switchboard, *, joining: bool) -> None:
        """Let a frame in, readable or not.

        A join is how an agent who was lost comes back, and renews the lease itself.
        """
        if caller.identity.expires_at <= caller.at:
            raise TokenExpiredError("The token of this connection has expired; connect again.")
        properties = switchboard.configuration.properties
        limits = FrameLimits(properties.frame_burst, properties.frame_rate)
        admit_frame(self.rates, self.paces, caller.connection, limits, caller.at)
        if not joining:
            hear_agent(caller, switchboard=switchboard, agents=self.agents, heard=self.heard)


def websocket(entrance: Entrance, *actions: Action) -> Handler:
    """Make the handler of a function that carries out these actions, and refuses every other."""
    known = {action.name: action for action in actions}

    def handler(event: Event, _context: object) -> Answer:
        caller = caller_of(event)
        ref: object = None
        # The route that the frame came by decides how it is answered, whatever the frame turns out to be.
        routed = known.get(event["requestContext"]["routeKey"])
        try:
            switchboard = entrance.switchboard(caller.at)
            frame, unreadable = _read(event, switchboard.configuration.properties.max_frame_bytes)
            ref = _ref(frame)
            entrance.admit(caller, switchboard, joining=routed is not None and routed.model is Join)
            action = _action(frame, unreadable, known)
            reply = action.carry_out(_parsed(action.model, frame), caller, switchboard)
        except DeskbellError as error:
            reply = error_frame(error, caller.at)
            if error.status >= UnavailableError.status:
                entrance.logger.warning("frame_not_served", exc_info=error)
        except Exception:
            entrance.logger.exception("frame_failed")
            reply = error_frame(UnavailableError("Something went wrong here; try again."), caller.at)
        if reply is None:
            return _DONE
        answer = reply if ref is None else {**reply, "ref": ref}
        if routed is not None and routed.silent:
            entrance.switchboard(caller.at).tell([(caller.connection, answer)])
            return _DONE
        return {"statusCode": 200, "body": encode(answer)}

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
                switchboard = entrance.switchboard(caller.at)
                disconnect(caller.identity, caller.connection, switchboard=switchboard, **ports)
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


def _action(frame: dict[str, Any], unreadable: DeskbellError | None, known: dict[str, Action]) -> Action:
    if unreadable is not None:
        raise unreadable
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
