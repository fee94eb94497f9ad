"""Announce a queue: changed places to the first who wait, one waiting count to the agents who watch."""

from deskbell.identity import GUEST
from deskbell.usecases.queue_board import EXACT_POSITIONS, MOST_COUNTED, place_of
from deskbell.usecases.switchboard import Switchboard


def announce_queue(queue: str, *, switchboard: Switchboard) -> None:
    """Push at most 20 places and one count per watching socket, whatever happened since the last time."""
    lines = switchboard.lines
    lines.begin_announcement(queue, switchboard.at)
    first = lines.first(queue, EXACT_POSITIONS)
    mean_wait = lines.mean_wait(queue)
    order = [entry.interaction for entry in first]
    announced = lines.swap_announced(queue, order)
    moved = [name for place, name in enumerate(order) if announced[place : place + 1] != [name]]
    for name in moved:
        interaction = switchboard.chats.load(name)
        if interaction is not None and interaction.live:
            frame = {"type": "queued", "interaction": name, **place_of(name, first, mean_wait)}
            pushes = [(connection, frame) for connection in interaction.connections_of(GUEST)]
            switchboard.tell_participants(name, pushes)
    waiting = len(first) if len(first) < EXACT_POSITIONS else lines.length(queue, MOST_COUNTED)
    longest = max(0, (switchboard.at - first[0].since) // 1000) if first else 0
    count = {"type": "queue", "id": queue, "waiting": waiting, "longest_wait_seconds": longest}
    _tell_watchers(queue, count, switchboard)


def _tell_watchers(queue: str, count: dict[str, object], switchboard: Switchboard) -> None:
    """Push the count to the queue's agents; sockets that are gone, and agents who left the group, watch no more."""
    configuration = switchboard.configuration
    members = configuration.members(queue) if queue in configuration.queues else frozenset()
    watchers = switchboard.lines.watchers(queue)
    gone, _ = switchboard.tell((it.connection, count) for it in watchers if it.agent in members)
    for watcher in watchers:
        if watcher.connection in gone or watcher.agent not in members:
            switchboard.lines.unwatch([queue], watcher)
