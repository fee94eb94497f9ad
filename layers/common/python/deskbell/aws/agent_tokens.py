"""Agents' access tokens, verified against the user pool's public keys.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
"""

from __future__ import annotations

from typing import Any

import jwt

from deskbell.errors import TokenExpiredError, TokenInvalidError, UnavailableError
from deskbell.identity import AgentIdentity

LOOK_AGAIN = 10_000
"""How soon keys may be fetched again for a token whose key is not known; forgeries must not cost a fetch each."""


class CognitoTokens:
    """`ports.AgentTokens` for one user pool and client."""

    def __init__(self, keys_url: str, issuer: str, client_id: str) -> None:
        self._source = jwt.PyJWKClient(keys_url, cache_jwk_set=False, timeout=2)
        self._issuer = issuer
        self._client_id = client_id
        self._keys: dict[str, jwt.PyJWK] = {}
        self._looked_at = -LOOK_AGAIN

    def verify(self, token: str, at: int) -> AgentIdentity:
        """Read an access token; raises TokenInvalidError, TokenExpiredError, UnavailableError."""
        claims = self._claims(token, at)
        if claims.get("token_use") != "access" or claims.get("client_id") != self._client_id:
            raise TokenInvalidError("This token is not for this application.")
        expires_at = int(claims["exp"]) * 1000
        if expires_at <= at:
            raise TokenExpiredError("You are signed out; sign in again.")
        roles = frozenset(str(group) for group in claims.get("cognito:groups", ()))
        return AgentIdentity(id=str(claims["username"]), roles=roles, expires_at=expires_at)

    def _claims(self, token: str, at: int) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key(str(header.get("kid")), at),
                algorithms=["RS256"],
                issuer=self._issuer,
                # The frame's own time decides about expiry, not this process's clock.
                options={
                    "require": ["exp", "iss", "username"],
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.PyJWTError as error:
            raise TokenInvalidError("This is not a token of this application.") from error
        return claims

    def _key(self, name: str, at: int) -> jwt.PyJWK:
        if name not in self._keys and at - self._looked_at >= LOOK_AGAIN:
            try:
                found = self._source.get_jwk_set(refresh=True)
            except jwt.PyJWKClientError as error:
                raise UnavailableError("The sign-in keys cannot be read.") from error
            self._keys = {key.key_id: key for key in found.keys if key.key_id}
            self._looked_at = at
        try:
            return self._keys[name]
        except KeyError as error:
            raise TokenInvalidError("This is not a token of this application.") from error
