"""The ports: what the use cases need from the outside, said in the core's own terms.

Adapters in `deskbell.aws` and the fakes in `tests/fakes` both fit these, and pass the same suites in
`tests/contract`. A call that could not be made raises `errors.UnavailableError`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from deskbell.errors import UnavailableError

# Everything imports this module, and these cost a cold start where they are not needed otherwise.
if TYPE_CHECKING:
    from deskbell.agents import Agent, Presence
    from deskbell.configuration import Configuration, Document
    from deskbell.frame_rate import LeaseOutcome, LeaseWrite
    from deskbell.identity import AgentIdentity
    from deskbell.interaction import Interaction
    from deskbell.lifecycle import Transition, WaitingEntry
    from deskbell.message_log import Entry, Page, Tail, Visibility
    from deskbell.rate_window import Outcome, WindowWrite
    from deskbell.timers import Timer
    from deskbell.tokens import TokenKeys

type Frame = Mapping[str, Any]
type ReadState = Literal["delivered", "read"]


class SupersededError(Exception):
    """What a write was decided from has changed: read again and decide again."""


class NotWrittenError(UnavailableError):
    """A write certainly took no effect, unlike one whose answer was lost."""


class GoneError(Exception):
    """A socket is closed for good; carries its own id, not the id of whoever was sending."""

    def __init__(self, connection: str) -> None:
        super().__init__(connection)
        self.connection = connection


@dataclass(frozen=True, slots=True)
class Watcher:
    """One socket of an agent who is online for a queue."""

    agent: str
    connection: str


@dataclass(frozen=True, slots=True)
class Overdue:
    """Something that should have been looked at by now."""

    kind: Literal["interaction", "agent"]
    id: str
    due_at: int


class Chats(Protocol):
    """Interactions with their message logs: the truth that every push only hints at."""

    def create(self, interaction: Interaction, opening: Entry) -> bool:
        """Store a new interaction and its first entry, unless it is there; tell whether it was new.

        The opening goes first: an interaction exists from the moment its STATE does. Raises NotWrittenError where
        it certainly does not exist now, UnavailableError where that is not known.
        """
        ...

    def load(self, interaction: str) -> Interaction | None:
        """Read STATE, strongly consistent."""
        ...

    def opening(self, interaction: str) -> Entry | None:
        """Read entry 1: the opening message and what the form said."""
        ...

    def tail(self, interaction: str, after: int | None = None, log: Visibility = "comment") -> Tail | None:
        """Read STATE and the log from `after` (inclusive) to its head in one strongly consistent, backward read.

        Without `after` just the last entry is read. Work notes are a log of their own, read beside STATE.
        """
        ...

    def page(self, interaction: str, after: int, most_bytes: int, log: Visibility = "comment") -> Page:
        """Read consecutive entries behind `after`, at most about `most_bytes` of stored text."""
        ...

    def append(self, entry: Entry) -> Entry | None:
        """Put an entry at its number if that is free; otherwise return what stands there."""
        ...

    def save(self, interaction: Interaction) -> None:
        """Write STATE over the revision it was read at.

        Raises SupersededError when it has changed since.
        """
        ...

    def commit(self, transition: Transition) -> None:
        """Write a transition whole.

        Raises SupersededError when anything it was decided from has changed: STATE, the places in the log, the
        agent's sockets or slots.
        """
        ...

    def overdue(self, before: int, shard: int) -> Sequence[Overdue]:
        """List what one shard of the due index says should have been looked at before a moment, oldest first."""
        ...


class Lines(Protocol):
    """Queues as people stand in them: who waits, which agents watch, and how long it takes."""

    def first(self, queue: str, most: int) -> Sequence[WaitingEntry]:
        """List those who have waited longest, strongly consistent, oldest first."""
        ...

    def length(self, queue: str, most: int) -> int:
        """Count those who wait, up to `most`."""
        ...

    def watchers(self, queue: str) -> Sequence[Watcher]:
        """List the sockets of agents who are online for a queue."""
        ...

    def watch(self, queues: Sequence[str], watcher: Watcher, at: int) -> None:
        """Have a queue's announcements sent to an agent's socket; no longer than a socket can live."""
        ...

    def unwatch(self, queues: Sequence[str], watcher: Watcher) -> None:
        """Have them sent no more; harmless twice."""
        ...

    def add_wait(self, queue: str, seconds: int) -> None:
        """Count an accepted conversation's wait among the last 20."""
        ...

    def mean_wait(self, queue: str) -> int | None:
        """Give the mean of the last 20 accepted waits in seconds; None before the first."""
        ...

    def claim_announcement(self, queue: str, now: int, every: int) -> int | None:
        """Claim the queue's next announcement, at most one each `every` milliseconds.

        Returns when it is to be made, or None when one is claimed that has not begun: that one covers this change.
        A claim that nobody has begun a quarter of a minute after its moment counts as lost.
        """
        ...

    def begin_announcement(self, queue: str, now: int) -> None:
        """Let changes from now on claim the next announcement; called before the queue is read for this one."""
        ...

    def swap_announced(self, queue: str, interactions: Sequence[str]) -> Sequence[str]:
        """Remember whose positions are announced now; returns whose were before, both in order."""
        ...


