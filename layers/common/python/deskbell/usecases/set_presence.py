"""Choose what others see of an agent, and whether its queues tell it how they stand."""

from deskbell.errors import ConflictError
from deskbell.identity import Caller
from deskbell.policy import agent_only
from deskbell.ports import Agents, Frame, Watcher
from deskbell.protocol import SetPresence
from deskbell.usecases.switchboard import Switchboard


def set_presence(frame: SetPresence, caller: Caller, *, switchboard: Switchboard, agents: Agents) -> Frame:
    """Store the presence and tell the agent's other sockets; raises ConflictError for an agent who has not joined."""
    identity = agent_only(caller.identity)
    known = agents.load(identity.id)
    if known is None or known.lost or not known.connections:
        raise ConflictError("Join before you set your presence.")
    agent = agents.choose(identity.id, frame.state) or known
    queues = [queue.id for queue in switchboard.configuration.queues_of(identity.id)]
    for connection in agent.open_connections:
        watcher = Watcher(identity.id, connection)
        if frame.state == "offline":
            switchboard.lines.unwatch(queues, watcher)
        else:
            switchboard.lines.watch(queues, watcher, caller.at)
    shown = {"type": "presence", "state": agent.shown_presence}
    switchboard.tell((other, shown) for other in agent.open_connections if other != caller.connection)
    return shown
