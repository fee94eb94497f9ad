"""Look at a conversation that has come due: route it, close it, warn its guest, or look again later.

Timers and the sweeper both come here, and both only act on what the table says now.
"""

from contextlib import suppress
from dataclasses import replace

from deskbell.configuration import Configuration
from deskbell.deadlines import Due, deadlines_from, next_due
from deskbell.errors import UnavailableError
from deskbell.identity import GUEST, SYSTEM
from deskbell.interaction import Interaction, State
from deskbell.lifecycle import Transition, abandon, end
from deskbell.message_log import Entry, Tail
from deskbell.ports import Lines, RouteQueue
from deskbell.timers import InteractionDue
from deskbell.usecases.queue_board import owe_announcement
from deskbell.usecases.switchboard import Switchboard
from deskbell.views import push_to_all


def enforce_deadline(
    timer: InteractionDue,
    at: int,
    *,
    configuration: Configuration,
    switchboard: Switchboard,
    lines: Lines,
    route_queue: RouteQueue,
) -> bool:
    """Do what is due for a conversation; tells whether anything was.

    A timer whose moment is no longer the one the conversation waits for is stale and does nothing.
    """
    interaction = switchboard.chats.load(timer.interaction)
    if interaction is None or interaction.due_at is None or interaction.due_at != timer.at:
        return False
    if at < interaction.due_at:
        switchboard.timers.send(timer, at)
        return False
    deadlines = deadlines_from(configuration)
    due = next_due(interaction, deadlines(interaction))
    if due is None:
        return False
    match due[1]:
        case Due.ROUTE:
            _route_again(interaction, at, configuration, switchboard, route_queue)
        case Due.IDLE:
            _check_idle(interaction, at, configuration, switchboard)
        case Due.GUEST_LOST | Due.MAXIMUM_WAIT | Due.ABANDONED as reason:
            _close(interaction, reason, at, configuration, switchboard, lines)
    return True


def _route_again(
    interaction: Interaction,
    at: int,
    configuration: Configuration,
    switchboard: Switchboard,
    route_queue: RouteQueue,
) -> None:
    deadlines = deadlines_from(configuration)
    wait = deadlines(interaction)
    if at >= interaction.opened_at + wait.maximum_wait * 1000:
        _finish(interaction, State.CLOSED_ABANDONED, "not_routed", at, configuration, switchboard)
        return
    postponed = at + wait.routing * 1000

    def decide(before: Interaction) -> Interaction:
        return replace(before, route_again_at=postponed) if before.state is State.NEW else before

    switchboard.update(interaction.id, decide, deadlines, at)
    route_queue.send(interaction.id)


def _check_idle(
    interaction: Interaction, at: int, configuration: Configuration, switchboard: Switchboard
) -> None:
    """Idle time runs only while the last word is not the guest's."""
    deadlines = deadlines_from(configuration)
    tail = switchboard.chats.tail(interaction.id)
    last = tail.last if tail else None
    delay = deadlines(interaction).idle_delay * 1000
    waits_for_agent = last is not None and last.author == GUEST
    spoken_at = last.at if last is not None else at
    asked_again = interaction.warned_at is not None and spoken_at > interaction.warned_at
    if waits_for_agent or asked_again or spoken_at + delay > at:
        _look_again(interaction, at if waits_for_agent else spoken_at, at, configuration, switchboard)
    elif interaction.warned_at is None:
        _warn(interaction, at, configuration, switchboard)
    elif not _finish(interaction, State.CLOSED_BY_CLIENT, "idle", at, configuration, switchboard, last=last):
        # Somebody spoke at the last moment.
        _look_again(interaction, at, at, configuration, switchboard)


def _look_again(
    interaction: Interaction,
    quiet_since: int,
    at: int,
    configuration: Configuration,
    switchboard: Switchboard,
) -> None:
    def decide(before: Interaction) -> Interaction:
        return (
            replace(before, quiet_since=quiet_since, warned_at=None)
            if _unmoved(before, interaction)
            else before
        )

    switchboard.update(interaction.id, decide, deadlines_from(configuration), at)


def _warn(interaction: Interaction, at: int, configuration: Configuration, switchboard: Switchboard) -> None:
    def decide(before: Interaction) -> Interaction:
        return replace(before, warned_at=at) if _unmoved(before, interaction) else before

    deadlines = deadlines_from(configuration)
    warned = switchboard.update(interaction.id, decide, deadlines, at)
    if warned.warned_at != at:
        return
    seconds = deadlines(warned).idle_countdown
    frame = {"type": "idle_warning", "interaction": warned.id, "seconds": seconds}
    pushes = [(connection, frame) for connection in warned.connections_of(GUEST)]
    switchboard.tell_participants(warned.id, pushes, deadlines, at)


def _unmoved(now: Interaction, then: Interaction) -> bool:
    return now.state is State.WORK_IN_PROGRESS and now.due_at == then.due_at


def _close(
    interaction: Interaction,
    reason: Due,
    at: int,
    configuration: Configuration,
    switchboard: Switchboard,
    lines: Lines,
) -> None:
    if reason is Due.ABANDONED:
        _finish(
            interaction, State.CLOSED_ABANDONED, interaction.reason or reason, at, configuration, switchboard
        )
    elif reason is Due.MAXIMUM_WAIT:
        text = _maximum_wait_message(interaction, configuration)
        _finish(interaction, State.CLOSED_ABANDONED, reason, at, configuration, switchboard, text)
    elif interaction.state is State.WORK_IN_PROGRESS:
        _finish(interaction, State.CLOSED_BY_CLIENT, reason, at, configuration, switchboard)
    else:
        _abandon(interaction, at, configuration, switchboard)
    if interaction.state is State.WAITING:
        owe_announcement(interaction.queue, at, lines, switchboard.timers)


def _maximum_wait_message(interaction: Interaction, configuration: Configuration) -> str:
    queue = configuration.queues.get(interaction.queue or "")
    if queue is None:
        return configuration.properties.maximum_wait_message
    return configuration.limits(queue).maximum_wait_message


def _abandon(
    interaction: Interaction, at: int, configuration: Configuration, switchboard: Switchboard
) -> None:
    deadlines = deadlines_from(configuration)

    def decide(tail: Tail) -> Transition | None:
        if not _still_due(tail.interaction, interaction):
            return None
        return abandon(tail, reason=Due.GUEST_LOST, at=at, deadlines=deadlines)

    switchboard.change(interaction.id, decide, at)


def _finish(
    interaction: Interaction,
    state: State,
    reason: str,
    at: int,
    configuration: Configuration,
    switchboard: Switchboard,
    text: str | None = None,
    last: Entry | None = None,
) -> bool:
    deadlines = deadlines_from(configuration)

    def decide(tail: Tail) -> Transition | None:
        if not _still_due(tail.interaction, interaction) or last not in (None, tail.last):
            return None
        return end(tail, state=state, reason=reason, at=at, author=SYSTEM, deadlines=deadlines, text=text)

    transition = switchboard.change(interaction.id, decide, at)
    if transition is None:
        return False
    pushes = push_to_all(transition.before.connections, transition.entries)
    # It is written; whoever was not told learns it with the next sync.
    with suppress(UnavailableError):
        switchboard.tell_participants(interaction.id, pushes, deadlines, at)
    return True


def _still_due(now: Interaction, then: Interaction) -> bool:
    return now.state is then.state and now.due_at == then.due_at and not now.ended
