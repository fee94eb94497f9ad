"""Traffic for the rate window: arrivals, containers with clocks that differ, and the exact log to compare with."""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from deskbell.admission import GUESTS, GuestLimits, Permit, SeenWindows, admit_guest, seen_windows
from deskbell.errors import RateLimitedError
from deskbell.ports import RateWindows
from deskbell.rate_window import HOUR
from tests.fakes.rate_windows import FakeRateWindows

START = 1_800_000_000_000
UNLIMITED = -1


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody asks at a true moment, epoch milliseconds."""

    at: int
    client: str


@dataclass(slots=True)
class Container:
    """A warm execution environment; its clock is off by `skew` milliseconds."""

    skew: int = 0
    seen: SeenWindows = field(default_factory=seen_windows)

    def admit(self, windows: RateWindows, arrival: Arrival, limits: GuestLimits) -> Permit:
        return admit_guest(windows, self.seen, arrival.client, limits, arrival.at + self.skew)


@dataclass(slots=True)
class ExactLog:
    """The sliding log that the window approximates: every admission of the last 3600 s, to the millisecond."""

    limit: int
    admitted: list[int] = field(default_factory=list)
    _recent: deque[int] = field(default_factory=deque)

    def ask(self, at: int) -> bool:
        while self._recent and self._recent[0] <= at - HOUR:
            self._recent.popleft()
        if len(self._recent) >= self.limit:
            return False
        self._recent.append(at)
        self.admitted.append(at)
        return True


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of some traffic; `writes` are those to the window of all guests."""

    attempts: int
    admitted: int
    exact: int
    worst_hour: int
    writes: int
    client_writes: int

    @property
    def writes_per_attempt(self) -> float:
        return self.writes / self.attempts


def limits(all_guests: int, one_client: int = UNLIMITED) -> GuestLimits:
    return GuestLimits(all_guests=all_guests, one_client=one_client, refusal="Please retry later.")


def poisson(rng: Random, per_hour: float, hours: float, clients: int = 20_000) -> Iterator[Arrival]:
    """Arrivals at a mean rate, each from one of so many clients."""
    at = 0.0
    while (at := at + rng.expovariate(per_hour / HOUR)) < hours * HOUR:
        yield Arrival(START + int(at), f"{rng.randrange(clients):08x}")


def containers(rng: Random, count: int, skew: int = 2_000) -> list[Container]:
    """Containers whose clocks are off by up to `skew` milliseconds either way."""
    return [Container(rng.randint(-skew, skew)) for _ in range(count)]


def worst_hour(admitted: Iterable[int]) -> int:
    """The most admissions in any 3600 s, of true moments."""
    ordered = sorted(admitted)
    return max((bisect_left(ordered, at + HOUR) - i for i, at in enumerate(ordered)), default=0)


def replay(
    arrivals: Iterable[Arrival], crowd: Sequence[Container], terms: GuestLimits, rng: Random
) -> Figures:
    """Let each arrival meet a random container, one after another, over one table that starts empty."""
    windows = FakeRateWindows()
    exact = ExactLog(terms.all_guests)
    attempts, admitted = 0, []
    for arrival in arrivals:
        attempts += 1
        exact.ask(arrival.at)
        try:
            rng.choice(crowd).admit(windows, arrival, terms)
        except RateLimitedError:
            continue
        admitted.append(arrival.at)
    to_all = windows.writes.pop(GUESTS, 0)
    return Figures(
        attempts,
        len(admitted),
        len(exact.admitted),
        worst_hour(admitted),
        to_all,
        windows.writes.total(),
    )
