"""Find out who bears a token: the guest of one interaction, or a signed-in agent."""

from deskbell.errors import TokenInvalidError, UnauthenticatedError
from deskbell.identity import Identity
from deskbell.ports import AgentTokens, Tokens
from deskbell.tokens import PREFIX, verify_guest_token


def authenticate(token: str | None, at: int, *, tokens: Tokens, agent_tokens: AgentTokens) -> Identity:
    """Read a bearer's token; raises UnauthenticatedError, TokenInvalidError, TokenExpiredError."""
    if not token:
        raise UnauthenticatedError("This needs a token.")
    if token.startswith(PREFIX):
        keys = tokens.keys(at)
        try:
            return verify_guest_token(token, at, keys)
        except TokenInvalidError:
            # Another process may have signed it with a key that is newer than those held here.
            newer = tokens.keys(at, doubted=True)
            if newer == keys:
                raise
            return verify_guest_token(token, at, newer)
    return agent_tokens.verify(token, at)
