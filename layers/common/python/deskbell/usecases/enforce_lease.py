"""Look whether an agent is still there; the conversations of one who is not go back to the head of their queues."""

from deskbell.agents import Agent, AgentLimits
from deskbell.configuration import Configuration
from deskbell.deadlines import deadlines_from
from deskbell.errors import NotFoundError
from deskbell.identity import GUEST
from deskbell.lifecycle import Transition, give_back
from deskbell.message_log import Tail
from deskbell.ports import Agents, Lines
from deskbell.timers import AgentDue
from deskbell.usecases.queue_board import owe_announcement, read_place
from deskbell.usecases.switchboard import Switchboard
from deskbell.views import push_to_all

RETRY = 60_000
"""When what was begun for a lost agent is looked at again, should it not have been finished."""


def enforce_lease(
    timer: AgentDue,
    at: int,
    *,
    configuration: Configuration,
    switchboard: Switchboard,
    lines: Lines,
    agents: Agents,
) -> bool:
    """Give back what a lost agent had in hand; tells whether there was anything to do.

    An agent who was heard of since the timer was set is looked at again when its lease may have run out.
    """
    agent = agents.load(timer.agent)
    if agent is None or agent.due_at is None or agent.due_at != timer.at:
        return False
    properties = configuration.properties
    lost_at = agent.lost_at(AgentLimits(lease=properties.agent_lease, grace=properties.agent_grace))
    if not agent.lost and at < lost_at:
        if agents.postpone(agent, lost_at):
            switchboard.timers.send(AgentDue(agent.id, lost_at), at)
        return False
    if not agents.lose(agent, at + RETRY):
        return False
    lines.unwatch([queue.id for queue in configuration.queues_of(agent.id)], agent.id)
    for connection in agent.open_connections:
        switchboard.gateway.close(connection)
    for interaction in agent.slots:
        _give_back(interaction, agent, at, configuration, switchboard, lines, agents)
    agents.settle(agent.id, at + RETRY)
    return True


def _give_back(
    interaction: str,
    agent: Agent,
    at: int,
    configuration: Configuration,
    switchboard: Switchboard,
    lines: Lines,
    agents: Agents,
) -> None:
    deadlines = deadlines_from(configuration)

    def decide(tail: Tail) -> Transition | None:
        if not tail.interaction.is_assigned_to(agent.id):
            return None
        return give_back(tail, reason="agent_lost", at=at, deadlines=deadlines)

    try:
        transition = switchboard.change(interaction, decide, at)
    except NotFoundError:
        transition = None
    if transition is None:
        agents.free(agent.id, interaction)
        return
    after = transition.after
    queue = after.queue or ""
    pushes = push_to_all(after.connections, transition.entries)
    place = {"type": "queued", "interaction": interaction, **read_place(interaction, queue, lines)}
    pushes += [(connection, place) for connection in after.connections_of(GUEST)]
    switchboard.tell_participants(interaction, pushes, deadlines, at)
    owe_announcement(queue, at, lines, switchboard.timers)
