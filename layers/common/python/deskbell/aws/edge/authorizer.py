"""The edge of the WebSocket API's Lambda authorizer.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger

from deskbell.errors import DeskbellError, ForbiddenError, UnauthenticatedError, UnavailableError
from deskbell.identity import GuestIdentity, Identity
from deskbell.protocol import SUBPROTOCOL

type Handler = Callable[[dict[str, Any], object], dict[str, Any]]


def authorizer(
    authenticate: Callable[[str | None, int], Identity], *, allowed_origins: frozenset[str], logger: Logger
) -> Handler:
    """Make the handler that lets sockets in: an allowed origin, our subprotocol, and a token we know.

    What the token says becomes the context of every later frame. A refusal reaches a browser as a bare failure; why
    it failed is asked for over HTTP.
    """

    def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
        try:
            identity = _admit(event, authenticate, allowed_origins)
        except DeskbellError as error:
            say = logger.warning if error.status >= UnavailableError.status else logger.info
            say("socket_refused", code=error.code)
            return _verdict("nobody", "Deny", event["methodArn"], {})
        return _verdict(identity.participant, "Allow", event["methodArn"], _said(identity))

    return handler


def _admit(
    event: dict[str, Any],
    authenticate: Callable[[str | None, int], Identity],
    allowed_origins: frozenset[str],
) -> Identity:
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    origin = headers.get("origin")
    if origin is not None and "*" not in allowed_origins and origin not in allowed_origins:
        raise ForbiddenError("This web site may not use the chat.")
    offered = [text.strip() for text in headers.get("sec-websocket-protocol", "").split(",")]
    if SUBPROTOCOL not in offered:
        raise UnauthenticatedError(f"Offer the subprotocol {SUBPROTOCOL}.")
    tokens = [text for text in offered if text and text != SUBPROTOCOL]
    return authenticate(
        tokens[0] if len(tokens) == 1 else None, int(event["requestContext"]["requestTimeEpoch"])
    )


def _said(identity: Identity) -> dict[str, str]:
    expires_at = str(identity.expires_at)
    if isinstance(identity, GuestIdentity):
        return {"role": "guest", "id": identity.interaction, "expires_at": expires_at}
    return {
        "role": "agent",
        "id": identity.id,
        "roles": ",".join(sorted(identity.roles)),
        "expires_at": expires_at,
    }


def _verdict(principal: str, effect: str, arn: str, context: dict[str, str]) -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": arn}
    return {
        "principalId": principal,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": context,
    }
