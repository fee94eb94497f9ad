"""Interactions and their logs in memory, as honest about conditions as the table."""

import zlib
from collections.abc import Sequence
from dataclasses import replace

from deskbell.interaction import Interaction
from deskbell.lifecycle import Freeing, Taking, Transition
from deskbell.message_log import TAIL_BYTES, Entry, Page, Tail, Visibility
from deskbell.ports import Overdue, SupersededError
from deskbell.usecases.sweep import SHARDS
from tests.fakes.faults import Faults
from tests.fakes.table import ChatsTable


class FakeChats:
    """One process's `ports.Chats`."""

    def __init__(self, table: ChatsTable | None = None, faults: Faults | None = None) -> None:
        self.table = ChatsTable() if table is None else table
        self.faults = Faults() if faults is None else faults
        self._torn = False

    def tear_next_tail(self) -> None:
        """Have the next tail show STATE as it was before the conversation's last commit, with the entries behind it.

        A Query is no snapshot across a transaction:
        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-isolation
        """
        self._torn = True

    def create(self, interaction: Interaction, opening: Entry) -> bool:
        with self.faults.at("create.opening"):
            self._log(interaction.id, "comment").setdefault(opening.seq, opening)
        with self.faults.at("create.state"):
            if interaction.id in self.table.states:
                return False
            self.table.states[interaction.id] = interaction
        return True

    def load(self, interaction: str) -> Interaction | None:
        with self.faults.at("load"):
            return self.table.states.get(interaction)

    def opening(self, interaction: str) -> Entry | None:
        with self.faults.at("opening"):
            return self._log(interaction, "comment").get(1)

    def tail(self, interaction: str, after: int | None = None, log: Visibility = "comment") -> Tail | None:
        with self.faults.at("tail"):
            state = self.table.states.get(interaction)
            if state is None:
                return None
            if self._torn:
                self._torn = False
                state = self.table.states_before_commit.get(interaction, state)
            entries = self.entries(interaction, log)
            if after is None:
                return Tail(state, entries[-1:])
            return self._tail(state, [entry for entry in entries if entry.seq >= after])

    def page(self, interaction: str, after: int, most_bytes: int, log: Visibility = "comment") -> Page:
        with self.faults.at("page"):
            items: list[Entry] = []
            size = 0
            for entry in self.entries(interaction, log)[after:]:
                size += len((entry.text or "").encode()) + 300
                if items and size > most_bytes:
                    return Page(tuple(items), more=True)
                items.append(entry)
            return Page(tuple(items), more=False)

    def append(self, entry: Entry) -> Entry | None:
        with self.faults.at("append"):
            log = self._log(entry.interaction, entry.visibility)
            occupant = log.get(entry.seq)
            if occupant is None:
                log[entry.seq] = entry
            return occupant

    def save(self, interaction: Interaction) -> None:
        with self.faults.at("save"):
            self._check_revision(interaction)
            self.table.states[interaction.id] = replace(interaction, revision=interaction.revision + 1)

    def commit(self, transition: Transition) -> None:
        with self.faults.at("commit"):
            before = transition.before
            self._check_revision(before)
            log = self._log(before.id, "comment")
            if any(entry.seq in log for entry in transition.entries):
                raise SupersededError
            if transition.takes is not None:
                self._check_can_take(transition.takes, before.id)
            if transition.frees is not None:
                self._check_can_free(transition.frees)
            self.table.states_before_commit[before.id] = self.table.states[before.id]
            self.table.states[before.id] = replace(transition.after, revision=before.revision + 1)
            log.update({entry.seq: entry for entry in transition.entries})
            self.table.waiting -= {transition.leaves}
            if transition.enters is not None:
                self.table.waiting.add(transition.enters)
            if transition.takes is not None:
                self._take(transition.takes, before.id, transition.after.accepted_at or 0)
            if transition.frees is not None:
                self._free(transition.frees, before.id)

    def overdue(self, before: int, shard: int) -> Sequence[Overdue]:
        with self.faults.at("overdue"):
            known = [
                *(("interaction", it.id, it.due_at) for it in self.table.states.values()),
                *(("agent", it.id, it.due_at) for it in self.table.agents.values()),
            ]
            found = [
                Overdue("agent" if kind == "agent" else "interaction", name, due_at)
                for kind, name, due_at in known
                if due_at is not None and due_at <= before and zlib.crc32(name.encode()) % SHARDS == shard
            ]
            return sorted(found, key=lambda overdue: overdue.due_at)

    def entries(self, interaction: str, log: Visibility = "comment") -> tuple[Entry, ...]:
        """The whole log, for a test to look at."""
        return tuple(entry for _, entry in sorted(self._log(interaction, log).items()))

    def _tail(self, state: Interaction, wanted: list[Entry]) -> Tail:
        """Read backward, no further than a send may."""
        size = 0
        for place in reversed(range(len(wanted))):
            size += len((wanted[place].text or "").encode())
            if size > TAIL_BYTES:
                return Tail(state, tuple(wanted[place:]), complete=place == 0)
        return Tail(state, tuple(wanted))

    def _log(self, interaction: str, log: Visibility) -> dict[int, Entry]:
        return self.table.logs.setdefault((interaction, log), {})

    def _check_revision(self, interaction: Interaction) -> None:
        stored = self.table.states.get(interaction.id)
        if stored is None or stored.revision != interaction.revision:
            raise SupersededError

    def _check_can_take(self, taking: Taking, interaction: str) -> None:
        agent = self.table.agents.get(taking.agent)
        if agent is None or agent.lost or agent.connections != taking.connections:
            raise SupersededError
        if interaction not in agent.slots and 0 <= taking.capacity <= len(agent.slots):
            raise SupersededError

    def _check_can_free(self, freeing: Freeing) -> None:
        agent = self.table.agents.get(freeing.agent)
        if agent is None or (freeing.if_lost and not agent.lost):
            raise SupersededError

    def _take(self, taking: Taking, interaction: str, at: int) -> None:
        agent = self.table.agents[taking.agent]
        self.table.agents[agent.id] = replace(agent, slots={**agent.slots, interaction: at})

    def _free(self, freeing: Freeing, interaction: str) -> None:
        agent = self.table.agents[freeing.agent]
        kept = {name: at for name, at in agent.slots.items() if name != interaction}
        self.table.agents[agent.id] = replace(agent, slots=kept)
