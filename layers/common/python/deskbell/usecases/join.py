"""Take one's seat: a guest in its conversation, an agent at its desk."""

from deskbell.identity import Caller, GuestIdentity
from deskbell.ports import Agents, Cursors, Directory, Frame, Tokens
from deskbell.protocol import Join
from deskbell.usecases.join_agent import join_agent
from deskbell.usecases.join_guest import join_guest
from deskbell.usecases.switchboard import Switchboard


def join(
    frame: Join,
    caller: Caller,
    *,
    switchboard: Switchboard,
    agents: Agents,
    cursors: Cursors,
    directory: Directory,
    tokens: Tokens,
) -> Frame:
    """Register the caller's socket and say how things stand."""
    if isinstance(caller.identity, GuestIdentity):
        return join_guest(frame, caller, switchboard=switchboard, tokens=tokens)
    return join_agent(caller, switchboard=switchboard, agents=agents, cursors=cursors, directory=directory)
