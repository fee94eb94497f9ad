"""Matching rules: which queue a new interaction goes to, the first rule by order whose condition holds.

A thousand rules cost what ten do: per field and value one bitset of the rules that the value satisfies,
made when first asked for; AND them all and the lowest bit is the answer. (Bitmap intersection as packet
classifiers do it.)
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Annotated, ClassVar

from deskbell.bounds import Id, Length, Name
from deskbell.conditions import Alternative, Condition, Fields, Record, comparable, evaluate, parse
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
    condition: Annotated[str, Length(0, 4_000)] = ""
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
        self._compiled = [(rule, parse(rule.condition, fields)) for rule in in_order(rules)]
        self._rule_of_row: list[Rule] = []
        self._unsure: dict[int, Condition] = {}
        columns: dict[str, FieldRows] = {}
        for rule, condition in self._compiled:
            for alternative in condition.alternatives:
                for clauses in self._rows_of(alternative, condition):
                    self._add(rule, clauses, columns)
        self._all = (1 << len(self._rule_of_row)) - 1
        for column in columns.values():
            column.finish(self._all)
        self._columns = [(name, column.kept, column) for name, column in columns.items()]

    def match(self, record: Record) -> Rule | None:
        """The first rule that holds for the record."""
        rows = self._all
        for name, kept, column in self._columns:
            value = record.get(name)
            satisfied = kept.get(value)
            rows &= column.rows(value) if satisfied is None else satisfied
        while rows:
            lowest = rows & -rows
            row = lowest.bit_length() - 1
            if row not in self._unsure or evaluate(self._unsure[row], record):
                return self._rule_of_row[row]
            rows ^= lowest
        return None

    def conditions(self) -> Iterator[tuple[Rule, Condition]]:
        """The active rules in order with what their conditions say."""
        return iter(self._compiled)

    def _rows_of(self, alternative: Alternative, condition: Condition) -> Iterable[Sequence[AnyOf]]:
        """The alternative as rows that each ask for one field a clause, as the index needs them."""
        choices = [_by_field(clause) for clause in alternative]
        if math.prod(map(len, choices)) <= _MOST_ROWS:
            return product(*choices)
        self._unsure[len(self._rule_of_row)] = condition
        return [[choice[0] for choice in choices if len(choice) == 1]]

    def _add(self, rule: Rule, clauses: Sequence[AnyOf], columns: dict[str, FieldRows]) -> None:
        row = len(self._rule_of_row)
        self._rule_of_row.append(rule)
        wanted: dict[str, Alternative] = {}
        for clause in clauses:
            field = clause[0].field
            wanted[field] = (*wanted.get(field, ()), clause)
        for field, on_field in wanted.items():
            column = columns.get(field)
            if column is None:
                column = columns[field] = FieldRows(on_field[0][0].type)
            column.add(row, on_field)


def _by_field(clause: AnyOf) -> list[AnyOf]:
    """The terms of an OR, together where they ask for the same field."""
    if len(clause) == 1:
        return [clause]
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
