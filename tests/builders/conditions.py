"""Random conditions and records, and a second, deliberately simple reading of encoded queries."""

import unicodedata
from datetime import UTC, datetime
from types import MappingProxyType

from hypothesis import strategies as st

from deskbell.conditions import (
    INTERACTION_FIELDS,
    AnyOf,
    Condition,
    Fields,
    FieldType,
    Operator,
    Record,
    Term,
    parse,
)

FIELDS: Fields = MappingProxyType({**INTERACTION_FIELDS, "priority": "integer"})

# Few fields and few values, so that random conditions meet random records.
_ASKED = ("channel", "category", "email", "priority", "opened_at")
_WORDS = ("a", "b", "ab", "B", "ba", "a^b", "ORa", "NQ", "é", "E\u0301", "ß", "x=y", ">x")
_TEXT_OPERATORS: tuple[Operator, ...] = ("LIKE", "NOT LIKE", "STARTSWITH", "ENDSWITH")
_OPERATORS: tuple[Operator, ...] = (
    *("=", "!=", "<", "<=", ">", ">="),
    *("IN", "NOT IN", "BETWEEN", "ISEMPTY", "ISNOTEMPTY"),
)


def _words(kind: FieldType) -> st.SearchStrategy[str]:
    if kind == "integer":
        return st.integers(-2, 6).map(str)
    if kind == "datetime":
        return st.integers(1, 6).map(lambda day: f"2026-01-{day:02} 00:00:00")
    return st.sampled_from(_WORDS)


@st.composite
def terms(draw: st.DrawFn) -> Term:
    """A term as the parser makes it."""
    name = draw(st.sampled_from(_ASKED))
    kind = FIELDS[name]
    textual = kind in ("string", "choice")
    operator = draw(st.sampled_from(_OPERATORS + (_TEXT_OPERATORS if textual else ())))
    values: list[str] = []
    if operator in ("IN", "NOT IN"):
        values = draw(st.lists(_words(kind), min_size=1, max_size=3))
    elif operator == "BETWEEN":
        values = sorted(draw(st.tuples(_words(kind), _words(kind))), key=lambda it: _key(it, kind))
    elif not operator.startswith("IS"):
        values = [draw(_words(kind))]
    separator = "@" if operator == "BETWEEN" else ","
    written = f"{name}{operator}{separator.join(values).replace('^', '^^')}"
    return parse(written, FIELDS).alternatives[0][0][0]


def conditions() -> st.SearchStrategy[Condition]:
    """Any condition of a few terms, the empty one included."""
    clause: st.SearchStrategy[AnyOf] = st.lists(terms(), min_size=1, max_size=3).map(tuple)
    alternative = st.lists(clause, min_size=1, max_size=3).map(tuple)
    return st.lists(alternative, max_size=3).map(lambda it: Condition(tuple(it) or ((),)))


def records() -> st.SearchStrategy[Record]:
    """Records with some of the fields, with values that conditions ask about."""
    text = st.none() | st.just("") | st.sampled_from(_WORDS).map(str.upper) | st.sampled_from(_WORDS)
    midnight = st.integers(1, 6).map(lambda day: int(datetime(2026, 1, day, tzinfo=UTC).timestamp()) * 1000)
    return st.fixed_dictionaries(
        {},
        optional={
            "channel": text,
            "category": text,
            "email": text,
            "priority": st.none() | st.integers(-2, 6),
            "opened_at": st.none() | midnight | midnight.map(_written),
        },
    )


def _written(moment: int) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).isoformat().replace("+00:00", "Z")


def plainly(query: str, record: Record) -> bool:
    """What a canonical query says of a record, worked out with nothing shared with the package."""
    if not query:
        return True
    text = query.replace("^^", "\x00")
    return any(
        all(
            any(_term_holds(term.replace("\x00", "^"), record) for term in clause.split("^OR"))
            for clause in _clauses(alternative)
        )
        for alternative in text.split("^NQ")
    )


def _clauses(alternative: str) -> list[str]:
    clauses: list[str] = []
    for piece in alternative.split("^"):
        if piece.startswith("OR"):
            clauses[-1] += "^" + piece
        else:
            clauses.append(piece)
    return clauses


def _term_holds(term: str, record: Record) -> bool:
    name = max((it for it in FIELDS if term.startswith(it)), key=len)
    rest = term[len(name) :]
    spellings = (*_OPERATORS, *_TEXT_OPERATORS)
    operator = max((it for it in spellings if rest.startswith(it)), key=len)
    written = rest[len(operator) :]
    kind = FIELDS[name]
    given = record.get(name)
    if given is None or given == "":
        return operator == "ISEMPTY"
    value = _key(given, kind)
    match operator:
        case "ISEMPTY" | "ISNOTEMPTY":
            return operator == "ISNOTEMPTY"
        case "IN" | "NOT IN":
            return (value in [_key(it, kind) for it in written.split(",")]) is (operator == "IN")
        case "BETWEEN":
            low, high = written.split("@")
            return bool(_key(low, kind) <= value <= _key(high, kind))
    wanted = _key(written, kind)
    answers = {
        "=": value == wanted,
        "!=": value != wanted,
        "<": value < wanted,
        "<=": value <= wanted,
        ">": value > wanted,
        ">=": value >= wanted,
        "LIKE": wanted[1] in value[1],
        "NOT LIKE": wanted[1] not in value[1],
        "STARTSWITH": value[1].startswith(wanted[1]),
        "ENDSWITH": value[1].endswith(wanted[1]),
    }
    return bool(answers[operator])


def _key(value: str | int, kind: FieldType) -> tuple[int, str]:
    if kind in ("string", "choice"):
        folded = unicodedata.normalize("NFC", str(value)).casefold()
        return 0, unicodedata.normalize("NFC", folded)
    if isinstance(value, int):
        return value, ""
    if kind == "integer":
        return int(value), ""
    return int(
        datetime.fromisoformat(value.replace("Z", "+00:00")).replace(tzinfo=UTC).timestamp()
    ) * 1000, ""
