"""Finding out who bears a token."""

import pytest

from deskbell.errors import TokenExpiredError, TokenInvalidError, UnauthenticatedError
from deskbell.identity import AgentIdentity, GuestIdentity, Identity
from deskbell.tokens import sign_guest_token
from deskbell.usecases.authenticate import authenticate
from tests.builders.service import HOUR, NOW, STAFF
from tests.fakes.tokens import FakeAgentTokens, FakeTokens

TOKENS = FakeTokens()
ANN = AgentIdentity("ann", STAFF, NOW + HOUR)


def who(token: str | None, at: int = NOW) -> Identity:
    return authenticate(token, at, tokens=TOKENS, agent_tokens=FakeAgentTokens({"jwt": ANN}))


def test_a_guest_token_is_its_conversations_guest() -> None:
    assert who(sign_guest_token("CHAT", NOW + 1, TOKENS.held)) == GuestIdentity("CHAT", NOW + 1)


def test_another_token_is_an_agents() -> None:
    assert who("jwt") == ANN


@pytest.mark.parametrize("token", [None, ""])
def test_nothing_is_nobody(token: str | None) -> None:
    with pytest.raises(UnauthenticatedError):
        who(token)


@pytest.mark.parametrize("token", ["g1.", "g1.x.y", "forged"])
def test_what_nobody_signed_is_invalid(token: str) -> None:
    with pytest.raises(TokenInvalidError):
        who(token)


@pytest.mark.parametrize("token", ["jwt", sign_guest_token("CHAT", NOW + HOUR, TOKENS.held)])
def test_what_was_good_once_has_expired(token: str) -> None:
    with pytest.raises(TokenExpiredError):
        who(token, NOW + HOUR)
