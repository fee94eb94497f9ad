"""Look whether an agent is still there; the conversations of one who is not go back to the head of their queues."""

from deskbell.agents import Agent, AgentLimits
from deskbell.errors import NotFoundError, UnavailableError
from deskbell.identity import agent_participant
from deskbell.lifecycle import Transition, give_back
from deskbell.message_log import Tail
from deskbell.ports import Agents, Watcher
from deskbell.timers import AgentDue
from deskbell.usecases.switchboard import Switchboard, hint
from deskbell.views import push_to_all

RETRY = 60_000
"""When what was begun for a lost agent is looked at again, should it not have been finished."""
REASON = "agent_lost"


def enforce_lease(timer: AgentDue, *, switchboard: Switchboard, agents: Agents) -> bool:
    """Give back what a lost agent had in hand; tells whether there was anything to do.

    An agent who was heard of since the timer was set is looked at again when its lease may have run out.
    """
    agent = agents.load(timer.agent)
    if agent is None or agent.due_at is None or agent.due_at != timer.at:
        return False
    at = switchboard.at
    properties = switchboard.configuration.properties
    lost_at = agent.lost_at(AgentLimits(lease=properties.agent_lease, grace=properties.agent_grace))
    if not agent.lost and at < lost_at:
        if agents.postpone(agent, lost_at):
            switchboard.remind(AgentDue(agent.id, lost_at))
        return False
    if not agents.lose(agent, at + RETRY):
        return False
    failed = [name for name in agent.slots if not _give_back(name, agent, switchboard, agents)]
    # Only now: until then they are told what is taken from them.
    _close_sockets(agent, switchboard)
    if failed:
        switchboard.remind(AgentDue(agent.id, at + RETRY))
    else:
        agents.settle(agent.id, at + RETRY)
    return True


def _close_sockets(agent: Agent, switchboard: Switchboard) -> None:
    served = [queue.id for queue in switchboard.configuration.queues_of(agent.id)]
    for connection in agent.open_connections:
        with hint():
            switchboard.lines.unwatch(served, Watcher(agent.id, connection))
        switchboard.gateway.close(connection)


def _give_back(name: str, agent: Agent, switchboard: Switchboard, agents: Agents) -> bool:
    """Return one conversation to its queue, unless its agent has come back; tells whether nothing is left to do."""

    def decide(tail: Tail) -> Transition | None:
        now = agents.load(agent.id)
        if now is None or not now.lost or not tail.interaction.is_assigned_to(agent.id):
            return None
        return give_back(tail, reason=REASON, at=switchboard.at)

    try:
        transition = switchboard.change(name, decide)
    except NotFoundError:
        agents.free(agent.id, name)
        return True
    except UnavailableError:
        return False
    if transition is None:
        return True
    _tell(transition, agent, switchboard)
    return True


def _tell(transition: Transition, agent: Agent, switchboard: Switchboard) -> None:
    after = transition.after
    frame = {"type": "unassigned", "interaction": after.id, "reason": REASON}
    theirs = transition.before.connections_of(agent_participant(agent.id))
    switchboard.tell((connection, frame) for connection in theirs)
    switchboard.tell_participants(after.id, push_to_all(after.connections, transition.entries))
    switchboard.tell_place(after)
