"""Seat an agent at its desk and in every conversation it has in hand."""

from typing import Any

from deskbell.agents import Agent
from deskbell.errors import NotFoundError
from deskbell.identity import Caller, agent_participant
from deskbell.policy import agent_only
from deskbell.ports import Agents, Cursors, Directory, Frame, Watcher
from deskbell.queues import Queue
from deskbell.timers import AgentDue
from deskbell.usecases.queue_board import MOST_COUNTED
from deskbell.usecases.seat import take_seat
from deskbell.usecases.switchboard import Switchboard
from deskbell.views import MAX_REPLY_BYTES, encode, record


def join_agent(
    caller: Caller, *, switchboard: Switchboard, agents: Agents, cursors: Cursors, directory: Directory
) -> Frame:
    """Register an agent's socket; replies with its queues and its conversations, without their messages.

    Conversations that do not fit into one frame are announced one by one as `assigned`.
    """
    agent = _at_desk(caller, switchboard, agents, directory)
    queues = switchboard.configuration.queues_of(agent.id)
    if agent.shown_presence != "offline":
        watcher = Watcher(agent.id, caller.connection)
        switchboard.lines.watch([queue.id for queue in queues], watcher, caller.at)
    reply: dict[str, Any] = {
        "type": "joined",
        "presence": agent.shown_presence,
        "queues": [_queue_view(queue, switchboard) for queue in queues],
        "interactions": [],
        "offers": [],
        "heartbeat_seconds": switchboard.configuration.properties.heartbeat,
    }
    room = MAX_REPLY_BYTES - len(encode(reply).encode())
    for name in agent.slots:
        shown = _in_hand(name, agent, caller, switchboard, agents, cursors)
        if shown is None:
            continue
        room -= len(encode(shown).encode()) + 1
        if room > 0:
            reply["interactions"].append(shown)
        else:
            switchboard.tell([(caller.connection, {"type": "assigned", "interaction": name})])
    return reply


def _at_desk(caller: Caller, switchboard: Switchboard, agents: Agents, directory: Directory) -> Agent:
    identity = agent_only(caller.identity)
    properties = switchboard.configuration.properties
    known = agents.load(identity.id)
    name = known.name if known else directory.display_name(identity.id)
    lease_until = caller.at + properties.agent_lease * 1000
    due_at = lease_until + properties.agent_grace * 1000
    joined = agents.join(identity.id, name, caller.connection, caller.at, lease_until, due_at)
    for connection in known.open_connections if known else ():
        if connection not in joined.connections:
            switchboard.gateway.close(connection)
    switchboard.remind(AgentDue(identity.id, due_at))
    return joined


def _in_hand(
    name: str, agent: Agent, caller: Caller, switchboard: Switchboard, agents: Agents, cursors: Cursors
) -> dict[str, Any] | None:
    try:
        interaction = take_seat(name, agent_participant(agent.id), caller, switchboard)
    except NotFoundError:
        agents.free(agent.id, name)
        return None
    if not interaction.is_assigned_to(agent.id):
        agents.free(agent.id, name)
        return None
    tail = switchboard.chats.tail(name)
    notes = switchboard.chats.tail(name, None, "work_note")
    opening = switchboard.chats.opening(name)
    return record(interaction, opening) | {
        "head": tail.head if tail else 0,
        "notes_head": notes.head if notes else 0,
        "read": dict(cursors.read(name)),
        "idle_paused": False,
    }


def _queue_view(queue: Queue, switchboard: Switchboard) -> dict[str, Any]:
    waiting = switchboard.lines.length(queue.id, MOST_COUNTED)
    return {"id": queue.id, "name": queue.name, "waiting": waiting}
