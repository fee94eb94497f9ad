"""The keys of guest tokens in Secrets Manager, and the fake that stands in for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws

from deskbell.aws.token_keys import KEPT, SecretTokenKeys
from deskbell.errors import UnavailableError
from deskbell.tokens import sign_guest_token, verify_guest_token
from tests.fakes.tokens import FakeTokens

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

    from deskbell.ports import Tokens

NOW = 1_800_000_000_000


class Counting:
    """A client that counts what it is asked, and can be made to fail."""

    def __init__(self, client: SecretsManagerClient) -> None:
        self._client = client
        self.calls = 0
        self.down = False

    def get_secret_value(self, **request: Any) -> Any:
        self.calls += 1
        if self.down:
            raise EndpointConnectionError(endpoint_url="https://secretsmanager")
        return self._client.get_secret_value(**request)


@pytest.fixture
def client() -> Iterator[SecretsManagerClient]:
    with mock_aws():
        client = boto3.client("secretsmanager", region_name="eu-central-1")
        client.create_secret(Name="keys", SecretString="first")
        yield client


@pytest.fixture(params=["in memory", "in Secrets Manager"])
def tokens(request: pytest.FixtureRequest) -> Tokens:
    if request.param == "in memory":
        return FakeTokens()
    return SecretTokenKeys(request.getfixturevalue("client"), "keys")


def test_what_is_signed_with_them_is_verified_with_them(tokens: Tokens) -> None:
    token = sign_guest_token("CHAT", NOW + 1, tokens.keys(NOW))

    assert verify_guest_token(token, NOW, tokens.keys(NOW)).interaction == "CHAT"


def test_after_a_rotation_the_new_key_signs_and_the_old_still_verifies(client: SecretsManagerClient) -> None:
    old = sign_guest_token("CHAT", NOW + 10**9, SecretTokenKeys(client, "keys").keys(NOW))
    client.put_secret_value(SecretId="keys", SecretString="second")

    keys = SecretTokenKeys(client, "keys").keys(NOW)

    assert (keys.current, keys.previous) == (b"second", b"first")
    assert verify_guest_token(old, NOW, keys)


def test_a_rotation_is_noticed_within_five_minutes_and_reads_in_between_cost_nothing(
    client: SecretsManagerClient,
) -> None:
    counting = Counting(client)
    tokens = SecretTokenKeys(counting, "keys")  # type: ignore[arg-type]
    tokens.keys(NOW)
    client.put_secret_value(SecretId="keys", SecretString="second")

    assert tokens.keys(NOW + KEPT - 1).current == b"first"
    assert counting.calls == 2
    assert tokens.keys(NOW + KEPT).current == b"second"


def test_while_they_cannot_be_read_those_held_serve(client: SecretsManagerClient) -> None:
    counting = Counting(client)
    tokens = SecretTokenKeys(counting, "keys")  # type: ignore[arg-type]
    tokens.keys(NOW)
    counting.down = True

    assert tokens.keys(NOW + KEPT).current == b"first"


def test_without_any_the_service_is_unavailable(client: SecretsManagerClient) -> None:
    counting = Counting(client)
    counting.down = True
    for tokens in (SecretTokenKeys(counting, "keys"), SecretTokenKeys(client, "no such secret")):  # type: ignore[arg-type]
        with pytest.raises(UnavailableError):
            tokens.keys(NOW)


def test_keys_are_not_shown_by_accident(tokens: Tokens) -> None:
    assert "key" not in repr(tokens.keys(NOW)).replace("TokenKeys", "")
