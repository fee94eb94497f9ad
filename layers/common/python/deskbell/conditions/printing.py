"""From a condition back to the encoded query that states it."""

from deskbell.conditions.terms import Alternative, AnyOf, Condition, Term


def print_query(condition: Condition) -> str:
    """The canonical spelling: `parse` of it gives the same condition."""
    return "^NQ".join(map(print_alternative, condition.alternatives))


def print_alternative(alternative: Alternative) -> str:
    """What stands between two `^NQ`."""
    return "^".join(map(print_clause, alternative))


def print_clause(clause: AnyOf) -> str:
    """What stands between two `^`."""
    return "^OR".join(map(_print_term, clause))


def _print_term(term: Term) -> str:
    separator = "@" if term.operator == "BETWEEN" else ","
    return f"{term.field}{term.operator}{separator.join(term.values).replace('^', '^^')}"
