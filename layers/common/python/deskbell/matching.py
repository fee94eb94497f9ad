"""Matching rules: which queue a new interaction goes to, the first rule by order whose condition holds.

A thousand rules cost what ten do: per field and value one bitset of the rules that the value satisfies,
made when first asked for; AND them all and the lowest bit is the answer. (Bitmap intersection as packet
classifiers do it.)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Annotated, ClassVar

from annotated_types import Len

from deskbell.bounds import Id, Name
from deskbell.conditions import Condition, Fields, Record, comparable, holds, parse
from deskbell.conditions.evaluation import Comparable, satisfies
from deskbell.conditions.printing import print_alternative, print_clause
from deskbell.conditions.terms import AnyOf
from deskbell.field_rows import FieldRows

# Alternatives over several fields multiply; beyond this many rows a rule is checked in full instead.
_MOST_ROWS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A matching rule; lower `order` first, ties by name and then id."""

    __pydantic_config__: ClassVar = {"extra": "forbid", "strict": True}

    id: Id
    name: Name
    queue: Id
    condition: Annotated[str, Len(0, 4_000)] = ""
    order: int = 100
    active: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one rule matched a record, and in words because of what."""

    rule: Rule
    matched: bool
    because: str


def in_order(rules: Sequence[Rule]) -> list[Rule]:
    """The active rules as they are tried."""
    return sorted((rule for rule in rules if rule.active), key=lambda rule: (rule.order, rule.name, rule.id))


class RuleIndex:
    """The active rules, compiled; raises InvalidFieldError when a condition cannot be read."""

    def __init__(self, rules: Sequence[Rule], fields: Fields) -> None:
        self._rules = in_order(rules)
        self._conditions = [parse(rule.condition, fields) for rule in self._rules]
        self._rule_of_row: list[int] = []
        self._unsure: set[int] = set()
        self._columns: dict[str, FieldRows] = {}
        for number, condition in enumerate(self._conditions):
            self._add(number, condition)
        self._all = (1 << len(self._rule_of_row)) - 1
        for column in self._columns.values():
            column.finish(self._all)

    def match(self, record: Record) -> Rule | None:
        """The first rule that holds for the record."""
        values = comparable(record)
        rows = self._all
        for name, column in self._columns.items():
            rows &= column.rows(values.get(name))
            if not rows:
                return None
        while rows:
            lowest = rows & -rows
            row = lowest.bit_length() - 1
            number = self._rule_of_row[row]
            if row not in self._unsure or holds(self._conditions[number], values):
                return self._rules[number]
            rows ^= lowest
        return None

    def conditions(self) -> Iterator[tuple[Rule, Condition]]:
        """The active rules in order with what their conditions say."""
        return zip(self._rules, self._conditions, strict=True)

    def _add(self, number: int, condition: Condition) -> None:
        for alternative in condition.alternatives:
            choices = [_by_field(clause) for clause in alternative]
            count = 1
            for choice in choices:
                count *= len(choice)
            if count > _MOST_ROWS:
                self._add_row(number, [choice[0] for choice in choices if len(choice) == 1])
                self._unsure.add(len(self._rule_of_row) - 1)
            else:
                for row in product(*choices):
                    self._add_row(number, row)

    def _add_row(self, number: int, clauses: Sequence[AnyOf]) -> None:
        row = len(self._rule_of_row)
        self._rule_of_row.append(number)
        wanted: dict[str, list[AnyOf]] = {}
        for clause in clauses:
            wanted.setdefault(clause[0].field, []).append(clause)
        for name, on_field in wanted.items():
            column = self._columns.get(name)
            if column is None:
                column = self._columns[name] = FieldRows(
                    numeric=on_field[0][0].type in ("datetime", "integer")
                )
            column.add(row, tuple(on_field))


def _by_field(clause: AnyOf) -> list[AnyOf]:
    """The terms of an OR, together where they ask for the same field."""
    groups: dict[str, AnyOf] = {}
    for term in clause:
        groups[term.field] = (*groups.get(term.field, ()), term)
    return list(groups.values())


def explain(index: RuleIndex, record: Record) -> list[Verdict]:
    """Every active rule in order with its own verdict; the first that matched is the one that routes."""
    values = comparable(record)
    return [
        Verdict(rule, matched, because)
        for rule, condition in index.conditions()
        for matched, because in [_because(condition, values)]
    ]


def _because(condition: Condition, values: Comparable) -> tuple[bool, str]:
    failed: list[str] = []
    for alternative in condition.alternatives:
        missing = next(
            (c for c in alternative if not any(satisfies(t, values.get(t.field)) for t in c)), None
        )
        if missing is None:
            return True, print_alternative(alternative) or "the condition is empty"
        failed.append(print_clause(missing))
    return False, "; ".join(f"not {clause}" for clause in failed)
