"""Rate windows in memory."""

from collections import Counter
from threading import Lock

from deskbell.errors import UnavailableError
from deskbell.rate_window import Outcome, Refused, Throttled, Window, WindowWrite, Written, applied


class FakeRateWindows:
    """One table of windows, for any number of containers.

    `writes` counts what was tried, by window; `down` and `throttled` name windows that do not answer or turn writes
    away.
    """

    def __init__(self) -> None:
        self.windows: dict[str, Window] = {}
        self.writes: Counter[str] = Counter()
        self.tried: list[WindowWrite] = []
        self.down: set[str] = set()
        self.throttled: set[str] = set()
        self._lock = Lock()

    def write(self, write: WindowWrite) -> Outcome:
        if write.key in self.down:
            raise UnavailableError("The rates could not be counted.")
        with self._lock:
            self.writes[write.key] += 1
            self.tried.append(write)
            if write.key in self.throttled:
                return Throttled()
            found = self.windows.get(write.key)
            window = applied(write, found)
            if window is None:
                return Refused(found)
            self.windows[write.key] = window
            return Written(window)
