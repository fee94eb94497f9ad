"""The fields that a condition may name, and what kind of value each holds."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

type FieldType = Literal["string", "choice", "datetime", "integer"]
type Fields = Mapping[str, FieldType]

# Datetimes are epoch milliseconds or text as the contract writes it; absent, None and "" are no value.
type Record = Mapping[str, str | int | None]

INTERACTION_FIELDS: Fields = MappingProxyType(
    {
        "number": "string",
        "state": "choice",
        "channel": "choice",
        "category": "choice",
        "queue": "choice",
        "rule": "choice",
        "first_name": "string",
        "last_name": "string",
        "email": "string",
        "short_description": "string",
        "opened_at": "datetime",
        "waiting_since": "datetime",
        "assigned_to": "string",
    }
)
