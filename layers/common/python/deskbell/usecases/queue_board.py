"""What a queue tells the people in it: a guest's place and wait, and that an announcement is owed."""

from collections.abc import Sequence

from deskbell.errors import UnavailableError
from deskbell.lifecycle import WaitingEntry
from deskbell.ports import Frame, Lines, Timers
from deskbell.timers import QueueAnnouncement

EXACT_POSITIONS = 20
MOST_COUNTED = 1000
"""A count stops here, so that announcing a queue costs the same however long it is."""
ANNOUNCE_EVERY = 5_000


def place_of(interaction: str, first: Sequence[WaitingEntry], mean_wait: int | None) -> dict[str, object]:
    """Say where a conversation stands among those first in line, and what wait is to be expected.

    Positions are exact to 20; behind them it is 20 and `more_ahead`. Nothing is said of one that is not in line any
    more.
    """
    order = [entry.interaction for entry in first]
    if interaction not in order and len(order) < EXACT_POSITIONS:
        return {}
    if interaction in order:
        return {"position": order.index(interaction) + 1, "wait_seconds": mean_wait}
    return {"position": EXACT_POSITIONS, "more_ahead": True, "wait_seconds": mean_wait}


def read_place(interaction: str, queue: str, lines: Lines) -> Frame:
    """Read a waiting conversation's place."""
    return place_of(interaction, lines.first(queue, EXACT_POSITIONS), lines.mean_wait(queue))


def owe_announcement(queue: str | None, at: int, lines: Lines, timers: Timers) -> None:
    """Make sure that a queue which has changed is announced soon, however many changes there are."""
    if queue is None:
        return
    try:
        announce_at = lines.claim_tick(queue, at, ANNOUNCE_EVERY)
        if announce_at is not None:
            timers.send(QueueAnnouncement(queue, announce_at), at)
    except UnavailableError:
        # Guests learn their place from the next pong and agents from the next announcement.
        return
