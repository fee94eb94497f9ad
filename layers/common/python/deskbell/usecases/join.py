"""Take one's seat: a guest in its conversation, an agent at its desk.

The socket is registered before the log is read: what is said in between is pushed, what was said before is in the
reply, and a client drops by number what comes twice.
"""

from typing import Any

from deskbell.agents import Agent
from deskbell.configuration import Configuration
from deskbell.deadlines import deadlines_from
from deskbell.errors import InvalidAfterError, NotFoundError, UnavailableError
from deskbell.identity import GUEST, AgentIdentity, Caller, GuestIdentity, agent_participant
from deskbell.interaction import Interaction, State
from deskbell.policy import NO_SUCH_CONVERSATION, agent_only, guest_only
from deskbell.ports import Agents, Cursors, Directory, Frame, Lines, Tokens, Watcher
from deskbell.protocol import MAX_REPLY_BYTES, Join
from deskbell.queues import Queue
from deskbell.timers import AgentDue
from deskbell.times import rfc3339
from deskbell.tokens import sign_guest_token
from deskbell.usecases.queue_board import MOST_COUNTED, read_place
from deskbell.usecases.switchboard import Switchboard
from deskbell.views import encode, guest_record, page_view, record

ROOM_FOR_THE_REST = 4 * 1024


def join(
    frame: Join,
    caller: Caller,
    *,
    configuration: Configuration,
    switchboard: Switchboard,
    lines: Lines,
    agents: Agents,
    cursors: Cursors,
    directory: Directory,
    tokens: Tokens,
) -> Frame:
    """Register the caller's socket and say how things stand."""
    if isinstance(caller.identity, GuestIdentity):
        return join_guest(
            frame, caller, configuration=configuration, switchboard=switchboard, lines=lines, tokens=tokens
        )
    return join_agent(
        caller,
        configuration=configuration,
        switchboard=switchboard,
        lines=lines,
        agents=agents,
        cursors=cursors,
        directory=directory,
    )


def join_guest(
    frame: Join,
    caller: Caller,
    *,
    configuration: Configuration,
    switchboard: Switchboard,
    lines: Lines,
    tokens: Tokens,
) -> Frame:
    """Seat a guest; replies with what it has not seen, its place in line, and a renewed token.

    Raises NotFoundError for a conversation that is gone, InvalidAfterError for an `after` beyond its log.
    """
    identity = guest_only(caller.identity)
    interaction = _seat(caller, identity.interaction, GUEST, configuration, switchboard)
    tail = switchboard.chats.tail(interaction.id)
    if tail is None:
        raise NotFoundError(NO_SUCH_CONVERSATION)
    if frame.after > tail.head:
        raise InvalidAfterError(f"The conversation has no entry {frame.after}.")
    page = switchboard.chats.page(interaction.id, frame.after, MAX_REPLY_BYTES)
    opening = switchboard.chats.opening(interaction.id)
    messages, more = page_view(page, "guest", MAX_REPLY_BYTES - ROOM_FOR_THE_REST)
    expires_at = caller.at + configuration.properties.guest_token_life * 1000
    queue = configuration.queues.get(interaction.queue or "")
    reply: dict[str, Any] = {
        "type": "joined",
        "interaction": guest_record(interaction, opening, queue.name if queue else None),
        "messages": messages,
        "more": more,
        "head": tail.head,
        "token": sign_guest_token(interaction.id, expires_at, tokens.keys(caller.at)),
        "expires_at": rfc3339(expires_at),
        "heartbeat_seconds": configuration.properties.heartbeat,
    }
    if interaction.state is State.WAITING and interaction.queue is not None:
        reply |= read_place(interaction.id, interaction.queue, lines)
    return reply


def join_agent(
    caller: Caller,
    *,
    configuration: Configuration,
    switchboard: Switchboard,
    lines: Lines,
    agents: Agents,
    cursors: Cursors,
    directory: Directory,
) -> Frame:
    """Seat an agent; replies with its queues and the conversations it has in hand, without their messages.

    Conversations that do not fit into one frame are announced one by one as `assigned`.
    """
    identity = agent_only(caller.identity)
    agent = _at_desk(identity, caller, configuration, switchboard, agents, directory)
    _set_lease_timer(agent, caller.at, switchboard)
    queues = configuration.queues_of(agent.id)
    if agent.shown_presence != "offline":
        lines.watch([queue.id for queue in queues], Watcher(agent.id, agent.open_connections))
    reply: dict[str, Any] = {
        "type": "joined",
        "presence": agent.shown_presence,
        "queues": [_queue_view(queue, lines) for queue in queues],
        "interactions": [],
        "offers": [],
        "heartbeat_seconds": configuration.properties.heartbeat,
    }
    room = MAX_REPLY_BYTES - len(encode(reply).encode())
    for name in agent.slots:
        shown = _in_hand(name, agent, caller, configuration, switchboard, agents, cursors)
        if shown is None:
            continue
        room -= len(encode(shown).encode()) + 1
        if room > 0:
            reply["interactions"].append(shown)
        else:
            switchboard.tell([(caller.connection, {"type": "assigned", "interaction": name})])
    return reply


def _at_desk(
    identity: AgentIdentity,
    caller: Caller,
    configuration: Configuration,
    switchboard: Switchboard,
    agents: Agents,
    directory: Directory,
) -> Agent:
    known = agents.load(identity.id)
    name = known.name if known else directory.display_name(identity.id)
    lease_until = caller.at + configuration.properties.agent_lease * 1000
    due_at = lease_until + configuration.properties.agent_grace * 1000
    joined = agents.join(identity.id, name, caller.connection, caller.at, lease_until, due_at)
    before = known.open_connections if known else ()
    for connection in before:
        if connection not in joined.connections:
            switchboard.gateway.close(connection)
    return joined


def _set_lease_timer(agent: Agent, at: int, switchboard: Switchboard) -> None:
    if agent.due_at is None:
        return
    try:
        switchboard.timers.send(AgentDue(agent.id, agent.due_at), at)
    except UnavailableError:
        # The agent's item carries due_at too: the sweeper looks after it.
        return


def _in_hand(
    name: str,
    agent: Agent,
    caller: Caller,
    configuration: Configuration,
    switchboard: Switchboard,
    agents: Agents,
    cursors: Cursors,
) -> dict[str, Any] | None:
    try:
        interaction = _seat(caller, name, agent_participant(agent.id), configuration, switchboard)
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


def _seat(
    caller: Caller, name: str, participant: str, configuration: Configuration, switchboard: Switchboard
) -> Interaction:
    surplus: tuple[str, ...] = ()

    def decide(before: Interaction) -> Interaction:
        nonlocal surplus
        if not (before.live or before.reopenable):
            return before
        stranger = isinstance(caller.identity, AgentIdentity) and not before.is_assigned_to(
            caller.identity.id
        )
        if stranger:
            return before
        after, surplus = before.connect(caller.connection, participant, caller.at)
        return after

    interaction = switchboard.update(name, decide, deadlines_from(configuration), caller.at)
    for connection in surplus:
        switchboard.gateway.close(connection)
    return interaction


def _queue_view(queue: Queue, lines: Lines) -> dict[str, Any]:
    return {"id": queue.id, "name": queue.name, "waiting": lines.length(queue.id, MOST_COUNTED)}
