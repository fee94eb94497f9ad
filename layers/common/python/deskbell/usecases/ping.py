"""Answer a sign of life; a guest who waits learns its place."""

from deskbell.identity import Caller, GuestIdentity
from deskbell.interaction import State
from deskbell.ports import Chats, Frame, Lines
from deskbell.protocol import Ping
from deskbell.usecases.queue_board import read_place


def ping(_frame: Ping, caller: Caller, *, chats: Chats, lines: Lines) -> Frame:
    """Reply `pong`, to a waiting guest with its position and the wait to expect."""
    pong: dict[str, object] = {"type": "pong"}
    if isinstance(caller.identity, GuestIdentity):
        interaction = chats.load(caller.identity.interaction)
        if interaction is not None and interaction.state is State.WAITING and interaction.queue is not None:
            pong |= read_place(interaction.id, interaction.queue, lines)
    return pong
