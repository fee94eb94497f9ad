"""A socket has closed: take it out of everything it was in, and let the grace begin with the last one."""

from deskbell.agents import Agent
from deskbell.configuration import Configuration
from deskbell.deadlines import deadlines_from
from deskbell.errors import NotFoundError, UnavailableError
from deskbell.identity import Caller, GuestIdentity
from deskbell.ports import Agents, Lines, Watcher
from deskbell.timers import AgentDue
from deskbell.usecases.switchboard import Switchboard


def disconnect(
    caller: Caller, *, configuration: Configuration, switchboard: Switchboard, agents: Agents, lines: Lines
) -> None:
    """Forget the caller's socket; harmless for one that never joined, or twice."""
    gone = (caller.connection,)
    if isinstance(caller.identity, GuestIdentity):
        _forget(caller.identity.interaction, gone, configuration, switchboard, caller.at)
        return
    agent = agents.leave(caller.identity.id, caller.connection, caller.at)
    if agent is None:
        return
    for interaction in agent.slots:
        _forget(interaction, gone, configuration, switchboard, caller.at)
    _show_watching(agent, configuration, lines)
    if agent.gone_since is not None and not agent.lost:
        due_at = agent.gone_since + configuration.properties.agent_grace * 1000
        agents.postpone(agent, due_at)
        try:
            switchboard.timers.send(AgentDue(agent.id, due_at), caller.at)
        except UnavailableError:
            return


def _forget(
    interaction: str, gone: tuple[str, ...], configuration: Configuration, switchboard: Switchboard, at: int
) -> None:
    try:
        switchboard.forget(interaction, gone, deadlines_from(configuration), at)
    except NotFoundError:
        return


def _show_watching(agent: Agent, configuration: Configuration, lines: Lines) -> None:
    queues = [queue.id for queue in configuration.queues_of(agent.id)]
    if agent.connections and agent.shown_presence != "offline":
        lines.watch(queues, Watcher(agent.id, agent.open_connections))
    else:
        lines.unwatch(queues, agent.id)
