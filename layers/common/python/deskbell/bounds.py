"""The bounds that configured values share.

They are stated so that pydantic enforces them where a document is validated, without being imported where one
is only loaded.
"""

from dataclasses import dataclass
from typing import Annotated, Any


@dataclass(frozen=True, slots=True)
class Length:
    """At least and at most so many characters or items."""

    least: int
    most: int

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return {**handler(source), "min_length": self.least, "max_length": self.most}


@dataclass(frozen=True, slots=True)
class Range:
    """A number from one to another, both included."""

    least: int
    most: int

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return {**handler(source), "ge": self.least, "le": self.most}


type Id = Annotated[str, Length(1, 64)]
type AgentId = Annotated[str, Length(1, 128)]
type Name = Annotated[str, Length(1, 100)]
type Line = Annotated[str, Length(0, 300)]
type Text = Annotated[str, Length(0, 4_000)]
type Html = Annotated[str, Length(0, 16_000)]

# Seconds: up to a day, and at least one where nothing sensible happens at zero.
type Seconds = Annotated[int, Range(1, 86_400)]
type SecondsOrNone = Annotated[int, Range(0, 86_400)]
type Count = Annotated[int, Range(1, 1_000_000)]
# -1 is unlimited.
type Capacity = Annotated[int, Range(-1, 1_000)]
