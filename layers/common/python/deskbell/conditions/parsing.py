"""From the text of an encoded query to its tree, refusing by name and position what it does not know."""

import re
from collections.abc import Mapping
from typing import Final, NoReturn, cast

from deskbell.conditions.fields import Fields, FieldType
from deskbell.conditions.terms import EVERYTHING, Alternative, AnyOf, Condition, Operator, Term
from deskbell.conditions.values import canonical
from deskbell.errors import FieldError, InvalidFieldError

MAX_QUERY_CHARACTERS = 4_000
MAX_TERMS = 100

# Longest first, so that `<=` is not read as `<` with the value `=...`.
_SPELLINGS: Final[Mapping[str, Operator]] = {
    "ISNOTEMPTY": "ISNOTEMPTY",
    "STARTSWITH": "STARTSWITH",
    "ENDSWITH": "ENDSWITH",
    "NOT LIKE": "NOT LIKE",
    "NOTLIKE": "NOT LIKE",
    "BETWEEN": "BETWEEN",
    "ISEMPTY": "ISEMPTY",
    "NOT IN": "NOT IN",
    "LIKE": "LIKE",
    "IN": "IN",
    "!=": "!=",
    "<=": "<=",
    ">=": ">=",
    "=": "=",
    "<": "<",
    ">": ">",
}
# ServiceNow has these too; without the list they would read as IN with an odd value.
_NOT_OURS: Final = ("INSTANCEOF", "IN_HIERARCHY_DYNAMIC", "IN_HIERARCHY")
_CLAUSES_NOT_OURS: Final = ("ORDERBYDESC", "ORDERBY", "GROUPBY", "RLQUERY", "ENDRLQUERY")
_TEXT_ONLY: Final = frozenset({"LIKE", "NOT LIKE", "STARTSWITH", "ENDSWITH"})
_FIELD: Final = re.compile("[a-z0-9_.]*")
_OPERATOR: Final = re.compile("|".join(re.escape(spelling) for spelling in (*_NOT_OURS, *_SPELLINGS)))


def parse(query: str, fields: Fields, path: str = "condition") -> Condition:
    """The condition that `query` states over `fields`; an empty query holds for every record.

    Raises InvalidFieldError naming `path`, and in its detail the field or operator and its position.
    """
    return _Parser(query, fields, path).condition()


