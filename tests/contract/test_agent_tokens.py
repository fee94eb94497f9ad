"""Agents' access tokens: what Cognito issued to our client, and nothing else."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from deskbell.aws.agent_tokens import LOOK_AGAIN, CognitoTokens
from deskbell.errors import TokenExpiredError, TokenInvalidError, UnavailableError
from deskbell.identity import AgentIdentity
from tests.builders.sign_in import CLIENT, ISSUER, NOW, SignIn, claims_of_an_access_token

# The keys are fetched from a server of this test's own.
pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def sign_in() -> Iterator[SignIn]:
    with SignIn() as sign_in:
        yield sign_in


@pytest.fixture
def tokens(sign_in: SignIn) -> CognitoTokens:
    return CognitoTokens(sign_in.url, ISSUER, CLIENT)


def test_an_access_token_is_its_agent_with_its_groups(tokens: CognitoTokens, sign_in: SignIn) -> None:
    token = sign_in.token({"cognito:groups": ["agents", "managers"]})

    assert tokens.verify(token, NOW) == AgentIdentity(
        "ann", frozenset({"agents", "managers"}), NOW + 3_600_000
    )


def test_a_user_in_no_group_is_an_agent_with_no_role(tokens: CognitoTokens, sign_in: SignIn) -> None:
    assert tokens.verify(sign_in.token({"cognito:groups": None}), NOW).roles == frozenset()


def test_it_is_good_until_it_expires_by_the_frames_own_time(tokens: CognitoTokens, sign_in: SignIn) -> None:
    token = sign_in.token()

    assert tokens.verify(token, NOW + 3_600_000 - 1)
    with pytest.raises(TokenExpiredError):
        tokens.verify(token, NOW + 3_600_000)


@pytest.mark.parametrize(
    "claims",
    [
        {"token_use": "id", "aud": CLIENT, "client_id": None, "cognito:username": "ann"},
        {"token_use": "id"},
        {"token_use": None},
        {"client_id": "another client"},
        {"client_id": None},
        {"iss": "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_another"},
        {"iss": None},
        {"username": None},
        {"exp": None},
    ],
    ids=str,
)
def test_a_token_for_another_purpose_is_invalid(
    tokens: CognitoTokens, sign_in: SignIn, claims: dict[str, object]
) -> None:
    with pytest.raises(TokenInvalidError):
        tokens.verify(sign_in.token(claims), NOW)


def test_a_forgery_under_a_known_keys_name_is_invalid(tokens: CognitoTokens, sign_in: SignIn) -> None:
    with pytest.raises(TokenInvalidError):
        tokens.verify(sign_in.token(signed_by=generate_private_key(65_537, 2_048)), NOW)


def test_a_token_signed_with_our_public_key_as_a_secret_is_invalid(
    tokens: CognitoTokens, sign_in: SignIn
) -> None:
    public = sign_in.keys["first"].public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    signed = f"{_part({'alg': 'HS256', 'kid': 'first'})}.{_part(claims_of_an_access_token())}"
    mac = hmac.new(pem, signed.encode(), hashlib.sha256).digest()

    with pytest.raises(TokenInvalidError):
        tokens.verify(f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}", NOW)


def test_a_token_that_is_not_signed_is_invalid(tokens: CognitoTokens) -> None:
    unsigned = f"{_part({'alg': 'none', 'kid': 'first'})}.{_part(claims_of_an_access_token())}."

    with pytest.raises(TokenInvalidError):
        tokens.verify(unsigned, NOW)


def test_a_token_with_other_claims_than_were_signed_is_invalid(
    tokens: CognitoTokens, sign_in: SignIn
) -> None:
    header, _, signature = sign_in.token().split(".")

    with pytest.raises(TokenInvalidError):
        tokens.verify(f"{header}.{_part(claims_of_an_access_token(username='root'))}.{signature}", NOW)


@pytest.mark.parametrize("token", ["x", "a.b.c", "....", "é.é.é", "g1.abc.def", " ", "null"])
def test_what_is_no_token_is_invalid(tokens: CognitoTokens, token: str) -> None:
    with pytest.raises(TokenInvalidError):
        tokens.verify(token, NOW)


def test_a_rotated_key_is_fetched_when_a_token_names_it(tokens: CognitoTokens, sign_in: SignIn) -> None:
    tokens.verify(sign_in.token(), NOW)
    sign_in.add("second")

    with pytest.raises(TokenInvalidError):
        tokens.verify(sign_in.token(key="second"), NOW + LOOK_AGAIN - 1)
    assert tokens.verify(sign_in.token(key="second"), NOW + LOOK_AGAIN)


def test_forgeries_with_unknown_keys_do_not_cost_a_fetch_each(tokens: CognitoTokens, sign_in: SignIn) -> None:
    tokens.verify(sign_in.token(), NOW)
    stranger = generate_private_key(65_537, 2_048)

    for number in range(5):
        with pytest.raises(TokenInvalidError):
            tokens.verify(sign_in.token(key=f"unknown {number}", signed_by=stranger), NOW + 1)

    assert sign_in.fetches == 1


def test_keys_that_are_known_serve_while_they_cannot_be_fetched(
    tokens: CognitoTokens, sign_in: SignIn
) -> None:
    tokens.verify(sign_in.token(), NOW)
    sign_in.down = True

    assert tokens.verify(sign_in.token(), NOW + LOOK_AGAIN)


def test_without_any_keys_nobody_can_be_told_apart(tokens: CognitoTokens, sign_in: SignIn) -> None:
    token = sign_in.token()
    sign_in.down = True

    with pytest.raises(UnavailableError):
        tokens.verify(token, NOW)


def _part(content: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
