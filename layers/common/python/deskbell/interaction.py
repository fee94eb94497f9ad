"""The interaction: one guest's conversation, its state, who is connected to it and what it waits for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from deskbell.identity import GUEST, agent_participant

MAX_CONNECTIONS = 5
"""Connections a participant may have to one conversation; the oldest gives way."""


class State(StrEnum):
    """Where the interaction's current queue entry stands (reference: the original's chat states)."""

    NEW = "new"
    WAITING = "waiting"
    WORK_IN_PROGRESS = "work_in_progress"
    CLOSED_COMPLETE = "closed_complete"
    CLOSED_ESCALATED = "closed_escalated"
    CLOSED_BY_CLIENT = "closed_by_client"
    CLOSED_ABANDONED = "closed_abandoned"


LIVE_STATES = frozenset({State.NEW, State.WAITING, State.WORK_IN_PROGRESS})


@dataclass(frozen=True, slots=True)
class Connection:
    """An open socket: whose it is (a participant's name) and since when (epoch milliseconds)."""

    participant: str
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """The STATE item. Times are epoch milliseconds; `revision` counts its writes and guards each of them.

    `waiting_since` is the age that orders the queue and survives a return to it; `queued_at` is when this wait
    began, which the maximum wait counts from. `last_event` is the number of the last lifecycle entry. `ended` is
    True once nothing can follow, also not a reopening.
    """

    id: str
    state: State
    opened_at: int
    guest_name: str
    revision: int = 0
    queue: str | None = None
    rule: str | None = None
    configuration: int | None = None
    waiting_since: int | None = None
    queued_at: int | None = None
    accepted_at: int | None = None
    closed_at: int | None = None
    reason: str | None = None
    ended: bool = False
    agent: str | None = None
    agent_name: str | None = None
    guest_lost_at: int | None = None
    quiet_since: int | None = None
    warned_at: int | None = None
    reopenings: int = 0
    route_again_at: int | None = None
    last_event: int = 0
    due_at: int | None = None
    connections: Mapping[str, Connection] = field(default_factory=dict)

    @property
    def live(self) -> bool:
        """Whether the conversation is going on or still to begin."""
        return self.state in LIVE_STATES

    @property
    def reopenable(self) -> bool:
        """Whether its guest may still take it up again."""
        return self.state is State.CLOSED_ABANDONED and not self.ended

    def connections_of(self, participant: str) -> tuple[str, ...]:
        """List a participant's connections, oldest first."""
        mine = [
            (held.since, name) for name, held in self.connections.items() if held.participant == participant
        ]
        return tuple(name for _, name in sorted(mine))

    def is_assigned_to(self, agent: str) -> bool:
        """Whether this agent has the conversation in hand."""
        return self.state is State.WORK_IN_PROGRESS and self.agent == agent

    def name_of(self, participant: str) -> str | None:
        """The name people are shown for a participant of this conversation."""
        if participant == GUEST:
            return self.guest_name
        assigned = self.agent is not None and participant == agent_participant(self.agent)
        return self.agent_name if assigned else None

    def connect(self, connection: str, participant: str, at: int) -> "tuple[Interaction, tuple[str, ...]]":
        """Register a socket; also returns the sockets that gave way to it, oldest first.

        A guest who connects is no longer lost.
        """
        connections = {**self.connections, connection: Connection(participant, at)}
        joined = replace(self, connections=connections)
        surplus = joined.connections_of(participant)[:-MAX_CONNECTIONS]
        joined = replace(
            joined, connections={name: held for name, held in connections.items() if name not in surplus}
        )
        return (replace(joined, guest_lost_at=None) if participant == GUEST else joined), surplus

    def disconnect(self, gone: tuple[str, ...], at: int) -> "Interaction":
        """Remove sockets; a guest without any is lost from now on."""
        connections = {name: held for name, held in self.connections.items() if name not in gone}
        left = replace(self, connections=connections)
        lost = self.guest_lost_at is None and self.live and not left.connections_of(GUEST)
        return replace(left, guest_lost_at=at) if lost else left

    def with_agent(self, agent: str, name: str, connections: tuple[str, ...], at: int) -> "Interaction":
        """Assign an agent and register the sockets it has open."""
        seated = replace(self, agent=agent, agent_name=name)
        for connection in connections:
            seated, _ = seated.connect(connection, agent_participant(agent), at)
        return seated

    def without_agent(self) -> "Interaction":
        """Take the assigned agent and its sockets out."""
        if self.agent is None:
            return self
        participant = agent_participant(self.agent)
        kept = {name: held for name, held in self.connections.items() if held.participant != participant}
        return replace(self, agent=None, agent_name=None, connections=kept)
