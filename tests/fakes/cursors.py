"""Cursors in memory."""

from collections.abc import Mapping

from deskbell.identity import agent_of
from deskbell.ports import ReadState
from tests.fakes.faults import Faults
from tests.fakes.table import ChatsTable


class FakeCursors:
    """One process's `ports.Cursors`."""

    def __init__(self, table: ChatsTable | None = None, faults: Faults | None = None) -> None:
        self.table = ChatsTable() if table is None else table
        self.faults = Faults() if faults is None else faults

    def advance(self, interaction: str, participant: str, state: ReadState, seq: int, at: int) -> bool:
        with self.faults.at("advance"):
            cursor = self.table.cursors.setdefault((interaction, participant), {})
            if cursor.get(state, 0) >= seq:
                return False
            cursor[state] = seq
            pushed = f"pushed_{state}"
            if pushed in cursor and at - cursor[pushed] < 1_000:
                return False
            cursor[pushed] = at
            return True

    def read(self, interaction: str) -> Mapping[str, int]:
        with self.faults.at("read_cursors"):
            return {
                agent_of(participant) or participant: cursor["read"]
                for (name, participant), cursor in self.table.cursors.items()
                if name == interaction and "read" in cursor
            }
