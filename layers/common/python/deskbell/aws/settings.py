"""What the environment says, read once in INIT; this is the only place that reads it."""

from collections.abc import Mapping


class Settings:
    """A function's environment variables; asking for one that is not set fails INIT with its name."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def __getitem__(self, name: str) -> str:
        """Give a variable that the template sets; raises RuntimeError where it does not."""
        value = self._environment.get(name)
        if value is None:
            raise RuntimeError(f"the environment variable {name} is not set")
        return value

    @property
    def region(self) -> str:
        """The Region the function runs in."""
        return self["AWS_REGION"]

    @property
    def allowed_origins(self) -> frozenset[str]:
        """Web origins that may use the API from a browser."""
        return frozenset(origin.strip() for origin in self["ALLOWED_ORIGINS"].split(",") if origin.strip())

    @property
    def management_url(self) -> str:
        """Where frames are posted to sockets; on an emulator by its path-style address."""
        path = f"{self['WEBSOCKET_API_ID']}/{self['WEBSOCKET_STAGE']}"
        if self._emulator:
            return f"{self._emulator}/_aws/execute-api/{path}"
        return f"https://{self._host}/{self['WEBSOCKET_STAGE']}"

    @property
    def websocket_url(self) -> str:
        """Where clients open their sockets."""
        if self._emulator:
            return self.management_url.replace("http", "ws", 1)
        return f"wss://{self._host}/{self['WEBSOCKET_STAGE']}"

    @property
    def token_issuer(self) -> str:
        """Who signs agents' tokens."""
        return f"https://cognito-idp.{self.region}.amazonaws.com/{self['USER_POOL_ID']}"

    @property
    def token_keys_url(self) -> str:
        """Where the public keys of agents' tokens are."""
        base = f"{self._emulator}/{self['USER_POOL_ID']}" if self._emulator else self.token_issuer
        return f"{base}/.well-known/jwks.json"

    @property
    def _host(self) -> str:
        return f"{self['WEBSOCKET_API_ID']}.execute-api.{self.region}.amazonaws.com"

    @property
    def _emulator(self) -> str | None:
        return self._environment.get("AWS_ENDPOINT_URL") or None
