"""Announce a queue: changed places to the first who wait, one waiting count to the agents who watch."""

from deskbell.configuration import Configuration
from deskbell.deadlines import deadlines_from
from deskbell.identity import GUEST
from deskbell.ports import Lines
from deskbell.usecases.queue_board import EXACT_POSITIONS, MOST_COUNTED, place_of
from deskbell.usecases.switchboard import Switchboard


def announce_queue(
    queue: str, at: int, *, configuration: Configuration, switchboard: Switchboard, lines: Lines
) -> None:
    """Push at most 20 places and one count per watching agent, whatever happened since the last time."""
    first = lines.first(queue, EXACT_POSITIONS)
    mean_wait = lines.mean_wait(queue)
    order = [entry.interaction for entry in first]
    announced = lines.swap_announced(queue, order)
    moved = [name for place, name in enumerate(order) if announced[place : place + 1] != [name]]
    for name in moved:
        interaction = switchboard.chats.load(name)
        if interaction is None or not interaction.live:
            continue
        frame = {"type": "queued", "interaction": name, **place_of(name, first, mean_wait)}
        pushes = [(connection, frame) for connection in interaction.connections_of(GUEST)]
        switchboard.tell_participants(name, pushes, deadlines_from(configuration), at)
    waiting = len(first) if len(first) < EXACT_POSITIONS else lines.length(queue, MOST_COUNTED)
    longest = max(0, (at - first[0].since) // 1000) if first else 0
    count = {"type": "queue", "id": queue, "waiting": waiting, "longest_wait_seconds": longest}
    switchboard.tell(
        (connection, count) for watcher in lines.watchers(queue) for connection in watcher.connections
    )
