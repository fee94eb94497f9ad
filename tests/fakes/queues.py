"""The two message queues in memory."""

from deskbell.timers import Timer, from_message, to_message
from tests.fakes.faults import Faults


class FakeRouteQueue:
    """`sent` lists the interactions that are to be routed."""

    def __init__(self, faults: Faults | None = None) -> None:
        self.faults = Faults() if faults is None else faults
        self.sent: list[str] = []

    def send(self, interaction: str) -> None:
        with self.faults.at("send_route"):
            self.sent.append(interaction)


class FakeTimers:
    """`sent` lists the timers that were set."""

    def __init__(self, faults: Faults | None = None) -> None:
        self.faults = Faults() if faults is None else faults
        self.sent: list[Timer] = []

    def send(self, timer: Timer, now: int) -> None:
        with self.faults.at("send_timer"):
            self.sent.append(from_message(to_message(timer)))
