"""The message log of an interaction: one durable, ordered, deduplicated list of numbered entries.

The number is the sort key and has no holes, so whoever knows the highest number seen knows exactly what is missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from deskbell.errors import BehindError, ConflictError, InvalidAfterError
from deskbell.identity import SYSTEM, Role, role_of
from deskbell.interaction import Interaction

type Visibility = Literal["comment", "work_note"]
type Event = Literal[
    "accepted", "transferred", "agent_left", "left", "abandoned", "reopened", "ended", "record"
]

TAIL_BYTES = 64 * 1024
"""How much of the log a send may read to find out what happened since `after`; beyond it the sender syncs first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What stands at one number: a participant's words, or a change in the conversation's life.

    `author` is a participant's name (`identity.py`), `name` what people are shown, `at` epoch milliseconds.
    """

    interaction: str
    seq: int
    id: str
    at: int
    author: str = SYSTEM
    name: str | None = None
    visibility: Visibility = "comment"
    text: str | None = None
    event: Event | None = None
    data: Mapping[str, Any] | None = None

    @property
    def role(self) -> Role:
        """The role its author speaks in."""
        return role_of(self.author)


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a log as one strongly consistent read found it.

    `entries` ascend from `after` (inclusive, where there is one) to the head; `complete` is False when the read
    stopped at TAIL_BYTES before it reached `after`.
    """

    interaction: Interaction
    entries: tuple[Entry, ...]
    complete: bool = True

    @property
    def head(self) -> int:
        """The highest number taken; 0 for an empty log."""
        return self.entries[-1].seq if self.entries else 0

    @property
    def torn(self) -> bool:
        """Whether the log holds a change that STATE does not know of yet.

        A Query is no snapshot: a transaction may be written between its first item and its last.
        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
        """
        known = self.interaction.last_event
        return any(entry.event is not None and entry.seq > known for entry in self.entries)

    @property
    def last(self) -> Entry | None:
        """The entry at the head."""
        return self.entries[-1] if self.entries else None


@dataclass(frozen=True, slots=True)
class Page:
    """Consecutive entries after a number; `more` says that the log goes on behind them."""

    items: tuple[Entry, ...]
    more: bool


def find_repeat(tail: Tail, after: int, entry: Entry) -> Entry | None:
    """Look for what a send would write in what was written since `after`.

    Returns the entry already there, or None. Raises BehindError when too much was written to tell,
    InvalidAfterError when `after` is not in the log, ConflictError when somebody else's entry has that id.
    """
    if not tail.complete:
        raise BehindError("Too much was said since then: sync, then send again.")
    if after > tail.head or (after > 0 and (not tail.entries or tail.entries[0].seq > after)):
        raise InvalidAfterError(f"The conversation has no entry {after}.")
    return next((found for found in tail.entries if _repeats(found, entry)), None)


def _repeats(found: Entry, entry: Entry) -> bool:
    if found.id != entry.id:
        return False
    if found.author != entry.author:
        raise ConflictError("This id is taken by another participant's message.")
    return True


def occupied_by(occupant: Entry, entry: Entry) -> Literal["repeat", "lifecycle", "message"]:
    """Say what stands where an entry was to go: itself, a change of authority, or another message."""
    if _repeats(occupant, entry):
        return "repeat"
    return "lifecycle" if occupant.event is not None else "message"


def lifecycle(interaction: str, seq: int, event: Event, at: int, **fields: Any) -> Entry:
    """Make the entry of a change in the conversation's life; its id follows from its place."""
    return Entry(interaction=interaction, seq=seq, id=f"{interaction}.{seq}", at=at, event=event, **fields)
