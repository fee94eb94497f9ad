"""Answer a sign of life; a guest who waits learns its place."""

from deskbell.identity import Caller, GuestIdentity
from deskbell.ports import Frame
from deskbell.protocol import Ping
from deskbell.usecases.queue_board import read_place
from deskbell.usecases.switchboard import Switchboard


def ping(_frame: Ping, caller: Caller, *, switchboard: Switchboard) -> Frame:
    """Reply `pong`, to a waiting guest with its position and the wait to expect."""
    if not isinstance(caller.identity, GuestIdentity):
        return {"type": "pong"}
    interaction = switchboard.chats.load(caller.identity.interaction)
    place = read_place(interaction, switchboard.lines) if interaction is not None else {}
    return {"type": "pong", **place}
