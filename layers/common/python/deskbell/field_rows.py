"""Which rows of a rule index one field's value satisfies, as a bitset."""

from bisect import bisect_left
from collections.abc import Sequence

from deskbell.conditions import FieldType
from deskbell.conditions.evaluation import satisfies
from deskbell.conditions.terms import Alternative
from deskbell.conditions.values import converted

# Bitsets are kept for this many different values; longer texts hardly come again and are not kept.
_MOST_KEPT = 2_048
_LONGEST_KEPT = 64
_POINTS = frozenset({"=", "!=", "IN", "NOT IN"})
# Not constant between mentioned values: each value is a cell of its own.
_TEXT_SEARCHES = frozenset({"LIKE", "NOT LIKE", "STARTSWITH", "ENDSWITH"})


class FieldRows:
    """The rows that ask something of one field.

    What a row asks is constant on each cell between the values that rows mention, so one bitset a cell is
    exact; it is made when a value first falls there. Rows that just list values, nearly all, are found by
    value; others are evaluated, once for all that ask the same.

    `kept` maps values as records hold them to what `rows` would return.
    """

    def __init__(self, kind: FieldType) -> None:
        self.kept: dict[str | int | None, int] = {}
        self._kind: FieldType = kind
        self._cells: dict[object, int] = {}
        self._listed: dict[str | int, list[int]] = {}
        self._evaluated: dict[Alternative, list[int]] = {}
        self._thresholds: list[str | int] = []
        self._points: set[str | int] = set()
        self._every_value = False
        self._asking: list[int] = []
        self._free = 0

    def add(self, row: int, clauses: Alternative) -> None:
        """Note what the next row asks of the field: every clause, each naming no other field."""
        self._asking.append(row)
        if len(clauses) == 1 and all(term.operator in ("=", "IN") for term in clauses[0]):
            for value in {operand for term in clauses[0] for operand in term.operands}:
                self._listed.setdefault(value, []).append(row)
        else:
            self._evaluated.setdefault(clauses, []).append(row)

    def finish(self, everything: int) -> None:
        """Close the field once all rows are in; `everything` has a bit for each."""
        self._free = everything ^ _bitset(self._asking)
        terms = {term for clauses in self._evaluated for clause in clauses for term in clause}
        self._every_value = any(term.operator in _TEXT_SEARCHES for term in terms)
        thresholds = {operand for term in terms if term.operator not in _POINTS for operand in term.operands}
        self._thresholds = sorted(thresholds) if not self._every_value else []
        self._points = {operand for term in terms for operand in term.operands} | self._listed.keys()

    def rows(self, value: str | int | None) -> int:
        """The rows that this value of the field satisfies, or that do not ask for it."""
        if len(self.kept) >= _MOST_KEPT:
            self.kept.clear()
        rows = self._rows(value)
        if not isinstance(value, str) or len(value) <= _LONGEST_KEPT:
            self.kept[value] = rows
        return rows

    def _rows(self, value: str | int | None) -> int:
        if value is None or value == "":
            return self._satisfied(None)
        compared = converted(value, self._kind)
        if compared is None:
            return self._free
        if self._every_value:
            return self._satisfied(compared)
        cell = compared if compared in self._points else (bisect_left(self._thresholds, compared),)
        rows = self._cells.get(cell)
        if rows is None:
            rows = self._cells[cell] = self._satisfied(compared)
        return rows

    def _satisfied(self, value: str | int | None) -> int:
        rows = [] if value is None else list(self._listed.get(value, ()))
        for clauses, asking in self._evaluated.items():
            if all(any(satisfies(term, value) for term in clause) for clause in clauses):
                rows += asking
        return self._free | _bitset(rows)


def _bitset(rows: Sequence[int]) -> int:
    if not rows:
        return 0
    bits = bytearray((max(rows) >> 3) + 1)
    for row in rows:
        bits[row >> 3] |= 1 << (row & 7)
    return int.from_bytes(bits, "little")
