"""Any frame of an agent proves that it is there and renews its lease."""

from deskbell.configuration import Configuration
from deskbell.identity import AgentIdentity, Caller
from deskbell.ports import Agents


class Heard:
    """Which agents this process has renewed the lease of lately, so that frames in between cost nothing."""

    def __init__(self, most: int = 10_000) -> None:
        self._until: dict[str, int] = {}
        self._most = most

    def recently(self, agent: str, at: int) -> bool:
        """Whether the lease was renewed so lately that it need not be again."""
        return at < self._until.get(agent, 0)

    def note(self, agent: str, until: int) -> None:
        """Remember a renewal; the oldest are forgotten."""
        self._until.pop(agent, None)
        self._until[agent] = until
        if len(self._until) > self._most:
            del self._until[next(iter(self._until))]


def hear_agent(caller: Caller, *, configuration: Configuration, agents: Agents, heard: Heard) -> None:
    """Renew the lease of an agent whose frame came, about once a heartbeat."""
    if not isinstance(caller.identity, AgentIdentity) or heard.recently(caller.identity.id, caller.at):
        return
    properties = configuration.properties
    agents.renew(caller.identity.id, caller.at + properties.agent_lease * 1000)
    heard.note(caller.identity.id, caller.at + (properties.heartbeat * 1000) * 2 // 3)
