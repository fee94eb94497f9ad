"""Guest forms: what is asked, what an answer must look like, and what becomes of it on the interaction."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Interval, Len

from deskbell.bounds import Id, Line, Name, Text
from deskbell.conditions import Fields, FieldType, evaluate, parse
from deskbell.errors import FieldError, InvalidFieldError, TooLargeError

type Widget = Literal["text", "email", "choice", "textarea", "checkbox", "hidden"]
type PatternName = Literal["digits", "alphanumeric", "identifier", "phone", "postal_code"]
type Answer = str | bool

MAX_ANSWERS_BYTES = 16_000
SHORT_DESCRIPTION_CHARACTERS = 160
"""As long as ServiceNow's field; the whole text is the opening message."""

DEFAULT_FORM = "default"
"""The name that always stands for the form the property names; no form may have it as its id."""

CHANNEL = "chat"

# What an answer may become; everything else about an interaction is for us to say.
MAPPABLE_FIELDS = frozenset({"category", "first_name", "last_name", "email", "short_description"})

# Each is one character class repeated, so matching takes linear time; no form brings its own expression.
PATTERNS: Mapping[PatternName, str] = MappingProxyType(
    {
        "digits": "[0-9]+",
        "alphanumeric": "[A-Za-z0-9]+",
        "identifier": "[A-Za-z0-9_.\\-]+",
        "phone": "[0-9+()./ \\-]+",
        "postal_code": "[A-Za-z0-9 \\-]+",
    }
)
_DEFAULT_LENGTH: Mapping[Widget, int] = {"text": 200, "email": 254, "textarea": 4_000, "hidden": 200}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of the answers to choose from."""

    __pydantic_config__: ClassVar = {"extra": "forbid", "strict": True}

    value: Name
    label: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One question. `visible_if` is an encoded query over the answers before it; `maps_to` names the field of
    the interaction that the answer becomes; `pattern` is one of `PATTERNS` by name.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid", "strict": True}

    name: Id
    label: Line
    type: Widget
    mandatory: bool = False
    max_length: Annotated[int, Interval(ge=1, le=4_000)] | None = None
    pattern: PatternName | None = None
    help: Line = ""
    default: Text | bool | None = None
    visible_if: Text = ""
    choices: Annotated[tuple[Choice, ...], Len(0, 100)] = ()
    maps_to: Id | None = None

    @property
    def longest(self) -> int | None:
        """Most characters of an answer; None where the type sets its own bounds."""
        default = _DEFAULT_LENGTH.get(self.type)
        return default if self.max_length is None or default is None else self.max_length

    @property
    def condition_type(self) -> FieldType:
        """How conditions see the answer."""
        return "choice" if self.type in ("choice", "checkbox") else "string"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form that starts a conversation; `queue` fixes where it goes, past the matching rules.

    A form that is not `active` does not exist for anybody; one that is not `public` is not for guests.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid", "strict": True}

    id: Id
    title: Name
    fields: Annotated[tuple[FormField, ...], Len(1, 50)]
    active: bool = True
    public: bool = True
    queue: Id | None = None
    submit_label: Name = "Start chat"


@dataclass(frozen=True, slots=True)
class Answers:
    """Accepted answers by field name: text trimmed and NFC, checkboxes as bool; hidden questions are absent."""

    values: Mapping[str, Answer]


def check_answers(form: Form, answers: Mapping[str, object]) -> Answers:
    """The answers as accepted; raises InvalidFieldError naming each bad field, TooLargeError for too much text."""
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
        if not evaluate(condition, values):
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
    """The interaction's fields that the answers fill, the channel included; `short_description` in one line."""
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


def condition_fields(form: Form, before: str | None = None) -> Fields:
    """The questions as conditions may name them, those before one of them or all."""
    known: dict[str, FieldType] = {}
    for question in form.fields:
        if question.name == before:
            break
        known[question.name] = question.condition_type
    return known


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether a queue takes conversations now; `next_opening` is epoch milliseconds."""

    open: bool
    not_available_html: str | None = None
    next_opening: int | None = None


def public_view(
    form: Form, whole: Opening, of_choice: Callable[[FormField, Choice], Opening | None]
) -> dict[str, Any]:
    """The form as guests may see it, without ids of queues or mappings; times stay epoch milliseconds."""
    return {
        "id": form.id,
        "title": form.title,
        **_opening_view(whole),
        "submit_label": form.submit_label,
        "fields": [_public_field(question, of_choice) for question in form.fields],
    }


def _public_field(
    question: FormField, of_choice: Callable[[FormField, Choice], Opening | None]
) -> dict[str, Any]:
    view: dict[str, Any] = {
        "name": question.name,
        "label": question.label,
        "type": question.type,
        "mandatory": question.mandatory,
    }
    if question.longest is not None:
        view["max_length"] = question.longest
    if question.pattern is not None:
        view["pattern"] = PATTERNS[question.pattern]
    if question.help:
        view["help"] = question.help
    if question.default is not None:
        view["default"] = question.default
    if question.visible_if:
        view["visible_if"] = question.visible_if
    if question.choices:
        view["choices"] = [
            {"value": choice.value, "label": choice.label, **_opening_view(of_choice(question, choice))}
            for choice in question.choices
        ]
    return view


def _opening_view(opening: Opening | None) -> dict[str, Any]:
    if opening is None:
        return {}
    if opening.open:
        return {"open": True}
    view: dict[str, Any] = {"open": False, "not_available_html": opening.not_available_html}
    if opening.next_opening is not None:
        view["next_opening"] = opening.next_opening
    return view


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
        if character == "\n" or character == "\t":
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