class _Parser:
    def __init__(self, query: str, fields: Fields, path: str) -> None:
        self._query = query
        self._fields = fields
        self._path = path
        self._terms = 0

    def condition(self) -> Condition:
        if len(self._query) > MAX_QUERY_CHARACTERS:
            self._refuse("too_long", f"a condition has at most {MAX_QUERY_CHARACTERS} characters")
        pieces = _pieces(self._query)
        if len(pieces) > 1 and pieces[-1][2] == "EQ":
            # A filter copied from ServiceNow ends with this mark.
            pieces.pop()
        if len(pieces) == 1 and not pieces[0][2].strip():
            return EVERYTHING
        alternatives: list[Alternative] = []
        clauses: list[AnyOf] = []
        for joint, position, text in pieces:
            if joint == "NQ":
                alternatives.append(tuple(clauses))
                clauses = []
            term = self._term(text, position)
            if joint == "OR":
                clauses[-1] = (*clauses[-1], term)
            else:
                clauses.append((term,))
        return Condition((*alternatives, tuple(clauses)))

    def _term(self, text: str, position: int) -> Term:
        self._terms += 1
        if self._terms > MAX_TERMS:
            self._refuse("too_many_terms", f"a condition has at most {MAX_TERMS} comparisons")
        if not text:
            self._refuse("malformed", f"expects a condition at position {position}")
        end = _FIELD.match(text).end()  # type: ignore[union-attr]
        name, rest = text[:end], text[end:]
        kind = self._fields.get(name)
        if kind is None:
            for clause in _CLAUSES_NOT_OURS:
                if text.startswith(clause):
                    self._refuse("unknown_operator", f"{clause} at position {position} is not supported here")
            unknown = name or _leading_name(text)
            self._refuse("unknown_field", f"unknown field {unknown!r} at position {position}")
        operator, written = self._operator(rest, position + end)
        if operator in _TEXT_ONLY and kind in ("datetime", "integer"):
            where = f"{operator} at position {position + end}"
            self._refuse(
                "unknown_operator", f"operator {where} does not apply to {name}, a field of type {kind}"
            )
        return self._compare(name, kind, operator, written.replace("^^", "^"), position + end)

    def _operator(self, rest: str, position: int) -> tuple[Operator, str]:
        found = _OPERATOR.match(rest)
        if found is not None and found[0] in _SPELLINGS:
            return _SPELLINGS[found[0]], rest[found.end() :]
        if not rest:
            self._refuse("unknown_operator", f"an operator is missing at position {position}")
        unknown = _leading_operator(rest) if found is None else found[0]
        return self._refuse("unknown_operator", f"unknown operator {unknown!r} at position {position}")

    def _compare(self, name: str, kind: FieldType, operator: Operator, written: str, position: int) -> Term:
        if operator in ("ISEMPTY", "ISNOTEMPTY"):
            if written:
                self._refuse("invalid_value", f"{operator} at position {position} takes no value")
            return Term(name, kind, operator, (), ())
        if not written and operator in ("=", "!="):
            # As in ServiceNow, `field=` asks for records without a value.
            return Term(name, kind, "ISEMPTY" if operator == "=" else "ISNOTEMPTY", (), ())
        if written.startswith("javascript:"):
            self._refuse("invalid_value", f"scripts are not run in conditions (position {position})")
        parts = _parts(operator, written)
        if not all(parts) or (operator == "BETWEEN" and len(parts) != 2):  # noqa: PLR2004
            shape = {"BETWEEN": "two values joined by @", "IN": "values", "NOT IN": "values"}
            self._refuse(
                "invalid_value", f"{operator} at position {position} expects {shape.get(operator, 'a value')}"
            )
        try:
            pairs = [canonical(part, kind) for part in parts]
        except ValueError as problem:
            self._refuse("invalid_value", f"{name} at position {position} {problem}")
        values = tuple(value for value, _ in pairs)
        operands = tuple(operand for _, operand in pairs)
        if operator == "IN" and f"IN{values[0]}".startswith(_NOT_OURS):
            self._refuse("invalid_value", f"IN at position {position} begins like another operator")
        if operator == "BETWEEN" and operands[0] > operands[1]:  # type: ignore[operator]
            self._refuse(
                "invalid_value", f"BETWEEN at position {position} has its bounds the wrong way round"
            )
        return Term(name, kind, operator, values, cast("tuple[str, ...] | tuple[int, ...]", operands))

    def _refuse(self, code: str, detail: str) -> NoReturn:
        raise InvalidFieldError(f"{self._path}: {detail}", [FieldError(self._path, code, detail)])


def _pieces(query: str) -> list[tuple[str, int, str]]:
    """Each term's text with the joint before it (`AND`, `OR`, `NQ`) and its position; `^^` stays inside."""
    pieces: list[tuple[str, int, str]] = []
    joint, start, at = "AND", 0, 0
    while (at := query.find("^", at)) != -1:
        if query.startswith("^^", at):
            at += 2
            continue
        pieces.append((joint, start, query[start:at]))
        at += 1
        joint = "AND"
        if query.startswith("NQ", at):
            joint = "NQ"
        elif query.startswith("OR", at) and not query.startswith("ORDERBY", at):
            joint = "OR"
        at += 0 if joint == "AND" else 2
        start = at
    pieces.append((joint, start, query[start:]))
    return pieces


def _parts(operator: Operator, written: str) -> list[str]:
    if operator in ("IN", "NOT IN"):
        return [part.strip() for part in written.split(",")]
    if operator == "BETWEEN":
        return written.split("@")
    return [written]


def _leading_name(text: str) -> str:
    """What stands where a field should: up to the first operator, to be named in the refusal."""
    ends = [at for spelling in _SPELLINGS if (at := text.find(spelling)) > 0]
    return text[: min(ends, default=len(text))][:60]


def _leading_operator(rest: str) -> str:
    end = 0
    while end < len(rest) and not (rest[end].islower() or rest[end].isdigit()):
        end += 1
    return rest[: end or 1][:30]
