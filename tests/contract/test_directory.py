"""Agents' names from the user pool, and the fake that stands in for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from deskbell.aws.directory import CognitoDirectory
from tests.fakes.directory import FakeDirectory

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

    from deskbell.ports import Directory


@pytest.fixture
def client() -> Iterator[CognitoIdentityProviderClient]:
    with mock_aws():
        yield boto3.client("cognito-idp", region_name="eu-central-1")


@pytest.fixture(params=["in memory", "in Cognito"])
def directory(request: pytest.FixtureRequest) -> Directory:
    if request.param == "in memory":
        return FakeDirectory({"ann": "Ann Öther"})
    client: CognitoIdentityProviderClient = request.getfixturevalue("client")
    pool = client.create_user_pool(PoolName="agents")["UserPool"]["Id"]
    client.admin_create_user(
        UserPoolId=pool, Username="ann", UserAttributes=[{"Name": "name", "Value": "Ann Öther"}]
    )
    client.admin_create_user(
        UserPoolId=pool, Username="bob", UserAttributes=[{"Name": "email", "Value": "bob@example.com"}]
    )
    return CognitoDirectory(client, pool)


def test_a_name_is_what_people_are_shown(directory: Directory) -> None:
    assert directory.display_name("ann") == "Ann Öther"


@pytest.mark.parametrize("agent", ["bob", "stranger"])
def test_where_there_is_no_name_the_username_stands(directory: Directory, agent: str) -> None:
    assert directory.display_name(agent) == agent


def test_where_the_pool_cannot_be_read_the_username_stands() -> None:
    client = boto3.client("cognito-idp", region_name="eu-central-1")
    with Stubber(client) as stubber:
        stubber.add_client_error("admin_get_user", "TooManyRequestsException", http_status_code=400)

        assert CognitoDirectory(client, "pool").display_name("ann") == "ann"
