"""Frame rates in memory."""

from threading import Lock

from deskbell.errors import UnavailableError
from deskbell.frame_rate import Leased, LeaseOutcome, LeaseWrite, NotLeased, granted


class FakeFrameRates:
    """One table of connections, for any number of containers; `writes` counts what was tried, `down` stops it."""

    def __init__(self) -> None:
        self.times: dict[str, int] = {}
        self.writes = 0
        self.down = False
        self._lock = Lock()

    def lease(self, write: LeaseWrite) -> LeaseOutcome:
        if self.down:
            raise UnavailableError("The rates could not be counted.")
        with self._lock:
            self.writes += 1
            found = self.times.get(write.connection)
            tat = granted(write, found)
            if tat is None:
                return NotLeased(found)
            self.times[write.connection] = tat
            return Leased(tat)
