"""A user pool's signatures: real RS256 keys, published as Cognito does, and tokens of every kind."""

import json
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

ISSUER = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_pool"
CLIENT = "desk-client"
NOW = 1_800_000_000_000


class SignIn:
    """Publishes its public keys on a port of this machine while it is entered; `fetches` counts who asked."""

    def __init__(self) -> None:
        self.keys: dict[str, RSAPrivateKey] = {}
        self.fetches = 0
        self.down = False
        self._server = HTTPServer(("127.0.0.1", 0), _handler_of(self))
        self.add("first")

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where the public keys are."""
        return f"http://127.0.0.1:{self._server.server_port}/.well-known/jwks.json"

    @property
    def published(self) -> dict[str, Any]:
        """The public keys as Cognito shows them."""
        to_jwk = jwt.algorithms.RSAAlgorithm.to_jwk
        return {
            "keys": [
                {**to_jwk(key.public_key(), as_dict=True), "kid": name, "alg": "RS256", "use": "sig"}
                for name, key in self.keys.items()
            ]
        }

    def add(self, name: str) -> None:
        """Make a further key and publish it."""
        self.keys[name] = _key(name)

    def token(
        self,
        claims: dict[str, Any] | None = None,
        *,
        key: str = "first",
        signed_by: RSAPrivateKey | None = None,
    ) -> str:
        """An access token as Cognito issues it; a claim given as None is left out."""
        return jwt.encode(
            _claims(claims or {}), signed_by or self.keys[key], algorithm="RS256", headers={"kid": key}
        )


def claims_of_an_access_token(**claims: Any) -> dict[str, Any]:
    """The claims alone, for tokens that are signed in another way."""
    return _claims(claims)


@cache
def _key(_name: str) -> RSAPrivateKey:
    return generate_private_key(65_537, 2_048)


def _claims(claims: dict[str, Any]) -> dict[str, Any]:
    usual = {
        "sub": "8a3f5d1e",
        "iss": ISSUER,
        "client_id": CLIENT,
        "token_use": "access",
        "scope": "aws.cognito.signin.user.admin",
        "username": "ann",
        "cognito:groups": ["agents"],
        "auth_time": NOW // 1_000 - 60,
        "iat": NOW // 1_000 - 60,
        "exp": NOW // 1_000 + 3_600,
    }
    return {name: value for name, value in {**usual, **claims}.items() if value is not None}


def _handler_of(sign_in: SignIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sign_in.fetches += 1
            self.send_response(503 if sign_in.down else 200)
            self.end_headers()
            self.wfile.write(b"" if sign_in.down else json.dumps(sign_in.published).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    return Handler
