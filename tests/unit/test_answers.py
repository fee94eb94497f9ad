"""Answers to a form: what is accepted, what is refused and how, and what they become."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskbell.answers import Answer, check_answers, is_email, opening_message, to_record
from deskbell.configuration import Configuration, form_of
from deskbell.errors import InvalidFieldError, TooLargeError
from deskbell.forms import Form

HELP = Configuration.shipped().form("default")
GOOD: dict[str, object] = {
    "first_name": "Ann",
    "last_name": "Lee",
    "email": "ann@example.com",
    "issue_type": "billing",
    "description": "I was charged twice.",
}


def form(*fields: dict[str, Any]) -> Form:
    return form_of(
        {"id": "f", "title": "F", "fields": [{"label": "", "type": "text", **it} for it in fields]}
    )


def refused(form: Form, answers: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(InvalidFieldError) as caught:
        check_answers(form, answers)
    return {error.field: error.code for error in caught.value.errors}


def accepted(form: Form, answers: dict[str, Any]) -> dict[str, Answer]:
    return dict(check_answers(form, answers).values)


def test_the_default_form_becomes_the_interaction_the_rules_ask_about() -> None:
    answers = check_answers(HELP, GOOD)

    assert to_record(HELP, answers) == {
        "channel": "chat",
        "first_name": "Ann",
        "last_name": "Lee",
        "email": "ann@example.com",
        "category": "billing",
        "short_description": "I was charged twice.",
    }
    assert opening_message(HELP, answers) == "I was charged twice."


def test_every_missing_answer_is_named() -> None:
    assert refused(HELP, {}) == dict.fromkeys(GOOD, "missing")
    assert refused(HELP, {**GOOD, "first_name": " \t "})["first_name"] == "missing"


def test_every_bad_answer_is_named_at_once() -> None:
    answers = {**GOOD, "email": "ann", "issue_type": "parcel", "first_name": "x" * 101, "shoe_size": "43"}

    assert refused(HELP, answers) == {
        "email": "invalid_email",
        "issue_type": "invalid_choice",
        "first_name": "too_long",
        "shoe_size": "unknown_field",
    }


@pytest.mark.parametrize("value", [None, 1, 1.5, True, [], {}, ["Ann"]])
def test_a_text_answer_is_a_text(value: object) -> None:
    expected = "missing" if value is None else "invalid_type"

    assert refused(HELP, {**GOOD, "first_name": value}) == {"first_name": expected}


def test_text_is_trimmed_and_composed() -> None:
    assert accepted(HELP, {**GOOD, "last_name": "  Cafe\u0301 "})["last_name"] == "Caf\u00e9"


def test_lengths_count_characters() -> None:
    assert accepted(HELP, {**GOOD, "first_name": "😀" * 100})["first_name"] == "😀" * 100


def test_lines_are_for_long_texts_only() -> None:
    assert accepted(HELP, {**GOOD, "description": "one\r\ntwo\tthree"})["description"] == "one\ntwo\tthree"
    assert refused(HELP, {**GOOD, "first_name": "An\nn"}) == {"first_name": "control_character"}


@pytest.mark.parametrize(
    "character", ["\x00", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\u2066", "\ud800"]
)
def test_characters_that_cannot_be_shown_are_refused(character: str) -> None:
    assert refused(HELP, {**GOOD, "description": f"a{character}b"}) == {"description": "control_character"}


def test_all_answers_together_have_a_size() -> None:
    with pytest.raises(TooLargeError):
        check_answers(HELP, {**GOOD, "other": "x" * 20_000})


def test_a_question_that_is_not_shown_is_not_asked_and_its_answer_dropped() -> None:
    asked = form(
        {
            "name": "kind",
            "type": "choice",
            "choices": [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}],
        },
        {"name": "number", "visible_if": "kind=a", "mandatory": True},
    )

    assert accepted(asked, {"kind": "b"}) == {"kind": "b"}
    assert accepted(asked, {"kind": "b", "number": "\x00 anything"}) == {"kind": "b"}
    assert refused(asked, {"kind": "a"}) == {"number": "missing"}


def test_a_checkbox_is_true_or_false_and_can_be_asked_about() -> None:
    asked = form(
        {"name": "call_me", "type": "checkbox"},
        {"name": "phone", "visible_if": "call_me=true", "mandatory": True},
    )

    assert accepted(asked, {}) == {"call_me": False}
    assert refused(asked, {"call_me": True}) == {"phone": "missing"}
    assert refused(asked, {"call_me": "true"}) == {"call_me": "invalid_type"}
    assert refused(form({"name": "agree", "type": "checkbox", "mandatory": True}), {"agree": False}) == {
        "agree": "missing"
    }


def test_a_default_stands_in_for_an_answer_that_was_not_given() -> None:
    asked = form({"name": "page", "type": "hidden", "default": "portal", "maps_to": "page"})

    assert to_record(asked, check_answers(asked, {})) == {"channel": "chat", "page": "portal"}
    assert to_record(asked, check_answers(asked, {"page": "shop"})) == {"channel": "chat", "page": "shop"}


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        ("digits", "0123", "12a"),
        ("alphanumeric", "A1", "A-1"),
        ("identifier", "INV-2026_01.a", "INV 1"),
        ("phone", "+49 (30) 1234-5", "call me"),
        ("postal_code", "SW1A 1AA", "SW1A;"),
    ],
)
def test_a_named_pattern_is_checked(pattern: str, good: str, bad: str) -> None:
    asked = form({"name": "x", "pattern": pattern})

    assert accepted(asked, {"x": good}) == {"x": good}
    assert refused(asked, {"x": bad}) == {"x": "pattern_mismatch"}


def test_the_short_description_is_one_line_of_at_most_160_characters() -> None:
    answers = check_answers(HELP, {**GOOD, "description": "Dear all,\n\n" + "long " * 100})

    short = to_record(HELP, answers)["short_description"]
    assert short.startswith("Dear all, long long")
    assert len(short) == 160
    assert short.endswith("…")
    assert opening_message(HELP, answers).startswith("Dear all,\n\nlong")


@pytest.mark.parametrize(
    "text",
    [
        "a@b.co",
        "first.last+tag@sub.example.com",
        "o'neil@example.org",
        "user@xn--exmple-cua.com",
        "jörg@exämple.de",
        "x@a-b.museum",
    ],
)
def test_addresses_that_people_use_are_addresses(text: str) -> None:
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "ann",
            "@example.com",
            "ann@",
            "ann@localhost",
            "ann@example",
            "ann@@example.com",
            "a b@example.com",
        ),
        *(".ann@example.com", "ann.@example.com", "a..b@example.com", "ann@-a.com", "ann@a-.com", "ann@.com"),
        *("ann@example..com", "ann@127.0.0.1", "<ann@example.com>", '"a b"@example.com', "ann@exam_ple.com"),
        *(
            "a" * 65 + "@example.com",
            "a@" + "b" * 64 + ".com",
            "a@" + "b.c" * 90 + ".com",
            "ann@example.com\n",
        ),
        "ann\u00a0lee@example.com",
    ],
)
def test_what_no_mail_server_would_take_is_not_an_address(text: str) -> None:
    assert not is_email(text)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*GOOD, "x"]) | st.text(max_size=5), _JSON, max_size=7))
def test_no_answers_do_anything_but_be_accepted_or_refused(answers: dict[str, object]) -> None:
    with suppress(InvalidFieldError):
        check_answers(HELP, answers)
