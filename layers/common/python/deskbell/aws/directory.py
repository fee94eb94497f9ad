"""Agents' display names, from the Cognito user pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient


class CognitoDirectory:
    """`ports.Directory` for one user pool."""

    def __init__(self, client: CognitoIdentityProviderClient, user_pool: str) -> None:
        self._client = client
        self._user_pool = user_pool

    def display_name(self, agent: str) -> str:
        """Give the user's `name` attribute; the username where there is none or it cannot be read."""
        try:
            user = self._client.admin_get_user(UserPoolId=self._user_pool, Username=agent)
        except (ClientError, BotoCoreError):
            return agent
        names = [found.get("Value") for found in user["UserAttributes"] if found["Name"] == "name"]
        return names[0] or agent if names else agent
