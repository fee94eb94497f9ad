"""Whether a condition holds for a record: the plain meaning that every faster way must agree with.

Text compares without case, as ServiceNow's databases do. A field without a value satisfies ISEMPTY and
nothing else, `!=`, NOT IN and NOT LIKE included (ServiceNow KB0715430).
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from deskbell.conditions.fields import Record
from deskbell.conditions.terms import Condition, Operator, Term
from deskbell.conditions.values import converted, fold

type Comparable = Mapping[str, str | int]

# Operands have the type of the value: `satisfies` sees to it.
_TESTS: dict[Operator, Callable[[Any, Any], bool]] = {
    "=": lambda value, operands: value == operands[0],
    "!=": lambda value, operands: value != operands[0],
    "<": lambda value, operands: value < operands[0],
    "<=": lambda value, operands: value <= operands[0],
    ">": lambda value, operands: value > operands[0],
    ">=": lambda value, operands: value >= operands[0],
    "IN": lambda value, operands: value in operands,
    "NOT IN": lambda value, operands: value not in operands,
    "LIKE": lambda value, operands: operands[0] in value,
    "NOT LIKE": lambda value, operands: operands[0] not in value,
    "STARTSWITH": lambda value, operands: value.startswith(operands[0]),
    "ENDSWITH": lambda value, operands: value.endswith(operands[0]),
    "BETWEEN": lambda value, operands: operands[0] <= value <= operands[1],
    "ISEMPTY": lambda _value, _operands: False,
    "ISNOTEMPTY": lambda _value, _operands: True,
}


def evaluate(condition: Condition, record: Record) -> bool:
    """Whether the condition holds for the record."""
    return holds(condition, comparable(record))


def comparable(record: Record) -> Comparable:
    """The record's values as conditions compare them, without the missing ones."""
    return {
        name: fold(value) if isinstance(value, str) else value
        for name, value in record.items()
        if value is not None and value != ""
    }


def holds(condition: Condition, record: Comparable) -> bool:
    """`evaluate` for a record that is comparable already."""
    for alternative in condition.alternatives:
        for clause in alternative:
            for term in clause:
                if satisfies(term, record.get(term.field)):
                    break
            else:
                break
        else:
            return True
    return False


def satisfies(term: Term, value: str | int | None) -> bool:
    """Whether one comparable value satisfies one term; None is a missing value."""
    if value is None:
        return term.operator == "ISEMPTY"
    if isinstance(value, int) != (term.type in ("datetime", "integer")):
        value = converted(value, term.type)
        if value is None:
            return False
    return _TESTS[term.operator](value, term.operands)


def decide(condition: Condition, record: Comparable, known: Collection[str]) -> bool | None:
    """Whether the condition holds whatever the fields outside `known` turn out to be; None if it depends."""
    return _any(
        _all(_any(_decide_term(term, record, known) for term in clause) for clause in alternative)
        for alternative in condition.alternatives
    )


def _decide_term(term: Term, record: Comparable, known: Collection[str]) -> bool | None:
    return satisfies(term, record.get(term.field)) if term.field in known else None


def _any(verdicts: Any) -> bool | None:
    seen = list(verdicts)
    return True if True in seen else (None if None in seen else False)


def _all(verdicts: Any) -> bool | None:
    seen = list(verdicts)
    return False if False in seen else (None if None in seen else True)
