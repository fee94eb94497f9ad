"""Whether a configuration document makes sense as a whole, with every mistake named by its path."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from deskbell.coherence import Whole
from deskbell.configuration import KINDS, LISTS, Document
from deskbell.defaults import shipped_document
from deskbell.errors import FieldError, InvalidFieldError
from deskbell.forms import Form
from deskbell.markup import sanitised
from deskbell.matching import Rule
from deskbell.properties import Properties, errors_in
from deskbell.queues import Group, Queue, Survey

MAX_DOCUMENT_BYTES = 8_000_000
MAX_ITEMS = 5_000
_ADAPTERS: Mapping[str, TypeAdapter[Any]] = {
    "forms": TypeAdapter(list[Form]),
    "matching-rules": TypeAdapter(list[Rule]),
    "queues": TypeAdapter(list[Queue]),
    "groups": TypeAdapter(list[Group]),
    "surveys": TypeAdapter(list[Survey]),
}


def validated(document: object) -> Document:
    """The document as it is to be stored; raises InvalidFieldError with every mistake found."""
    if not isinstance(document, dict):
        _refuse([FieldError("configuration", "invalid_type", "A configuration is an object of lists.")])
    plain = _plain(document)
    errors = [
        FieldError(str(kind), "unknown_field", f"Knows {', '.join(KINDS)}.")
        for kind in plain
        if kind not in KINDS
    ]
    complete = {kind: plain.get(kind, shipped) for kind, shipped in shipped_document().items()}
    typed: dict[str, Any] = {}
    for kind in LISTS:
        try:
            typed[kind] = _typed(kind, complete[kind])
        except InvalidFieldError as problem:
            errors.extend(problem.errors)
    if isinstance(complete["properties"], dict):
        errors.extend(errors_in(complete["properties"]))
    else:
        errors.append(FieldError("properties", "invalid_type", "Expects an object of values by name."))
    if errors:
        _refuse(errors)
    _refuse(list(Whole(typed, Properties.of(complete["properties"])).errors()))
    for queue in complete["queues"]:
        if "not_available_html" in queue:
            queue["not_available_html"] = sanitised(queue["not_available_html"])
    return {kind: complete[kind] for kind in KINDS if kind in plain}


def _refuse(errors: list[FieldError]) -> None:
    if errors:
        raise InvalidFieldError(
            f"The configuration has {len(errors)} mistake(s): {errors[0].field}: {errors[0].detail}", errors
        )


def _plain(document: Any) -> Document:
    """A deep copy through JSON, which is what will be stored."""
    try:
        text = json.dumps(document, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as problem:
        raise InvalidFieldError(
            "The configuration is not JSON data.", [FieldError("configuration", "invalid_type", str(problem))]
        ) from None
    if len(text) > MAX_DOCUMENT_BYTES:
        detail = f"A configuration has at most {MAX_DOCUMENT_BYTES} bytes."
        raise InvalidFieldError(detail, [FieldError("configuration", "too_large", detail)])
    plain: Document = json.loads(text)
    return plain


def _typed(kind: str, items: Any) -> Any:
    if isinstance(items, list) and len(items) > MAX_ITEMS:
        _refuse([FieldError(kind, "too_long", f"There can be at most {MAX_ITEMS}.")])
    try:
        return _ADAPTERS[kind].validate_json(json.dumps(items), strict=True)
    except ValidationError as problem:
        raise InvalidFieldError(
            kind,
            [FieldError(_path(kind, it["loc"]), _code(it["type"]), it["msg"]) for it in problem.errors()],
        ) from None


def _path(kind: str, location: Iterable[str | int]) -> str:
    path = kind
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
        if part == "default":
            break
    return path


def _code(kind: str) -> str:
    if kind.endswith("_type"):
        return "invalid_type"
    named = {
        "missing": "missing",
        "unexpected_keyword_argument": "unknown_field",
        "extra_forbidden": "unknown_field",
        "literal_error": "invalid_choice",
        "too_long": "too_long",
        "string_too_long": "too_long",
        "too_short": "too_short",
        "string_too_short": "too_short",
        "greater_than_equal": "out_of_range",
        "less_than_equal": "out_of_range",
    }
    return named.get(kind, "invalid_value")
