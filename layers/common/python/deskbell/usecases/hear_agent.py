"""Any frame of an agent proves that it is there and renews its lease."""

from deskbell.errors import UnavailableError
from deskbell.identity import AgentIdentity, Caller
from deskbell.ports import Agents
from deskbell.recent import Recent
from deskbell.usecases.switchboard import Switchboard

type Heard = Recent[str, int]
"""Until when each agent's lease need not be renewed again by this process, so that most frames cost nothing."""


def hear_agent(caller: Caller, *, switchboard: Switchboard, agents: Agents, heard: Heard) -> None:
    """Renew the lease of an agent whose frame came, about once a heartbeat.

    The socket of an agent who was given up as lost is closed, so that its client joins again. A renewal that fails
    does not keep the frame from being served.
    """
    if not isinstance(caller.identity, AgentIdentity):
        return
    agent = caller.identity.id
    if caller.at < (heard.get(agent) or 0):
        return
    properties = switchboard.configuration.properties
    try:
        there = agents.renew(agent, caller.at + properties.agent_lease * 1000)
    except UnavailableError:
        return
    if there:
        heard.put(agent, caller.at + properties.heartbeat * 1000 * 2 // 3)
    else:
        switchboard.gateway.close(caller.connection)
