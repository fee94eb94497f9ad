"""Choose what others see of an agent, and whether its queues tell it how they stand."""

from deskbell.configuration import Configuration
from deskbell.errors import ConflictError
from deskbell.identity import Caller
from deskbell.policy import agent_only
from deskbell.ports import Agents, Frame, Lines, Watcher
from deskbell.protocol import SetPresence
from deskbell.usecases.switchboard import Switchboard


def set_presence(
    frame: SetPresence,
    caller: Caller,
    *,
    configuration: Configuration,
    switchboard: Switchboard,
    agents: Agents,
    lines: Lines,
) -> Frame:
    """Store the presence and tell the agent's other sockets; raises ConflictError for an agent who has not joined."""
    identity = agent_only(caller.identity)
    agent = agents.choose(identity.id, frame.state)
    if agent is None:
        raise ConflictError("Join before you set your presence.")
    queues = [queue.id for queue in configuration.queues_of(identity.id)]
    if frame.state == "offline":
        lines.unwatch(queues, identity.id)
    else:
        lines.watch(queues, Watcher(identity.id, agent.open_connections))
    shown = {"type": "presence", "state": agent.shown_presence}
    switchboard.tell((other, shown) for other in agent.open_connections if other != caller.connection)
    return shown
