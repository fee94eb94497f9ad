"""Queues as people stand in them, in memory."""

from collections.abc import Callable, Sequence

from deskbell.lifecycle import WaitingEntry
from deskbell.ports import Watcher
from tests.fakes.faults import Faults
from tests.fakes.table import ChatsTable

CLAIM_LASTS = 15_000
WATCH_LASTS = 3 * 3_600


class FakeLines:
    """One process's `ports.Lines`; `clock` gives epoch seconds, and without one no socket gets too old."""

    def __init__(
        self,
        table: ChatsTable | None = None,
        faults: Faults | None = None,
        clock: Callable[[], float] = lambda: 0,
    ) -> None:
        self.table = ChatsTable() if table is None else table
        self.faults = Faults() if faults is None else faults
        self.clock = clock

    def first(self, queue: str, most: int) -> Sequence[WaitingEntry]:
        with self.faults.at("first"):
            return self._waiting(queue)[:most]

    def length(self, queue: str, most: int) -> int:
        with self.faults.at("length"):
            return min(most, len(self._waiting(queue)))

    def watchers(self, queue: str) -> Sequence[Watcher]:
        with self.faults.at("watchers"):
            mine = [
                watcher
                for (name, watcher), at in self.table.watchers.items()
                if name == queue and at // 1000 + WATCH_LASTS > self.clock()
            ]
            return sorted(mine, key=lambda watcher: (watcher.agent, watcher.connection))

    def watch(self, queues: Sequence[str], watcher: Watcher, at: int) -> None:
        with self.faults.at("watch"):
            self.table.watchers |= {(queue, watcher): at for queue in queues}

    def unwatch(self, queues: Sequence[str], watcher: Watcher) -> None:
        with self.faults.at("unwatch"):
            for queue in queues:
                self.table.watchers.pop((queue, watcher), None)

    def add_wait(self, queue: str, seconds: int) -> None:
        with self.faults.at("add_wait"):
            self.table.waits[queue] = [seconds, *self.table.waits.get(queue, [])][:20]

    def mean_wait(self, queue: str) -> int | None:
        with self.faults.at("mean_wait"):
            waits = self.table.waits.get(queue)
            return round(sum(waits) / len(waits)) if waits else None

    def claim_announcement(self, queue: str, now: int, every: int) -> int | None:
        with self.faults.at("claim_announcement"):
            begun_at = self.table.begun.get(queue)
            pending = self.table.pending.get(queue)
            if pending is not None and now - CLAIM_LASTS <= self._moment(pending, begun_at, every):
                return None
            self.table.pending[queue] = now
            return self._moment(now, begun_at, every)

    def begin_announcement(self, queue: str, now: int) -> None:
        with self.faults.at("begin_announcement"):
            self.table.begun[queue] = now
            self.table.pending.pop(queue, None)

    def swap_announced(self, queue: str, interactions: Sequence[str]) -> Sequence[str]:
        with self.faults.at("swap_announced"):
            before = self.table.announced.get(queue, ())
            self.table.announced[queue] = tuple(interactions)
            return list(before)

    def _moment(self, claimed_at: int, begun_at: int | None, every: int) -> int:
        return claimed_at if begun_at is None else max(claimed_at, begun_at + every)

    def _waiting(self, queue: str) -> list[WaitingEntry]:
        mine = [entry for entry in self.table.waiting if entry.queue == queue]
        return sorted(mine, key=lambda entry: (entry.since, entry.interaction))
