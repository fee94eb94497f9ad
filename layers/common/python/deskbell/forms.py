"""Guest forms: what is asked, what an answer may look like, and which field of the interaction it becomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal

from deskbell.bounds import Id, Length, Line, Name, Range, Text
from deskbell.conditions import Fields, FieldType

type Widget = Literal["text", "email", "choice", "textarea", "checkbox", "hidden"]
type PatternName = Literal["digits", "alphanumeric", "identifier", "phone", "postal_code"]

DEFAULT_FORM = "default"
"""The name that always stands for the form the property names; no form may have it as its id."""

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
    max_length: Annotated[int, Range(1, 4_000)] | None = None
    pattern: PatternName | None = None
    help: Line = ""
    default: Text | bool | None = None
    visible_if: Text = ""
    choices: Annotated[tuple[Choice, ...], Length(0, 100)] = ()
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
    fields: Annotated[tuple[FormField, ...], Length(1, 50)]
    active: bool = True
    public: bool = True
    queue: Id | None = None
    submit_label: Name = "Start chat"


def condition_fields(form: Form, before: str | None = None) -> Fields:
    """The questions as conditions may name them, those before one of them or all."""
    known: dict[str, FieldType] = {}
    for question in form.fields:
        if question.name == before:
            break
        known[question.name] = question.condition_type
    return known
