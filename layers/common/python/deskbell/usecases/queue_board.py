"""What a queue tells the people in it: a guest's place and the wait to expect."""

from collections.abc import Sequence

from deskbell.interaction import Interaction
from deskbell.lifecycle import WaitingEntry, waiting_entry
from deskbell.ports import Lines

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
    if interaction in order:
        return {"position": order.index(interaction) + 1, "wait_seconds": mean_wait}
    if len(order) < EXACT_POSITIONS:
        return {}
    return {"position": EXACT_POSITIONS, "more_ahead": True, "wait_seconds": mean_wait}


def read_place(interaction: Interaction, lines: Lines) -> dict[str, object]:
    """Read a conversation's place; empty for one that does not wait."""
    entry = waiting_entry(interaction)
    if entry is None:
        return {}
    return place_of(interaction.id, lines.first(entry.queue, EXACT_POSITIONS), lines.mean_wait(entry.queue))
