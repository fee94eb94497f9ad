"""Identifiers."""

import re
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskbell.ids import interaction_id, is_idempotency_key, is_ulid, number_of

KEY = "0190b5d6-7c1a-7b7e-9d2f-3f6f0c9d1a11"
ANSWERS = st.dictionaries(st.text(max_size=8), st.text(max_size=20) | st.booleans(), max_size=5)


@given(st.from_regex(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", fullmatch=True))
def test_a_ulid_is_one_in_either_case(text: str) -> None:
    assert is_ulid(text)
    assert is_ulid(text.lower())
    assert is_idempotency_key(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0" * 25,
        "0" * 27,
        "8" + "0" * 25,
        "0" * 25 + "U",
        "0" * 25 + "I",
        "0" * 25 + "é",
        "0" * 26 + "\n",
        " " + "0" * 25,
    ],
)
def test_anything_else_is_not(text: str) -> None:
    assert not is_ulid(text)
    assert not is_idempotency_key(text)


def test_a_uuid_can_be_a_key_in_either_case() -> None:
    for key in (str(uuid4()), str(uuid4()).upper(), KEY):
        assert is_idempotency_key(key)
    for text in (KEY[:-1], KEY + "0", KEY.replace("-", ""), f"{{{KEY}}}", f"{KEY}\n"):
        assert not is_idempotency_key(text)


@given(ANSWERS)
def test_the_same_submission_is_the_same_interaction_whatever_the_order(
    answers: dict[str, str | bool],
) -> None:
    backwards = dict(reversed(answers.items()))

    assert interaction_id(KEY, "help", answers) == interaction_id(KEY.upper(), "help", backwards)


@given(ANSWERS, ANSWERS)
def test_other_answers_are_another(one: dict[str, str | bool], other: dict[str, str | bool]) -> None:
    same = interaction_id(KEY, "help", one) == interaction_id(KEY, "help", other)

    assert same == (one == other and list(map(type, one.values())) == list(map(type, other.values())))


def test_another_key_and_another_form_are_another() -> None:
    ids = {interaction_id(key, form, {}) for key in (KEY, KEY[:-1] + "2") for form in ("help", "other")}

    assert len(ids) == 4


@given(st.text(max_size=30))
def test_an_id_is_26_characters_and_its_number_can_be_read_aloud(key: str) -> None:
    interaction = interaction_id(key, "help", {})

    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", interaction)
    assert re.fullmatch(r"CH-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", number_of(interaction))
    assert number_of(interaction) == number_of(interaction)
