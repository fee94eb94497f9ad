"""Guest tokens: they come back as they were signed, and nothing else comes back."""

import base64
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskbell.errors import TokenExpiredError, TokenInvalidError
from deskbell.identity import GuestIdentity
from deskbell.tokens import PREFIX, TokenKeys, sign_guest_token, verify_guest_token

KEYS = TokenKeys(b"current", b"previous")
NOW = 1_800_000_000_000
TOKEN = sign_guest_token("01CHAT", NOW + 1, KEYS)
NAMES = st.from_regex(r"[0-9A-Za-z_-]{1,64}", fullmatch=True)


@given(NAMES, st.integers(1, 2**53), st.binary(min_size=1, max_size=64))
def test_a_token_comes_back_as_it_was_signed(interaction: str, expires_at: int, key: bytes) -> None:
    keys = TokenKeys(key)

    token = sign_guest_token(interaction, expires_at, keys)

    assert verify_guest_token(token, expires_at - 1, keys) == GuestIdentity(interaction, expires_at)
    assert re.fullmatch(r"[A-Za-z0-9\-_.]+", token), "RFC 6455 allows it as a subprotocol"


@given(st.integers(0, 10**15))
def test_it_expires_at_its_moment(late: int) -> None:
    with pytest.raises(TokenExpiredError):
        verify_guest_token(TOKEN, NOW + 1 + late, KEYS)


@given(st.data())
def test_a_token_with_any_character_changed_is_invalid(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(TOKEN) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda it: it != TOKEN[place]))

    with pytest.raises(TokenInvalidError):
        verify_guest_token(TOKEN[:place] + other + TOKEN[place + 1 :], NOW, KEYS)


@given(st.data())
def test_a_token_cut_or_lengthened_is_invalid(data: st.DataObject) -> None:
    length = data.draw(st.integers(0, len(TOKEN) - 1))
    more = data.draw(st.text(min_size=1, max_size=4))

    for token in (TOKEN[:length], TOKEN + more):
        with pytest.raises(TokenInvalidError):
            verify_guest_token(token, NOW, KEYS)


@given(st.text(max_size=200) | st.text(max_size=200).map(lambda text: PREFIX + text))
def test_any_text_is_refused_and_nothing_else_happens(text: str) -> None:
    with pytest.raises(TokenInvalidError):
        verify_guest_token(text, NOW, KEYS)


def test_the_previous_key_verifies_and_never_signs() -> None:
    old = sign_guest_token("01CHAT", NOW + 1, TokenKeys(b"previous"))

    assert verify_guest_token(old, NOW, KEYS).interaction == "01CHAT"
    with pytest.raises(TokenInvalidError):
        verify_guest_token(TOKEN, NOW, TokenKeys(b"previous"))


def test_the_mac_of_one_conversation_does_not_serve_another() -> None:
    other = sign_guest_token("02CHAT", NOW + 1, KEYS)
    mine, theirs = TOKEN.rpartition("."), other.rpartition(".")

    with pytest.raises(TokenInvalidError):
        verify_guest_token(f"{theirs[0]}.{mine[2]}", NOW, KEYS)


def test_a_longer_life_written_into_it_is_invalid() -> None:
    claims = (
        base64.urlsafe_b64encode(json.dumps({"i": "01CHAT", "x": NOW * 2}).encode()).rstrip(b"=").decode()
    )

    with pytest.raises(TokenInvalidError):
        verify_guest_token(f"{PREFIX}{claims}.{TOKEN.rpartition('.')[2]}", NOW, KEYS)


def test_a_second_spelling_of_the_same_bytes_is_no_token() -> None:
    # The last character of the MAC carries bits that are not part of it.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = alphabet[alphabet.index(TOKEN[-1]) ^ 1]

    for token in (TOKEN[:-1] + twin, TOKEN + "="):
        with pytest.raises(TokenInvalidError):
            verify_guest_token(token, NOW, KEYS)


def test_keys_are_not_shown_by_accident() -> None:
    assert "current" not in repr(KEYS)
