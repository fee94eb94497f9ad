"""The agent at work: presence, open sockets, the lease that proves it is there, and the slots it has taken."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

type Presence = Literal["available", "away", "offline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLimits:
    """How long an agent may be silent: the lease that any frame renews, then the grace, in seconds."""

    lease: int = 90
    grace: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """The AGENT item. `presence` is what the agent chose; times are epoch milliseconds.

    `slots` maps each conversation in hand to when it was taken; `connections` maps each socket to when it joined.
    `gone_since` is set while no socket is open; `lost` once the grace has run out and the slots were given back.
    """

    id: str
    name: str
    presence: Presence = "available"
    lease_until: int = 0
    gone_since: int | None = None
    lost: bool = False
    due_at: int | None = None
    slots: Mapping[str, int] = field(default_factory=dict)
    connections: Mapping[str, int] = field(default_factory=dict)

    @property
    def shown_presence(self) -> Presence:
        """What others see: an agent who is lost is offline, whatever it chose."""
        return "offline" if self.lost else self.presence

    @property
    def open_connections(self) -> tuple[str, ...]:
        """Its sockets, oldest first."""
        return tuple(sorted(self.connections, key=lambda name: self.connections[name]))

    def lost_at(self, limits: AgentLimits) -> int:
        """When the agent counts as lost, unless it is heard of before."""
        heard = self.lease_until if self.gone_since is None else min(self.gone_since, self.lease_until)
        return heard + limits.grace * 1000
