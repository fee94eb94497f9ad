"""The transitions of an interaction: each takes what was read and returns everything one transaction must write.

A transition never half happens: the STATE on the revision that was read, the entries at the next free numbers, the
agent's slot and the place in the queue are written together or not at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from deskbell.agents import Agent
from deskbell.configuration import Configuration
from deskbell.deadlines import Deadlines, deadlines_for, next_due
from deskbell.errors import ChatEndedError, ConflictError
from deskbell.identity import GUEST, agent_participant
from deskbell.interaction import Interaction, State
from deskbell.message_log import Entry, Tail, lifecycle


@dataclass(frozen=True, slots=True)
class Taking:
    """A slot that an agent takes, on the condition that the agent is there, with just these sockets, and has room.

    A negative `capacity` is unlimited. Sockets that joined or closed meanwhile would be missed or be dead.
    """

    agent: str
    capacity: int
    connections: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Freeing:
    """A slot that an agent gives back; with `if_lost` only while the agent has not come back."""

    agent: str
    if_lost: bool = False


@dataclass(frozen=True, slots=True)
class WaitingEntry:
    """A conversation's place in a queue, ordered by `since` (epoch milliseconds)."""

    queue: str
    since: int
    interaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """What one transaction writes, on the condition that nothing it was decided from has changed."""

    before: Interaction
    after: Interaction
    entries: tuple[Entry, ...] = ()
    enters: WaitingEntry | None = None
    leaves: WaitingEntry | None = None
    takes: Taking | None = None
    frees: Freeing | None = None

    def seat(self, connection: str, participant: str, at: int) -> "tuple[Transition, tuple[str, ...]]":
        """Register a socket in the same write; also returns the sockets that gave way to it."""
        seated, surplus = self.after.connect(connection, participant, at)
        return replace(self, after=seated), surplus

    def completed(self, deadlines: Deadlines) -> "Transition":
        """Fill in what follows from the rest: the next deadline, and the number of the last lifecycle entry."""
        events = [entry.seq for entry in self.entries if entry.event is not None]
        last_event = max(events, default=self.after.last_event)
        return replace(self, after=with_deadline(replace(self.after, last_event=last_event), deadlines))


def with_deadline(interaction: Interaction, deadlines: Deadlines) -> Interaction:
    """Set the moment at which the conversation must be looked at again."""
    due = next_due(interaction, deadlines)
    return replace(interaction, due_at=due[0] if due else None)


def submit(*, interaction: str, guest_name: str, at: int, configuration: Configuration) -> Interaction:
    """Begin a conversation; its guest counts as lost until the first socket, so that nobody waits for a ghost."""
    new = Interaction(
        id=interaction, state=State.NEW, opened_at=at, guest_name=guest_name, guest_lost_at=at, revision=1
    )
    return with_deadline(new, deadlines_for(new, configuration))


def route(before: Interaction, *, queue: str, rule: str | None, configuration: int, at: int) -> Transition:
    """Put a new conversation into the queue that a matching rule chose."""
    routed = replace(before, queue=queue, rule=rule, configuration=configuration)
    return _wait(before, routed, since=before.opened_at, at=at)


def accept(
    tail: Tail,
    *,
    agent: Agent,
    capacity: int,
    response: str | None,
    at: int,
) -> Transition:
    """Assign a waiting conversation to an agent, and say the queue's initial response in the agent's name."""
    before = tail.interaction
    taken = before.with_agent(agent.id, agent.name, agent.open_connections, at)
    taken = replace(taken, state=State.WORK_IN_PROGRESS, accepted_at=at, quiet_since=at, warned_at=None)
    author = agent_participant(agent.id)
    entries = [lifecycle(before.id, tail.head + 1, "accepted", at, author=author, name=agent.name)]
    if response:
        seq = tail.head + 2
        said = Entry(
            interaction=before.id,
            seq=seq,
            id=f"{before.id}.{seq}",
            at=at,
            author=author,
            name=agent.name,
            text=response,
        )
        entries.append(said)
    return Transition(
        before=before,
        after=taken,
        entries=tuple(entries),
        leaves=waiting_entry(before),
        takes=Taking(agent.id, capacity, agent.connections),
    )


