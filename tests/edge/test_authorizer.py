"""Who may open a socket."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from deskbell.aws.agent_tokens import CognitoTokens
from deskbell.aws.edge.authorizer import Handler, authorizer
from deskbell.aws.edge.websocket import caller_of
from deskbell.errors import UnavailableError
from deskbell.identity import AgentIdentity, GuestIdentity
from deskbell.tokens import TokenKeys, sign_guest_token
from deskbell.usecases.authenticate import authenticate
from tests.builders.events import event, frame_event
from tests.builders.service import HOUR, NOW
from tests.builders.sign_in import CLIENT, ISSUER, SignIn
from tests.fakes.tokens import FakeTokens

# The sign-in keys are fetched from a server of this test's own.
pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

TOKENS = FakeTokens()
GUEST_TOKEN = sign_guest_token("01CHAT", NOW + HOUR, TOKENS.held)


@pytest.fixture(scope="module")
def sign_in() -> SignIn:
    return SignIn()


@pytest.fixture
def handler(sign_in: SignIn) -> Iterator[Handler]:
    with SignIn() as served:
        served.keys.update(sign_in.keys)
        yield handler_for(served)


def handler_for(sign_in: SignIn, origins: frozenset[str] = frozenset({"https://www.example.com"})) -> Handler:
    agents = CognitoTokens(sign_in.url, ISSUER, CLIENT)
    return authorizer(
        partial(authenticate, tokens=TOKENS, agent_tokens=agents),
        allowed_origins=origins,
        logger=Logger(service="test", level="CRITICAL"),
    )


def asked(handler: Handler, protocols: str | None, **headers: str) -> dict[str, Any]:
    """The verdict on a handshake that offers these subprotocols."""
    request = event("websocket_authorizer")
    del request["headers"]["Sec-WebSocket-Protocol"]
    if protocols is not None:
        request["headers"]["Sec-WebSocket-Protocol"] = protocols
    request["headers"] |= headers
    return handler(request, None)


def effect(verdict: dict[str, Any]) -> str:
    (statement,) = verdict["policyDocument"]["Statement"]
    assert statement["Action"] == "execute-api:Invoke"
    assert statement["Resource"] == event("websocket_authorizer")["methodArn"]
    return str(statement["Effect"])


def assert_denied(verdict: dict[str, Any]) -> None:
    assert effect(verdict) == "Deny"
    assert verdict["context"] == {}


def test_a_guest_is_let_in_as_the_guest_of_its_conversation(handler: Handler) -> None:
    verdict = asked(handler, f"deskbell.v1, {GUEST_TOKEN}")

    assert effect(verdict) == "Allow"
    assert verdict["context"] == {"role": "guest", "id": "01CHAT", "expires_at": str(NOW + HOUR)}


def test_an_agent_is_let_in_with_its_roles(handler: Handler, sign_in: SignIn) -> None:
    token = sign_in.token({"cognito:groups": ["managers", "agents"]})

    verdict = asked(handler, f"deskbell.v1, {token}")

    assert effect(verdict) == "Allow"
    assert verdict["context"] == {
        "role": "agent",
        "id": "ann",
        "roles": "agents,managers",
        "expires_at": str(NOW + HOUR),
    }


def test_every_later_frame_knows_its_sender_from_what_was_said_here(
    handler: Handler, sign_in: SignIn
) -> None:
    for token, identity in [
        (GUEST_TOKEN, GuestIdentity("01CHAT", NOW + HOUR)),
        (sign_in.token(), AgentIdentity("ann", frozenset({"agents"}), NOW + HOUR)),
        (sign_in.token({"cognito:groups": None}), AgentIdentity("ann", frozenset(), NOW + HOUR)),
    ]:
        said = asked(handler, f"deskbell.v1, {token}")["context"]
        frame = frame_event("{}")
        frame["requestContext"]["authorizer"] = {**said, "principalId": "x", "integrationLatency": 1}

        assert caller_of(frame).identity == identity


@pytest.mark.parametrize(
    "name", ["sec-websocket-protocol", "SEC-WEBSOCKET-PROTOCOL", "Sec-Websocket-Protocol"]
)
def test_the_header_is_read_however_it_is_written(handler: Handler, name: str) -> None:
    assert effect(asked(handler, None, **{name: f"deskbell.v1,{GUEST_TOKEN}"})) == "Allow"


@pytest.mark.parametrize(
    "protocols",
    [f"{GUEST_TOKEN}, deskbell.v1", f"  deskbell.v1 ,  {GUEST_TOKEN}  ", f"deskbell.v1,{GUEST_TOKEN},"],
)
def test_order_and_spaces_do_not_matter(handler: Handler, protocols: str) -> None:
    assert effect(asked(handler, protocols)) == "Allow"


@pytest.mark.parametrize(
    "protocols",
    [
        None,
        "",
        "deskbell.v1",
        GUEST_TOKEN,
        f"deskbell.v2, {GUEST_TOKEN}",
        f"DESKBELL.V1, {GUEST_TOKEN}",
        f"deskbell.v1 {GUEST_TOKEN}",
        f"deskbell.v1, {GUEST_TOKEN}, {GUEST_TOKEN}",
        f"deskbell.v1, {GUEST_TOKEN}, other",
        "deskbell.v1, g1.forged.token",
        f"deskbell.v1, {GUEST_TOKEN}x",
        "deskbell.v1, nonsense",
    ],
)
def test_anything_but_our_subprotocol_and_one_good_token_is_denied(
    handler: Handler, protocols: str | None
) -> None:
    assert_denied(asked(handler, protocols))


@pytest.mark.parametrize("expires_at", [NOW, NOW - 1, 0])
def test_an_expired_guest_is_denied(handler: Handler, expires_at: int) -> None:
    assert_denied(asked(handler, f"deskbell.v1, {sign_guest_token('01CHAT', expires_at, TOKENS.held)}"))


def test_a_guest_signed_with_another_key_is_denied_and_with_the_one_before_let_in(handler: Handler) -> None:
    before = sign_guest_token("01CHAT", NOW + 1, TokenKeys(b"the key before it"))
    forged = sign_guest_token("01CHAT", NOW + 1, TokenKeys(b"no key of ours"))

    assert effect(asked(handler, f"deskbell.v1, {before}")) == "Allow"
    assert_denied(asked(handler, f"deskbell.v1, {forged}"))


@pytest.mark.parametrize(
    "claims",
    [
        {"client_id": "another client"},
        {"token_use": "id", "aud": CLIENT, "client_id": None, "cognito:username": "ann"},
        {"exp": NOW // 1_000},
        {"iss": "https://evil.example"},
    ],
    ids=["another client", "an id token", "expired", "another pool"],
)
def test_an_agents_token_for_anything_else_is_denied(
    handler: Handler, sign_in: SignIn, claims: dict[str, object]
) -> None:
    assert_denied(asked(handler, f"deskbell.v1, {sign_in.token(claims)}"))


def test_a_forged_agent_is_denied(handler: Handler, sign_in: SignIn) -> None:
    forged = sign_in.token(signed_by=generate_private_key(65_537, 2_048))

    assert_denied(asked(handler, f"deskbell.v1, {forged}"))


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_another_web_site_is_denied_whatever_its_token(handler: Handler, origin: str) -> None:
    assert_denied(asked(handler, f"deskbell.v1, {GUEST_TOKEN}", Origin=origin))


def test_what_is_no_browser_sends_no_origin_and_is_let_in(handler: Handler) -> None:
    request = event("websocket_authorizer")
    del request["headers"]["Origin"]
    request["headers"]["Sec-WebSocket-Protocol"] = f"deskbell.v1, {GUEST_TOKEN}"

    assert effect(handler(request, None)) == "Allow"


@pytest.mark.parametrize("headers", [None, {}])
def test_a_handshake_without_headers_is_denied(handler: Handler, headers: dict[str, str] | None) -> None:
    assert_denied(handler({**event("websocket_authorizer"), "headers": headers}, None))


def test_while_nobody_can_be_told_apart_everybody_is_denied() -> None:
    def cannot(_token: str | None, _at: int) -> GuestIdentity:
        raise UnavailableError("The token keys cannot be read.")

    handler = authorizer(
        cannot, allowed_origins=frozenset({"*"}), logger=Logger(service="test", level="CRITICAL")
    )

    assert_denied(asked(handler, f"deskbell.v1, {GUEST_TOKEN}"))