class Agents(Protocol):
    """Agents at work; slots are written by `Chats.commit`, everything else here."""

    def load(self, agent: str) -> Agent | None:
        """Read an agent, strongly consistent."""
        ...

    def join(self, agent: str, name: str, connection: str, at: int, lease_until: int, due_at: int) -> Agent:
        """Register a socket, renew the lease and end any loss; returns the agent after it."""
        ...

    def leave(self, agent: str, connection: str, at: int) -> Agent | None:
        """Remove a socket; the last one to go starts the grace. Returns the agent after it."""
        ...

    def renew(self, agent: str, lease_until: int) -> bool:
        """Extend the lease of an agent who was heard of; tells False for one who is lost and has to join again."""
        ...

    def choose(self, agent: str, presence: Presence) -> Agent | None:
        """Set the presence the agent wants to show; returns the agent after it."""
        ...

    def postpone(self, agent: Agent, due_at: int) -> bool:
        """Move the moment an agent is looked at; tells whether it still was the one that `agent` was read with."""
        ...

    def lose(self, agent: Agent, due_at: int) -> bool:
        """Mark an agent as lost and forget its sockets, to be looked at again at `due_at`.

        Tells False where the agent was heard of since it was read.
        """
        ...

    def settle(self, agent: str, due_at: int) -> None:
        """Look no more at a lost agent whose slots have been given back, unless it has come back since."""
        ...

    def free(self, agent: str, interaction: str) -> None:
        """Give a slot back; harmless twice."""
        ...


class Cursors(Protocol):
    """How far each participant has received and read a conversation."""

    def advance(self, interaction: str, participant: str, state: ReadState, seq: int, at: int) -> bool:
        """Move a cursor forward; tells whether the others should hear of it now (at most once a second)."""
        ...

    def read(self, interaction: str) -> Mapping[str, int]:
        """Give the highest entry each participant has read."""
        ...


class Gateway(Protocol):
    """The sockets of guests and agents."""

    def push(self, connection: str, frame: Frame) -> None:
        """Send a frame to one socket.

        Raises GoneError when that socket is closed, UnavailableError when it could not be tried.
        """
        ...

    def close(self, connection: str) -> None:
        """Close a socket; harmless when it is closed."""
        ...


class RouteQueue(Protocol):
    """The queue of interactions that are to be routed."""

    def send(self, interaction: str) -> None:
        """Ask for an interaction to be routed; raises UnavailableError when that failed."""
        ...


class Timers(Protocol):
    """Messages to ourselves that come back at a moment."""

    def send(self, timer: Timer, now: int) -> None:
        """Set a timer; delivery may be late, doubled or lost, never early."""
        ...


class Tokens(Protocol):
    """The keys that guest tokens are signed with."""

    def keys(self, at: int, *, doubted: bool = False) -> TokenKeys:
        """Give the present keys, at most five minutes old, or ten seconds where older ones are `doubted`."""
        ...


class AgentTokens(Protocol):
    """The identity provider's signatures."""

    def verify(self, token: str, at: int) -> AgentIdentity:
        """Read an access token as the agent it was issued to; raises TokenInvalidError, TokenExpiredError."""
        ...


class Directory(Protocol):
    """What the identity provider knows of agents."""

    def display_name(self, agent: str) -> str:
        """Give the name people are shown for an agent; its username where none is set."""
        ...


class Configurations(Protocol):
    """The configuration that functions work with."""

    def current(self, now: int) -> Configuration:
        """Give the configuration, at most five seconds old (`now` in epoch milliseconds).

        When it cannot be read or no longer validates, gives the last good one; raises UnavailableError only
        where there has been none yet.
        """
        ...


class ConfigurationStore(Protocol):
    """The versions of the configuration, for those who change it."""

    def stored(self) -> Configuration:
        """Read the current configuration, strongly consistent; the shipped one where nothing is configured."""
        ...

    def save(self, changes: Document, expected_version: int) -> int:
        """Store a validated document as a new version and make it current; returns that version.

        Raises ConflictError when the current version is not the expected one.
        """
        ...


class Meter(Protocol):
    """Counts that operators watch."""

    def count(self, name: str, value: int = 1) -> None:
        """Count something that happened."""
        ...


class RateWindows(Protocol):
    """The items that count admissions, each changed by one conditional write at a time."""

    def write(self, write: WindowWrite) -> Outcome:
        """Try one write, once, on the window it names; `rate_window.applied` says what it means.

        Raises UnavailableError when it is not known whether the write took effect.
        """
        ...


class FrameRates(Protocol):
    """The items from which containers lease the frames of a connection."""

    def lease(self, write: LeaseWrite) -> LeaseOutcome:
        """Try one write, once, on the connection it names; `frame_rate.granted` says what it means.

        Raises UnavailableError when the store turned it away or did not answer.
        """
        ...
