"""The HTTP edge: requests in, JSON or problem documents (RFC 9457) out."""

import base64
import json
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from deskbell.aws.edge.http import Endpoint, Request, Response, http
from deskbell.aws.edge.json_body import object_in, whole_number
from deskbell.errors import (
    ChatDisabledError,
    DeskbellError,
    FieldError,
    InvalidFieldError,
    NotFoundError,
    QueueClosedError,
    RateLimitedError,
    TokenExpiredError,
    UnauthenticatedError,
    UnavailableError,
)
from deskbell.times import rfc3339
from tests.builders.events import event
from tests.builders.service import NOW

ROUTE = "POST /v1/forms/{form}/submissions"
LOGGER = Logger(service="test", level="CRITICAL")


def answer(
    endpoint: Endpoint, *, origins: frozenset[str] = frozenset({"https://www.example.com"}), **changes: Any
) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, body and headers of what an endpoint makes of the recorded request, varied."""
    request = {**event("http_submission"), **changes}
    found = http({ROUTE: endpoint}, logger=LOGGER, allowed_origins=origins)(request, None)
    return found["statusCode"], json.loads(found["body"]), found["headers"]


def refusing(error: Exception) -> Endpoint:
    def endpoint(_request: Request) -> Response:
        raise error

    return endpoint


def echo(request: Request) -> Response:
    return Response(200, request.body())


def test_a_request_is_what_the_event_says() -> None:
    seen: list[Request] = []

    def endpoint(request: Request) -> Response:
        seen.append(request)
        return Response(201, {"answers": request.body()["answers"]})

    status, body, headers = answer(endpoint)

    assert (status, body) == (201, {"answers": {"a": "b"}})
    assert headers == {"content-type": "application/json", "cache-control": "no-store"}
    (request,) = seen
    assert (request.id, request.at, request.client_ip) == ("EYGdMhVPliAEPbQ=", NOW, "203.0.113.7")
    assert request.path == {"form": "default"}
    assert request.query == {}
    assert request.headers["idempotency-key"] == "0190b5d6-7c1a-7b7e-9d2f-3f6f0c9d1a11"


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer  abc ", "abc"),
        ("BEARER abc", "abc"),
        ("Basic abc", None),
        ("Bearer", None),
        ("Bearer ", None),
        ("abc", None),
        ("", None),
    ],
)
def test_a_bearer_token_is_read_however_its_scheme_is_written(header: str, token: str | None) -> None:
    seen: list[str | None] = []

    def endpoint(request: Request) -> Response:
        seen.append(request.token)
        return Response(200, {})

    answer(endpoint, headers={"Authorization": header})

    assert seen == [token]


def test_a_request_without_a_token_has_none() -> None:
    def endpoint(request: Request) -> Response:
        return Response(200, {"token": request.token})

    assert answer(endpoint)[1] == {"token": None}


REFUSALS: list[tuple[DeskbellError, int, str, str]] = [
    (NotFoundError("No such form."), 404, "not_found", "Not Found"),
    (UnauthenticatedError("A token, please."), 401, "unauthenticated", "Unauthorized"),
    (TokenExpiredError("Too old."), 401, "token_expired", "Unauthorized"),
    (ChatDisabledError("Off."), 409, "chat_disabled", "Conflict"),
    (UnavailableError("Try again."), 503, "unavailable", "Service Unavailable"),
]


@pytest.mark.parametrize(("error", "status", "code", "title"), REFUSALS, ids=lambda it: str(it)[:20])
def test_a_refusal_is_a_problem_document(error: DeskbellError, status: int, code: str, title: str) -> None:
    found, body, headers = answer(refusing(error))

    assert found == status
    assert headers["content-type"] == "application/problem+json"
    assert body == {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": error.detail,
        "code": code,
    }


def test_bad_fields_are_named_in_the_problem() -> None:
    error = InvalidFieldError("Please correct.", [FieldError("email", "invalid_email", "Is no address.")])

    status, body, _ = answer(refusing(error))

    assert status == 422
    assert body["errors"] == [{"field": "email", "code": "invalid_email", "detail": "Is no address."}]


@pytest.mark.parametrize(
    ("wait", "seconds"), [(1, "1"), (1_000, "1"), (1_001, "2"), (60_000, "60"), (-5, "1")]
)
def test_a_rate_limit_says_when_to_come_back_in_both_forms(wait: int, seconds: str) -> None:
    status, body, headers = answer(refusing(RateLimitedError("Later.", NOW + wait)))

    assert (status, body["code"], body["detail"]) == (429, "rate_limited", "Later.")
    assert headers["retry-after"] == seconds
    assert body["retry_at"] == rfc3339(NOW + wait)


def test_a_closed_queue_says_what_is_configured_and_when_it_opens() -> None:
    _, body, _ = answer(refusing(QueueClosedError("Closed.", "<p>Later.</p>", NOW)))

    assert body["not_available_html"] == "<p>Later.</p>"
    assert body["next_opening"] == "2027-01-15T08:00:00.000Z"
    _, body, _ = answer(refusing(QueueClosedError("Closed.")))
    assert not {"not_available_html", "next_opening"} & set(body)


def test_a_mistake_of_ours_is_unavailable_and_leaks_nothing() -> None:
    status, body, _ = answer(refusing(RuntimeError("secret detail")))

    assert (status, body["code"]) == (503, "unavailable")
    assert "secret" not in json.dumps(body)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://www.example.com", "https://www.example.com.evil", "null", ""]
)
def test_another_web_site_is_refused_before_anything_is_done(origin: str) -> None:
    status, body, _ = answer(refusing(AssertionError("reached")), headers={"Origin": origin})

    assert (status, body["code"]) == (403, "forbidden")


@pytest.mark.parametrize("headers", [{"origin": "https://www.example.com"}, {}, None])
def test_an_allowed_web_site_and_what_is_no_browser_are_served(headers: dict[str, str] | None) -> None:
    assert answer(lambda _request: Response(200, {}), headers=headers)[0] == 200


def test_a_star_allows_every_web_site() -> None:
    origins = frozenset({"*"})

    found = answer(
        lambda _request: Response(200, {}), origins=origins, headers={"origin": "https://any.example"}
    )

    assert found[0] == 200


BODIES = {
    "nothing": ("", "malformed"),
    "absent": (None, "malformed"),
    "not JSON": ("hello", "malformed"),
    "an array": ("[]", "malformed"),
    "null": ("null", "malformed"),
    "NaN": ('{"answers":NaN}', "malformed"),
    "half a character": ('{"answers":{"a":"\\ud800"}}', "malformed"),
    "nested too deeply": ('{"a":' + "[" * 40 + "]" * 40 + "}", "malformed"),
    "bottomless": ("[" * 60_000, "malformed"),
    "too large": ('{"a":"' + "x" * 65_536 + '"}', "too_large"),
    "too large in bytes": ('{"a":"' + "🛎" * 20_000 + '"}', "too_large"),
}


@pytest.mark.parametrize(("body", "code"), BODIES.values(), ids=BODIES.keys())
def test_a_body_that_is_no_json_object_is_refused(body: str | None, code: str) -> None:
    status, problem, _ = answer(echo, body=body)

    assert problem["code"] == code
    assert status == {"malformed": 400, "too_large": 413}[code]


def test_a_body_in_base64_is_read_and_one_that_is_not_utf8_refused() -> None:
    good, bad = base64.b64encode('{"a":"ü"}'.encode()).decode(), base64.b64encode(b"\xff\xff").decode()

    assert answer(echo, body=good, isBase64Encoded=True)[1] == {"a": "ü"}
    assert answer(echo, body=bad, isBase64Encoded=True)[1]["code"] == "malformed"


@pytest.mark.parametrize(
    ("body", "code"), [({}, "missing"), ({"answers": None}, "missing"), ({"answers": []}, "invalid_type")]
)
def test_an_object_that_is_missing_is_named(body: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidFieldError) as caught:
        object_in(body, "answers")

    assert [(problem.field, problem.code) for problem in caught.value.errors] == [("answers", code)]


@pytest.mark.parametrize(
    ("text", "number"), [(None, 0), ("", 0), ("0", 0), ("007", 7), ("999999999", 999_999_999)]
)
def test_a_number_in_a_query_is_read(text: str | None, number: int) -> None:
    assert whole_number(text, "after") == number


@pytest.mark.parametrize("text", ["-1", "1.5", "x", "1e3", " 1", "٣", "²", "9999999999", "1;drop"])
def test_a_number_that_is_none_is_named(text: str) -> None:
    with pytest.raises(InvalidFieldError) as caught:
        whole_number(text, "after")

    assert caught.value.errors[0].field == "after"


def test_text_goes_out_as_raw_utf8() -> None:
    request = event("http_submission")
    found = http(
        {ROUTE: lambda _request: Response(200, {"a": "Grüße 🛎"})},
        logger=LOGGER,
        allowed_origins=frozenset({"*"}),
    )(request, None)

    assert found["body"] == '{"a":"Grüße 🛎"}'
