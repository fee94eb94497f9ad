"""Queues as people stand in them, in memory."""

from collections.abc import Sequence

from deskbell.lifecycle import WaitingEntry
from deskbell.ports import Watcher
from tests.fakes.faults import Faults
from tests.fakes.table import ChatsTable


class FakeLines:
    """One process's `ports.Lines`."""

    def __init__(self, table: ChatsTable | None = None, faults: Faults | None = None) -> None:
        self.table = ChatsTable() if table is None else table
        self.faults = Faults() if faults is None else faults

    def first(self, queue: str, most: int) -> Sequence[WaitingEntry]:
        with self.faults.at("first"):
            return self._waiting(queue)[:most]

    def length(self, queue: str, most: int) -> int:
        with self.faults.at("length"):
            return min(most, len(self._waiting(queue)))

    def watchers(self, queue: str) -> Sequence[Watcher]:
        with self.faults.at("watchers"):
            return [watcher for (name, _), watcher in sorted(self.table.watchers.items()) if name == queue]

    def watch(self, queues: Sequence[str], watcher: Watcher) -> None:
        with self.faults.at("watch"):
            self.table.watchers |= {(queue, watcher.agent): watcher for queue in queues}

    def unwatch(self, queues: Sequence[str], agent: str) -> None:
        with self.faults.at("unwatch"):
            for queue in queues:
                self.table.watchers.pop((queue, agent), None)

    def add_wait(self, queue: str, seconds: int) -> None:
        with self.faults.at("add_wait"):
            self.table.waits[queue] = [seconds, *self.table.waits.get(queue, [])][:20]

    def mean_wait(self, queue: str) -> int | None:
        with self.faults.at("mean_wait"):
            waits = self.table.waits.get(queue)
            return round(sum(waits) / len(waits)) if waits else None

    def claim_tick(self, queue: str, now: int, every: int) -> int | None:
        with self.faults.at("claim_tick"):
            last = self.table.ticks.get(queue)
            if last is not None and last > now:
                return None
            self.table.ticks[queue] = now if last is None else max(now, last + every)
            return self.table.ticks[queue]

    def swap_announced(self, queue: str, interactions: Sequence[str]) -> Sequence[str]:
        with self.faults.at("swap_announced"):
            before = self.table.announced.get(queue, ())
            self.table.announced[queue] = tuple(interactions)
            return list(before)

    def _waiting(self, queue: str) -> list[WaitingEntry]:
        mine = [entry for entry in self.table.waiting if entry.queue == queue]
        return sorted(mine, key=lambda entry: (entry.since, entry.interaction))
