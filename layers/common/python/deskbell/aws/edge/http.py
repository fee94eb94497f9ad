"""The HTTP edge: an HTTP API event becomes a request, its result a JSON response, a refusal a problem document.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html (format 2.0)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger

from deskbell.aws.edge.json_body import read_object, read_text
from deskbell.aws.edge.problems import problem, seconds_until
from deskbell.errors import DeskbellError, ForbiddenError, RateLimitedError, UnavailableError
from deskbell.views import encode

type Event = dict[str, Any]
type Handler = Callable[[Event, object], dict[str, Any]]

MAX_BODY_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request; header names are in lower case, `at` is epoch milliseconds."""

    id: str
    at: int
    client_ip: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    event: Event

    @property
    def token(self) -> str | None:
        """The bearer token, if one came."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() or None if scheme.lower() == "bearer" else None

    def body(self) -> dict[str, Any]:
        """Read the JSON object that was sent; raises MalformedError, TooLargeError."""
        return read_object(read_text(self.event), MAX_BODY_BYTES)


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back as JSON."""

    status: int
    body: Mapping[str, Any]


type Endpoint = Callable[[Request], Response]


def http(routes: Mapping[str, Endpoint], *, logger: Logger, allowed_origins: frozenset[str]) -> Handler:
    """Make the handler of a function with these routes, by their keys in the template (`GET /v1/forms/{form}`)."""

    def handler(event: Event, _context: object) -> dict[str, Any]:
        request = _request(event)
        try:
            _check_origin(request, allowed_origins)
            response = routes[event["routeKey"]](request)
        except DeskbellError as error:
            if error.status >= UnavailableError.status:
                logger.warning("request_not_served", exc_info=error)
            return _refusal(error, request.at)
        except Exception:
            logger.exception("request_failed")
            return _refusal(UnavailableError("Something went wrong here; try again."), request.at)
        return _answer(response.status, response.body, "application/json")

    return handler


def _request(event: Event) -> Request:
    context = event["requestContext"]
    return Request(
        id=context["requestId"],
        at=int(context["timeEpoch"]),
        client_ip=context["http"]["sourceIp"],
        path=event.get("pathParameters") or {},
        query=event.get("queryStringParameters") or {},
        headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
        event=event,
    )


def _check_origin(request: Request, allowed: frozenset[str]) -> None:
    origin = request.headers.get("origin")
    if origin is not None and "*" not in allowed and origin not in allowed:
        raise ForbiddenError("This web site may not use the chat.")


def _refusal(error: DeskbellError, at: int) -> dict[str, Any]:
    answer = _answer(error.status, problem(error), "application/problem+json")
    if error.status == HTTPStatus.UNAUTHORIZED:
        answer["headers"]["www-authenticate"] = "Bearer"
    if isinstance(error, RateLimitedError):
        answer["headers"]["retry-after"] = str(seconds_until(error.retry_at, at))
    return answer


def _answer(status: int, body: Mapping[str, Any], content_type: str) -> dict[str, Any]:
    headers = {"content-type": content_type, "cache-control": "no-store"}
    return {"statusCode": status, "headers": headers, "body": encode(body)}
