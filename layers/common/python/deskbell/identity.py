"""Who is asking: a guest bound to one interaction, or an agent with roles."""

from dataclasses import dataclass
from typing import Literal

type Role = Literal["guest", "agent", "system"]

GUEST = "guest"
SYSTEM = "system"
STAFF_ROLES = frozenset({"agents", "managers", "admins"})


def agent_participant(agent: str) -> str:
    """Name an agent among a conversation's participants, so that no username can pass for the guest."""
    return f"agent:{agent}"


def agent_of(participant: str) -> str | None:
    """Give the agent's id behind a participant's name, or None for the guest and the system."""
    kind, _, agent = participant.partition(":")
    return agent if kind == "agent" else None


def role_of(participant: str) -> Role:
    """Tell which of the three roles a participant speaks in."""
    if participant == GUEST:
        return "guest"
    return "system" if participant == SYSTEM else "agent"


@dataclass(frozen=True, slots=True)
class GuestIdentity:
    """The bearer of a guest token; `expires_at` is epoch milliseconds."""

    interaction: str
    expires_at: int

    @property
    def participant(self) -> str:
        """The name under which the guest's connections and entries are kept."""
        return GUEST


@dataclass(frozen=True, slots=True)
class AgentIdentity:
    """A signed-in agent: `id` is the Cognito username, `roles` its Cognito groups."""

    id: str
    roles: frozenset[str]
    expires_at: int

    @property
    def participant(self) -> str:
        """The name under which this agent's connections and entries are kept."""
        return agent_participant(self.id)


type Identity = GuestIdentity | AgentIdentity


@dataclass(frozen=True, slots=True)
class Caller:
    """One frame's sender: its identity, the connection it came on, and when it came (epoch milliseconds)."""

    identity: Identity
    connection: str
    at: int
