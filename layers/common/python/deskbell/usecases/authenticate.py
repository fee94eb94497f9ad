"""Find out who bears a token: the guest of one interaction, or a signed-in agent."""

from deskbell.errors import UnauthenticatedError
from deskbell.identity import Identity
from deskbell.ports import AgentTokens, Tokens
from deskbell.tokens import PREFIX, verify_guest_token


def authenticate(token: str | None, at: int, *, tokens: Tokens, agent_tokens: AgentTokens) -> Identity:
    """Read a bearer's token; raises UnauthenticatedError, TokenInvalidError, TokenExpiredError."""
    if not token:
        raise UnauthenticatedError("This needs a token.")
    if token.startswith(PREFIX):
        return verify_guest_token(token, at, tokens.keys(at))
    return agent_tokens.verify(token, at)