def end(
    tail: Tail,
    *,
    state: State,
    reason: str,
    at: int,
    author: str,
    text: str | None = None,
) -> Transition:
    """Close a conversation for good; `text` is what its guest is told beside the reason."""
    before = tail.interaction
    if before.ended:
        raise ChatEndedError("This conversation has ended.")
    ended = replace(
        before.without_agent(),
        state=state,
        closed_at=before.closed_at or at,
        reason=reason,
        ended=True,
        guest_lost_at=None,
    )
    entry = lifecycle(
        before.id,
        tail.head + 1,
        "ended",
        at,
        author=author,
        name=before.name_of(author),
        text=text,
        data={"reason": reason},
    )
    return Transition(
        before=before,
        after=ended,
        entries=(entry,),
        leaves=waiting_entry(before),
        frees=Freeing(before.agent) if before.agent else None,
    )


def abandon(tail: Tail, *, reason: str, at: int) -> Transition:
    """Close a conversation that its guest left before anybody answered; the guest may come back for a while."""
    before = tail.interaction
    left = replace(before, state=State.CLOSED_ABANDONED, closed_at=at, reason=reason, guest_lost_at=None)
    entry = lifecycle(
        before.id,
        tail.head + 1,
        "abandoned",
        at,
        author=GUEST,
        name=before.guest_name,
        data={"reason": reason},
    )
    return Transition(before=before, after=left, entries=(entry,), leaves=waiting_entry(before))


def reopen(tail: Tail, *, most: int, window: int, at: int) -> Transition:
    """Take an abandoned conversation up again within `window` seconds, at most `most` times, with the age it had.

    Raises ChatEndedError when it has ended for good, ConflictError when it was never left or left too often.
    """
    before = tail.interaction
    if before.live:
        raise ConflictError("This conversation is open.")
    too_late = at > (before.closed_at or 0) + window * 1000
    if not before.reopenable or before.queue is None or too_late:
        raise ChatEndedError("This conversation has ended and cannot be reopened.")
    if before.reopenings >= most:
        raise ConflictError("This conversation was reopened too often.")
    opened = replace(before, closed_at=None, reason=None, reopenings=before.reopenings + 1)
    entry = lifecycle(before.id, tail.head + 1, "reopened", at, author=GUEST, name=before.guest_name)
    since = before.waiting_since or before.opened_at
    return _wait(before, opened, since=since, at=at, entries=(entry,))


def give_back(tail: Tail, *, reason: str, at: int) -> Transition:
    """Return a conversation whose agent is gone to its queue, with the age it had."""
    before = tail.interaction
    entry = lifecycle(
        before.id,
        tail.head + 1,
        "agent_left",
        at,
        author=agent_participant(before.agent or ""),
        name=before.agent_name,
        data={"reason": reason},
    )
    left = replace(before.without_agent(), accepted_at=None, quiet_since=None, warned_at=None)
    since = before.waiting_since or before.opened_at
    back = _wait(before, left, since=since, at=at, entries=(entry,))
    return replace(back, frees=Freeing(before.agent, if_lost=True) if before.agent else None)


def waiting_entry(interaction: Interaction) -> WaitingEntry | None:
    """The place a conversation holds in its queue now, if it waits."""
    if (
        interaction.state is not State.WAITING
        or interaction.queue is None
        or interaction.waiting_since is None
    ):
        return None
    return WaitingEntry(interaction.queue, interaction.waiting_since, interaction.id)


def _wait(
    before: Interaction,
    after: Interaction,
    *,
    since: int,
    at: int,
    entries: tuple[Entry, ...] = (),
) -> Transition:
    waiting = replace(after, state=State.WAITING, waiting_since=since, queued_at=at)
    return Transition(before=before, after=waiting, entries=entries, enters=waiting_entry(waiting))
