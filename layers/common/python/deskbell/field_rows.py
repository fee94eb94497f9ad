"""Which rows of a rule index one field's value satisfies, as a bitset."""

from bisect import bisect_left
from collections.abc import Sequence

from deskbell.conditions.evaluation import satisfies
from deskbell.conditions.terms import Alternative

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
    value; the others are evaluated.
    """

    def __init__(self, *, numeric: bool) -> None:
        self._numeric = numeric
        self._asking = 0
        self._listed: dict[str | int, list[int]] = {}
        self._evaluated: list[tuple[int, Alternative]] = []
        self._points: set[str | int] = set()
        self._thresholds: list[str | int] = []
        self._by_value = False
        self._free = 0
        self._kept: dict[object, int] = {}
        self._asking_rows: list[int] = []

    def add(self, row: int, clauses: Alternative) -> None:
        self._asking_rows.append(row)
        if len(clauses) == 1 and all(term.operator in ("=", "IN") for term in clauses[0]):
            for value in {operand for term in clauses[0] for operand in term.operands}:
                self._listed.setdefault(value, []).append(row)
            return
        self._evaluated.append((row, clauses))
        for clause in clauses:
            for term in clause:
                if term.operator in _POINTS:
                    self._points.update(term.operands)
                elif term.operator in _TEXT_SEARCHES or term.operator == "STARTSWITH":
                    self._by_value = True
                else:
                    self._thresholds.extend(term.operands)

    def finish(self, everything: int) -> None:
        """Close the column once all rows are in."""
        self._free = everything ^ bitset(self._asking_rows)
        self._asking_rows = []
        self._points.update(self._listed)
        self._points.update(self._thresholds)
        self._thresholds = sorted(set(self._thresholds))

    def rows(self, value: str | int | None) -> int:
        """The rows that this value of the field satisfies or that do not ask for it."""
        if value is not None and isinstance(value, int) != self._numeric:
            return self._free
        cell: object = value
        if value is not None and value not in self._points and not self._by_value:
            cell = (bisect_left(self._thresholds, value),)
        kept = self._kept.get(cell)
        return kept if kept is not None else self._make(cell, value)

    def _make(self, cell: object, value: str | int | None) -> int:
        satisfied = list(self._listed.get(value, ())) if value is not None else []
        satisfied += [
            row
            for row, clauses in self._evaluated
            if all(any(satisfies(term, value) for term in clause) for clause in clauses)
        ]
        rows = self._free | bitset(satisfied)
        if not (isinstance(value, str) and len(value) > _LONGEST_KEPT):
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[cell] = rows
        return rows


def bitset(rows: Sequence[int]) -> int:
    if not rows:
        return 0
    bits = bytearray((max(rows) >> 3) + 1)
    for row in rows:
        bits[row >> 3] |= 1 << (row & 7)
    return int.from_bytes(bits, "little")
