"""What an encoded query means, as a tree: alternatives of clauses of terms."""

import dataclasses
from dataclasses import dataclass
from typing import Literal

from deskbell.conditions.fields import FieldType

type Operator = Literal[
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "IN",
    "NOT IN",
    "LIKE",
    "NOT LIKE",
    "STARTSWITH",
    "ENDSWITH",
    "BETWEEN",
    "ISEMPTY",
    "ISNOTEMPTY",
]


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison of a field.

    `values` is what was written: nothing for the two emptiness tests, one value for most operators, both
    inclusive bounds for BETWEEN, any number for IN and NOT IN. `operands` is the same as it is compared:
    text without case, datetimes as epoch milliseconds.
    """

    field: str
    type: FieldType
    operator: Operator
    values: tuple[str, ...]
    operands: tuple[str, ...] | tuple[int, ...] = dataclasses.field(compare=False, repr=False)


# `a=1^ORb=2`: one of the terms must hold.
type AnyOf = tuple[Term, ...]
# Clauses joined by `^`: all must hold. What `^NQ` separates.
type Alternative = tuple[AnyOf, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """A parsed query; it holds where at least one alternative does."""

    alternatives: tuple[Alternative, ...]


EVERYTHING = Condition(alternatives=((),))
