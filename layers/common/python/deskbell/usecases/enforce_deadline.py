"""Look at a conversation that has come due: route it, close it, warn its guest, or look again later.

Timers and the sweeper both come here, and both only act on what the table says now.
"""

from dataclasses import replace

from deskbell.deadlines import Due, deadlines_for, next_due
from deskbell.identity import GUEST, SYSTEM
from deskbell.interaction import Interaction, State
from deskbell.lifecycle import Transition, abandon, end
from deskbell.message_log import Entry, Tail
from deskbell.ports import RouteQueue
from deskbell.timers import InteractionDue
from deskbell.usecases.switchboard import Switchboard
from deskbell.views import push_to_all


def enforce_deadline(timer: InteractionDue, *, switchboard: Switchboard, route_queue: RouteQueue) -> bool:
    """Do what is due for a conversation; tells whether anything was.

    A timer whose moment is no longer the one the conversation waits for is stale and does nothing. Where the
    configuration has since moved the deadline, the conversation waits for the new one.
    """
    interaction = switchboard.chats.load(timer.interaction)
    if interaction is None or interaction.due_at is None or interaction.due_at != timer.at:
        return False
    if switchboard.at < timer.at:
        switchboard.timers.send(timer, switchboard.at)
        return False
    due = next_due(interaction, deadlines_for(interaction, switchboard.configuration))
    if due is None or due[0] > switchboard.at:
        switchboard.update(interaction.id, lambda state: state)
        return False
    match due[1]:
        case Due.ROUTE:
            _route_again(interaction, switchboard, route_queue)
        case Due.IDLE:
            _check_idle(interaction, switchboard)
        case Due.GUEST_LOST | Due.MAXIMUM_WAIT | Due.ABANDONED as reason:
            _close(interaction, reason, switchboard)
    return True


def _route_again(interaction: Interaction, switchboard: Switchboard, route_queue: RouteQueue) -> None:
    deadlines = deadlines_for(interaction, switchboard.configuration)
    if switchboard.at >= interaction.opened_at + deadlines.maximum_wait * 1000:
        _finish(interaction, State.CLOSED_ABANDONED, "not_routed", switchboard)
        return
    postponed = switchboard.at + deadlines.routing * 1000

    def decide(before: Interaction) -> Interaction:
        return replace(before, route_again_at=postponed) if before.state is State.NEW else before

    switchboard.update(interaction.id, decide)
    route_queue.send(interaction.id)


def _check_idle(interaction: Interaction, switchboard: Switchboard) -> None:
    """Idle time runs only while the last word is not the guest's."""
    at = switchboard.at
    tail = switchboard.chats.tail(interaction.id)
    last = tail.last if tail else None
    delay = deadlines_for(interaction, switchboard.configuration).idle_delay * 1000
    waits_for_agent = last is not None and last.author == GUEST
    spoken_at = last.at if last is not None else at
    asked_again = interaction.warned_at is not None and spoken_at > interaction.warned_at
    if waits_for_agent or asked_again or spoken_at + delay > at:
        _look_again(interaction, at if waits_for_agent else spoken_at, switchboard)
    elif interaction.warned_at is None:
        _warn(interaction, switchboard)
    elif not _finish(interaction, State.CLOSED_BY_CLIENT, Due.IDLE, switchboard, last=last):
        # Somebody spoke at the last moment.
        _look_again(interaction, at, switchboard)


def _look_again(interaction: Interaction, quiet_since: int, switchboard: Switchboard) -> None:
    def decide(before: Interaction) -> Interaction:
        if not _still_due(before, interaction):
            return before
        return replace(before, quiet_since=quiet_since, warned_at=None)

    switchboard.update(interaction.id, decide)


def _warn(interaction: Interaction, switchboard: Switchboard) -> None:
    def decide(before: Interaction) -> Interaction:
        return replace(before, warned_at=switchboard.at) if _still_due(before, interaction) else before

    warned = switchboard.update(interaction.id, decide)
    if warned.warned_at != switchboard.at:
        return
    seconds = deadlines_for(warned, switchboard.configuration).idle_countdown
    frame = {"type": "idle_warning", "interaction": warned.id, "seconds": seconds}
    pushes = [(connection, frame) for connection in warned.connections_of(GUEST)]
    switchboard.tell_participants(warned.id, pushes)


def _close(interaction: Interaction, due: Due, switchboard: Switchboard) -> None:
    match due, interaction.state:
        case Due.ABANDONED, _:
            _finish(interaction, State.CLOSED_ABANDONED, interaction.reason or due, switchboard)
        case Due.MAXIMUM_WAIT, _:
            text = _maximum_wait_message(interaction, switchboard)
            _finish(interaction, State.CLOSED_ABANDONED, due, switchboard, text=text)
        case _, State.WORK_IN_PROGRESS:
            _finish(interaction, State.CLOSED_BY_CLIENT, due, switchboard)
        case _:
            _abandon(interaction, switchboard)


def _maximum_wait_message(interaction: Interaction, switchboard: Switchboard) -> str:
    configuration = switchboard.configuration
    queue = configuration.queues.get(interaction.queue or "")
    terms = configuration.limits(queue) if queue else configuration.properties
    return terms.maximum_wait_message


def _abandon(interaction: Interaction, switchboard: Switchboard) -> None:
    def decide(tail: Tail) -> Transition | None:
        if not _still_due(tail.interaction, interaction):
            return None
        return abandon(tail, reason=Due.GUEST_LOST, at=switchboard.at)

    switchboard.change(interaction.id, decide)


def _finish(
    interaction: Interaction,
    state: State,
    reason: str,
    switchboard: Switchboard,
    *,
    text: str | None = None,
    last: Entry | None = None,
) -> bool:
    """End a conversation that is still as it was found, and whose `last` entry still is; tells whether it was."""

    def decide(tail: Tail) -> Transition | None:
        moved_on = last is not None and tail.last != last
        if moved_on or not _still_due(tail.interaction, interaction):
            return None
        return end(tail, state=state, reason=reason, at=switchboard.at, author=SYSTEM, text=text)

    transition = switchboard.change(interaction.id, decide)
    if transition is None:
        return False
    pushes = push_to_all(transition.before.connections, transition.entries)
    switchboard.tell_participants(interaction.id, pushes)
    return True


def _still_due(now: Interaction, then: Interaction) -> bool:
    return now.state is then.state and now.due_at == then.due_at and not now.ended
