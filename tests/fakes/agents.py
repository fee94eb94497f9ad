"""Agents at work, in memory."""

from dataclasses import replace
from typing import Any

from deskbell.agents import Agent, Presence
from deskbell.interaction import MAX_CONNECTIONS
from tests.fakes.faults import Faults
from tests.fakes.table import ChatsTable


class FakeAgents:
    """One process's `ports.Agents`."""

    def __init__(self, table: ChatsTable | None = None, faults: Faults | None = None) -> None:
        self.table = ChatsTable() if table is None else table
        self.faults = Faults() if faults is None else faults

    def load(self, agent: str) -> Agent | None:
        with self.faults.at("load_agent"):
            return self.table.agents.get(agent)

    def join(self, agent: str, name: str, connection: str, at: int, lease_until: int, due_at: int) -> Agent:
        with self.faults.at("join_agent"):
            known = self.table.agents.get(agent) or Agent(id=agent, name=name)
            joined = replace(
                known,
                name=name,
                lease_until=lease_until,
                due_at=due_at,
                gone_since=None,
                lost=False,
                connections={**known.connections, connection: at},
            )
            kept = joined.open_connections[-MAX_CONNECTIONS:]
            return self._put(replace(joined, connections={it: joined.connections[it] for it in sorted(kept)}))

    def leave(self, agent: str, connection: str, at: int) -> Agent | None:
        with self.faults.at("leave"):
            known = self.table.agents.get(agent)
            if known is None:
                return None
            kept = {it: since for it, since in known.connections.items() if it != connection}
            gone = at if not kept and known.gone_since is None else known.gone_since
            return self._put(replace(known, connections=kept, gone_since=gone))

    def renew(self, agent: str, lease_until: int) -> bool:
        with self.faults.at("renew"):
            known = self.table.agents.get(agent)
            if known is not None and not known.lost and known.lease_until < lease_until:
                self._put(replace(known, lease_until=lease_until))
            return known is None or not known.lost

    def choose(self, agent: str, presence: Presence) -> Agent | None:
        with self.faults.at("choose"):
            return self._change(agent, presence=presence)

    def postpone(self, agent: Agent, due_at: int) -> bool:
        with self.faults.at("postpone"):
            known = self.table.agents.get(agent.id)
            if known is None or known.due_at != agent.due_at:
                return False
            self._put(replace(known, due_at=due_at))
            return True

    def lose(self, agent: Agent, due_at: int) -> bool:
        with self.faults.at("lose"):
            known = self.table.agents.get(agent.id)
            if known is None or (known.lease_until, known.due_at) != (agent.lease_until, agent.due_at):
                return False
            self._put(replace(known, lost=True, connections={}, due_at=due_at))
            return True

    def settle(self, agent: str, due_at: int) -> None:
        with self.faults.at("settle"):
            known = self.table.agents.get(agent)
            if known is not None and known.lost and known.due_at == due_at and not known.slots:
                self._put(replace(known, due_at=None))

    def free(self, agent: str, interaction: str) -> None:
        with self.faults.at("free"):
            known = self.table.agents.get(agent)
            if known is not None:
                kept = {name: at for name, at in known.slots.items() if name != interaction}
                self._put(replace(known, slots=kept))

    def _change(self, agent: str, **fields: Any) -> Agent | None:
        known = self.table.agents.get(agent)
        return None if known is None else self._put(replace(known, **fields))

    def _put(self, agent: Agent) -> Agent:
        self.table.agents[agent.id] = agent
        return agent
