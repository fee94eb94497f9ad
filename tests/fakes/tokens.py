"""Keys and signatures in memory."""

from deskbell.errors import TokenExpiredError, TokenInvalidError
from deskbell.identity import AgentIdentity
from deskbell.tokens import TokenKeys
from tests.fakes.faults import Faults


class FakeTokens:
    """`ports.Tokens` with two keys that stay as they are."""

    def __init__(self, faults: Faults | None = None) -> None:
        self.faults = Faults() if faults is None else faults
        self.held = TokenKeys(b"the present key", b"the key before it")
        self.newer: TokenKeys | None = None

    def keys(self, at: int, *, doubted: bool = False) -> TokenKeys:
        with self.faults.at("keys"):
            if doubted and self.newer is not None:
                self.held = self.newer
            return self.held


class FakeAgentTokens:
    """`ports.AgentTokens` that knows these tokens."""

    def __init__(self, known: dict[str, AgentIdentity]) -> None:
        self._known = known

    def verify(self, token: str, at: int) -> AgentIdentity:
        identity = self._known.get(token)
        if identity is None:
            raise TokenInvalidError("This is not a token of this application.")
        if identity.expires_at <= at:
            raise TokenExpiredError("You are signed out; sign in again.")
        return identity
