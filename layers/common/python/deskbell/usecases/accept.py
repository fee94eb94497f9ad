"""Accept the conversation that has waited longest in a queue; of many agents who try, exactly one wins it."""

import zlib
from collections.abc import Iterator, Sequence

from deskbell.agents import Agent
from deskbell.configuration import Configuration
from deskbell.deadlines import deadlines_from
from deskbell.errors import (
    AlreadyTakenError,
    AtCapacityError,
    ConflictError,
    FieldError,
    ForbiddenError,
    InvalidFieldError,
    NotFoundError,
    QueueEmptyError,
)
from deskbell.identity import AgentIdentity, Caller, agent_participant
from deskbell.interaction import State
from deskbell.lifecycle import Transition, WaitingEntry, accept
from deskbell.message_log import Tail
from deskbell.policy import agent_only, check_sees, queues_served
from deskbell.ports import Agents, Frame, Lines
from deskbell.protocol import Accept
from deskbell.queues import Queue
from deskbell.usecases.queue_board import owe_announcement
from deskbell.usecases.switchboard import Switchboard
from deskbell.views import push_to_all, record

CANDIDATES = 25
"""How many of those who wait are tried; behind the first the walk starts at random, so that agents do not collide."""


def accept_chat(
    frame: Accept,
    caller: Caller,
    *,
    configuration: Configuration,
    switchboard: Switchboard,
    lines: Lines,
    agents: Agents,
) -> Frame:
    """Assign the caller the next conversation of a queue.

    Raises QueueEmptyError when nobody waits or others won everybody who did, AtCapacityError, ForbiddenError for a
    queue the caller does not serve, ConflictError for an agent who has not joined or is offline, AlreadyTakenError
    and NotFoundError for a named conversation that is not offered.
    """
    identity = agent_only(caller.identity)
    if (frame.queue is None) == (frame.interaction is None):
        problem = FieldError("queue", "invalid", "name either a queue or an interaction")
        raise InvalidFieldError("Accept takes a queue or an interaction.", [problem])
    if frame.interaction is not None:
        return _accept_named(frame.interaction, identity, configuration, switchboard)
    queue = configuration.queue(frame.queue or "")
    if queue.id not in queues_served(identity, configuration):
        raise ForbiddenError("You do not serve this queue.")
    agent = _at_work(identity, agents)
    capacity = configuration.limits(queue).capacity
    if 0 <= capacity <= len(agent.slots):
        raise AtCapacityError("You have as many conversations as your capacity allows.")
    for entry in _walk(lines.first(queue.id, CANDIDATES), caller):
        try:
            transition = _take(entry, queue, agent, capacity, caller, configuration, switchboard)
        except (AlreadyTakenError, NotFoundError):
            continue
        return _tell(transition, agent, queue, caller, configuration, switchboard, lines)
    raise QueueEmptyError("Nobody waits in this queue.")


def _accept_named(
    name: str, identity: AgentIdentity, configuration: Configuration, switchboard: Switchboard
) -> Frame:
    interaction = check_sees(identity, switchboard.chats.load(name), configuration)
    if interaction.is_assigned_to(identity.id):
        shown = record(interaction, switchboard.chats.opening(name))
        return {"type": "accepted", "interaction": name, "record": shown}
    if interaction.agent is not None or not interaction.live:
        raise AlreadyTakenError("This conversation is not waiting any more.")
    raise NotFoundError("This conversation is not offered to you.")


def _at_work(identity: AgentIdentity, agents: Agents) -> Agent:
    agent = agents.load(identity.id)
    if agent is None or agent.lost or not agent.connections:
        raise ConflictError("Join before you accept.")
    if agent.shown_presence == "offline":
        raise ConflictError("You are offline.")
    return agent


def _walk(entries: Sequence[WaitingEntry], caller: Caller) -> Iterator[WaitingEntry]:
    yield from entries[:1]
    others = entries[1:]
    if others:
        start = zlib.crc32(f"{caller.connection} {caller.at}".encode()) % len(others)
        yield from others[start:]
        yield from others[:start]


def _take(
    entry: WaitingEntry,
    queue: Queue,
    agent: Agent,
    capacity: int,
    caller: Caller,
    configuration: Configuration,
    switchboard: Switchboard,
) -> Transition:
    def decide(tail: Tail) -> Transition:
        before = tail.interaction
        if before.state is not State.WAITING or before.queue != queue.id:
            raise AlreadyTakenError("Somebody else was faster.")
        return accept(
            tail,
            agent=agent.id,
            agent_name=agent.name,
            connections=agent.open_connections,
            capacity=capacity,
            response=queue.initial_agent_response,
            at=caller.at,
            deadlines=deadlines_from(configuration),
        )

    return switchboard.change(entry.interaction, decide, caller.at)


def _tell(
    transition: Transition,
    agent: Agent,
    queue: Queue,
    caller: Caller,
    configuration: Configuration,
    switchboard: Switchboard,
    lines: Lines,
) -> Frame:
    after = transition.after
    mine = set(after.connections_of(agent_participant(agent.id)))
    pushes = [push for push in push_to_all(after.connections, transition.entries) if push[0] not in mine]
    assigned = {"type": "assigned", "interaction": after.id}
    pushes += [(connection, assigned) for connection in sorted(mine - {caller.connection})]
    switchboard.tell_participants(after.id, pushes, deadlines_from(configuration), caller.at)
    waited = (caller.at - (transition.before.queued_at or transition.before.opened_at)) // 1000
    lines.add_wait(queue.id, max(0, waited))
    owe_announcement(queue.id, caller.at, lines, switchboard.timers)
    shown = record(after, switchboard.chats.opening(after.id))
    return {"type": "accepted", "interaction": after.id, "record": shown}
