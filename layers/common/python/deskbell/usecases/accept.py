"""Accept the conversation that has waited longest in a queue; of many agents who try, exactly one wins it."""

import zlib
from collections.abc import Iterator, Sequence

from deskbell.agents import Agent
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
from deskbell.message_log import Entry, Tail
from deskbell.policy import agent_only, check_sees, queues_served
from deskbell.ports import Agents, Frame
from deskbell.protocol import Accept
from deskbell.queues import Queue
from deskbell.usecases.switchboard import Switchboard, hint
from deskbell.views import push_to_all, record

CANDIDATES = 25
"""How many of those who wait are tried; behind the first the walk starts at random, so that agents do not collide."""
PAGES = 3
"""How often the line is read anew when others won everybody who was read."""


def accept_chat(frame: Accept, caller: Caller, *, switchboard: Switchboard, agents: Agents) -> Frame:
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
        return _accept_named(frame.interaction, identity, switchboard)
    queue = switchboard.configuration.queue(frame.queue or "")
    if queue.id not in queues_served(identity, switchboard.configuration):
        raise ForbiddenError("You do not serve this queue.")
    capacity = switchboard.configuration.limits(queue).capacity
    _at_work(identity, agents, capacity)
    for entry in _walk(queue, caller, switchboard):
        opening = switchboard.chats.opening(entry.interaction)
        try:
            transition, agent = _take(entry, queue, identity, capacity, switchboard, agents)
        except (AlreadyTakenError, NotFoundError):
            continue
        return _tell(transition, agent, opening, caller, switchboard)
    raise QueueEmptyError("Nobody waits in this queue.")


def _accept_named(name: str, identity: AgentIdentity, switchboard: Switchboard) -> Frame:
    interaction = check_sees(identity, switchboard.chats.load(name), switchboard.configuration)
    if interaction.is_assigned_to(identity.id):
        shown = record(interaction, switchboard.chats.opening(name))
        return {"type": "accepted", "interaction": name, "record": shown}
    if interaction.agent is not None or not interaction.live:
        raise AlreadyTakenError("This conversation is not waiting any more.")
    raise NotFoundError("This conversation is not offered to you.")


def _at_work(identity: AgentIdentity, agents: Agents, capacity: int) -> Agent:
    agent = agents.load(identity.id)
    if agent is None or agent.lost or not agent.connections:
        raise ConflictError("Join before you accept.")
    if agent.shown_presence == "offline":
        raise ConflictError("You are offline.")
    if 0 <= capacity <= len(agent.slots):
        raise AtCapacityError("You have as many conversations as your capacity allows.")
    return agent


def _walk(queue: Queue, caller: Caller, switchboard: Switchboard) -> Iterator[WaitingEntry]:
    """Go through those who wait, and through the next ones when others won a whole page."""
    for _ in range(PAGES):
        entries = switchboard.lines.first(queue.id, CANDIDATES)
        yield from _shuffled(entries, caller)
        if len(entries) < CANDIDATES:
            return


def _shuffled(entries: Sequence[WaitingEntry], caller: Caller) -> Iterator[WaitingEntry]:
    yield from entries[:1]
    others = entries[1:]
    if others:
        start = zlib.crc32(f"{caller.connection} {caller.at}".encode()) % len(others)
        yield from others[start:]
        yield from others[:start]


def _take(
    entry: WaitingEntry,
    queue: Queue,
    identity: AgentIdentity,
    capacity: int,
    switchboard: Switchboard,
    agents: Agents,
) -> tuple[Transition, Agent]:
    taker: Agent | None = None

    def decide(tail: Tail) -> Transition:
        nonlocal taker
        before = tail.interaction
        if before.state is not State.WAITING or before.queue != queue.id:
            raise AlreadyTakenError("Somebody else was faster.")
        # The agent is read anew with each try: the write holds only for the sockets and slots it was decided from.
        taker = _at_work(identity, agents, capacity)
        return accept(
            tail, agent=taker, capacity=capacity, response=queue.initial_agent_response, at=switchboard.at
        )

    transition = switchboard.change(entry.interaction, decide)
    assert taker is not None  # noqa: S101 - what was committed was decided
    return transition, taker


def _tell(
    transition: Transition, agent: Agent, opening: Entry | None, caller: Caller, switchboard: Switchboard
) -> Frame:
    after = transition.after
    mine = set(after.connections_of(agent_participant(agent.id)))
    pushes = [push for push in push_to_all(after.connections, transition.entries) if push[0] not in mine]
    assigned = {"type": "assigned", "interaction": after.id}
    pushes += [(connection, assigned) for connection in sorted(mine - {caller.connection})]
    switchboard.tell_participants(after.id, pushes)
    waited = (caller.at - (transition.before.queued_at or transition.before.opened_at)) // 1000
    with hint():
        switchboard.lines.add_wait(after.queue or "", max(0, waited))
    return {"type": "accepted", "interaction": after.id, "record": record(after, opening)}
