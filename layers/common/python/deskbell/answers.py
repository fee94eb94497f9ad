"""Answers to a guest form: accepted or refused by field, and what they become on the interaction."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from deskbell.conditions import FieldType, evaluate, parse
from deskbell.errors import FieldError, InvalidFieldError, TooLargeError
from deskbell.forms import PATTERNS, Form, FormField

type Answer = str | bool

CHANNEL = "chat"
MAX_ANSWERS_BYTES = 16_000
SHORT_DESCRIPTION_CHARACTERS = 160
"""As long as ServiceNow's field; the whole text is the opening message."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Accepted answers by field name: text trimmed and in NFC, checkboxes as bool, hidden ones absent."""

    values: Mapping[str, Answer]


def check_answers(form: Form, answers: Mapping[str, object]) -> Answers:
    """The answers as accepted; raises InvalidFieldError naming each bad field, or TooLargeError."""
    size = sum(
        len(value.encode("utf-8", "surrogatepass")) for value in answers.values() if isinstance(value, str)
    )
    if size > MAX_ANSWERS_BYTES:
        raise TooLargeError(f"The answers together exceed {MAX_ANSWERS_BYTES} bytes.")
    known = {question.name for question in form.fields}
    errors = [
        FieldError(_shown(name), "unknown_field", "This form has no such field.")
        for name in answers
        if name not in known
    ]
    values: dict[str, Answer] = {}
    for question, condition in _questions(form):
        if not evaluate(condition, {name: _as_text(value) for name, value in values.items()}):
            continue
        try:
            value = _accept(question, answers.get(question.name, question.default))
        except _BadAnswerError as problem:
            errors.append(FieldError(question.name, problem.code, problem.detail))
        else:
            if value is not None:
                values[question.name] = value
    if errors:
        raise InvalidFieldError("Please correct the marked fields.", errors)
    return Answers(MappingProxyType(values))


def to_record(form: Form, answers: Answers) -> dict[str, str]:
    """The interaction's fields that the answers fill, and the channel; `short_description` in one line."""
    record = {"channel": CHANNEL}
    for question in form.fields:
        value = answers.values.get(question.name)
        if question.maps_to is not None and value is not None:
            text = _as_text(value)
            record[question.maps_to] = _one_line(text) if question.maps_to == "short_description" else text
    return record


def opening_message(form: Form, answers: Answers) -> str:
    """What the guest wrote to begin with, whole; empty where the form does not ask for it."""
    for question in form.fields:
        if question.maps_to == "short_description":
            return str(answers.values.get(question.name, ""))
    return ""


class _BadAnswerError(Exception):
    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def _questions(form: Form) -> Iterator[tuple[FormField, Any]]:
    known: dict[str, FieldType] = {}
    for question in form.fields:
        yield question, parse(question.visible_if, known, f"{question.name}.visible_if")
        known[question.name] = question.condition_type


def _accept(question: FormField, given: object) -> Answer | None:
    if given is None:
        return _absent(question)
    if question.type == "checkbox":
        if not isinstance(given, bool):
            raise _BadAnswerError("invalid_type", "Expects true or false.")
        return given or _absent(question)
    if not isinstance(given, str):
        raise _BadAnswerError("invalid_type", "Expects a text.")
    text = _normalised(given)
    _check_characters(text, multiline=question.type == "textarea")
    if not text:
        return _absent(question)
    _check_text(question, text)
    return text


def _absent(question: FormField) -> Answer | None:
    if question.mandatory:
        raise _BadAnswerError("missing", "An answer is needed here.")
    return False if question.type == "checkbox" else None


def _normalised(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _check_characters(text: str, *, multiline: bool) -> None:
    for character in text:
        if character in "\n\t":
            allowed = multiline
        else:
            allowed = unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp") and not _reorders(
                character
            )
        if not allowed:
            raise _BadAnswerError("control_character", "Contains a character that cannot be shown.")


def _reorders(character: str) -> bool:
    """Overrides and isolates that make text read otherwise than it is stored (Unicode TR 36)."""
    return "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069"


def _check_text(question: FormField, text: str) -> None:
    longest = question.longest
    if longest is not None and len(text) > longest:
        raise _BadAnswerError("too_long", f"Has at most {longest} characters.")
    if question.type == "choice" and text not in {choice.value for choice in question.choices}:
        raise _BadAnswerError("invalid_choice", "Is not one of the choices.")
    if question.type == "email" and not is_email(text):
        raise _BadAnswerError("invalid_email", "Is not an email address.")
    if question.pattern is not None and re.fullmatch(PATTERNS[question.pattern], text) is None:
        raise _BadAnswerError("pattern_mismatch", f"Does not look like {question.pattern.replace('_', ' ')}.")


_ATEXT = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+")
_LABEL = re.compile(r"[A-Za-z0-9\u0080-\U0010ffff](?:[A-Za-z0-9\-\u0080-\U0010ffff]{0,62})")


def is_email(text: str) -> bool:
    """Whether it has the shape of an address that people use: dot-atom, `@`, a domain with a dot.

    RFC 5321 lengths; no quoted local parts, comments or address literals; other scripts as in RFC 6531.
    """
    local, at, domain = text.rpartition("@")
    if not at or len(local.encode()) > 64 or len(text.encode()) > 254:  # noqa: PLR2004
        return False
    labels = domain.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or any(it.isspace() for it in text):  # noqa: PLR2004
        return False
    return all(_ATEXT.fullmatch(atom) for atom in local.split(".")) and all(
        _LABEL.fullmatch(label) and not label.endswith("-") for label in labels
    )


def _as_text(value: Answer) -> str:
    return value if isinstance(value, str) else "true" if value else "false"


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return (
        line if len(line) <= SHORT_DESCRIPTION_CHARACTERS else line[: SHORT_DESCRIPTION_CHARACTERS - 1] + "…"
    )


def _shown(name: object) -> str:
    return str(name)[:64]
