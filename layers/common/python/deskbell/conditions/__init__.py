"""ServiceNow encoded queries over the fields of an interaction: read, written, evaluated.

Syntax: https://www.servicenow.com/docs/r/platform-user-interface/r_OpAvailableFiltersQueries.html and
https://servicenow.github.io/sdk/guides/encoded-query-guide.
"""

from deskbell.conditions.evaluation import comparable, decide, evaluate, holds
from deskbell.conditions.fields import INTERACTION_FIELDS, Fields, FieldType, Record
from deskbell.conditions.parsing import MAX_QUERY_CHARACTERS, MAX_TERMS, parse
from deskbell.conditions.printing import print_query
from deskbell.conditions.terms import EVERYTHING, Alternative, AnyOf, Condition, Operator, Term

__all__ = [
    "EVERYTHING",
    "INTERACTION_FIELDS",
    "MAX_QUERY_CHARACTERS",
    "MAX_TERMS",
    "Alternative",
    "AnyOf",
    "Condition",
    "FieldType",
    "Fields",
    "Operator",
    "Record",
    "Term",
    "comparable",
    "decide",
    "evaluate",
    "holds",
    "parse",
    "print_query",
]
