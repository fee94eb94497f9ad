"""The bounds that configured values share, in the vocabulary pydantic reads (annotated-types).

Stating them needs no pydantic: a function that only loads configuration never imports it.
"""

from typing import Annotated

from annotated_types import Interval, Len

type Id = Annotated[str, Len(1, 64)]
type AgentId = Annotated[str, Len(1, 128)]
type Name = Annotated[str, Len(1, 100)]
type Line = Annotated[str, Len(0, 300)]
type Text = Annotated[str, Len(0, 4_000)]
type Html = Annotated[str, Len(0, 16_000)]

# Seconds: up to a day, and at least one where nothing sensible happens at zero.
type Seconds = Annotated[int, Interval(ge=1, le=86_400)]
type SecondsOrNone = Annotated[int, Interval(ge=0, le=86_400)]
type Count = Annotated[int, Interval(ge=1, le=1_000_000)]
# -1 is unlimited.
type Capacity = Annotated[int, Interval(ge=-1, le=1_000)]
