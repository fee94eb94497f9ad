"""A socket has closed: take it out of everything it was in, and let the grace begin with the last one."""

from deskbell.errors import NotFoundError, UnavailableError
from deskbell.identity import AgentIdentity, GuestIdentity, Identity
from deskbell.ports import Agents, Watcher
from deskbell.timers import AgentDue, SocketClosed
from deskbell.usecases.switchboard import Switchboard, hint

LOOK_AGAIN = 15_000
"""When a socket that closed is looked for again: longer than the join it overtook may take."""


def disconnect(identity: Identity, connection: str, *, switchboard: Switchboard, agents: Agents) -> None:
    """Forget a socket; harmless for one that never joined, or twice.

    API Gateway says once that a socket has closed, perhaps before its own join was handled, perhaps while a table
    does not answer: where it was not found, or not everything could be done, a timer brings it back.
    """
    try:
        known = forget_socket(identity, connection, switchboard=switchboard, agents=agents)
    except UnavailableError:
        known = False
    if not known:
        switchboard.remind(_closed(identity, connection, switchboard.at + LOOK_AGAIN))


def forget_socket(identity: Identity, connection: str, *, switchboard: Switchboard, agents: Agents) -> bool:
    """Remove a socket from conversations, desk and queues; tells whether it was found anywhere."""
    if isinstance(identity, GuestIdentity):
        return _forget(identity.interaction, connection, switchboard)
    return _forget_at_desk(identity, connection, switchboard, agents)


def _forget_at_desk(
    identity: AgentIdentity, connection: str, switchboard: Switchboard, agents: Agents
) -> bool:
    before = agents.load(identity.id)
    if before is None:
        return False
    agent = agents.leave(identity.id, connection, switchboard.at) or before
    served = [queue.id for queue in switchboard.configuration.queues_of(agent.id)]
    with hint():
        switchboard.lines.unwatch(served, Watcher(agent.id, connection))
    if agent.gone_since is not None and not agent.lost:
        due_at = agent.gone_since + switchboard.configuration.properties.agent_grace * 1000
        if agents.postpone(agent, due_at):
            switchboard.remind(AgentDue(agent.id, due_at))
    for interaction in agent.slots:
        _forget(interaction, connection, switchboard)
    return connection in before.connections


def _forget(interaction: str, connection: str, switchboard: Switchboard) -> bool:
    try:
        before = switchboard.chats.load(interaction)
        switchboard.forget(interaction, (connection,))
    except NotFoundError:
        return True
    return before is not None and (connection in before.connections or not before.live)


def _closed(identity: Identity, connection: str, at: int) -> SocketClosed:
    if isinstance(identity, GuestIdentity):
        return SocketClosed("guest", identity.interaction, connection, at)
    return SocketClosed("agent", identity.id, connection, at)


def identity_of(closed: SocketClosed) -> Identity:
    """Say whose socket it was; it has no rights any more."""
    if closed.role == "guest":
        return GuestIdentity(closed.id, 0)
    return AgentIdentity(closed.id, frozenset(), 0)
