"""Route a submitted interaction: matching rules choose its queue, and it begins to wait there."""

from deskbell.configuration import Configuration
from deskbell.deadlines import deadlines_from
from deskbell.errors import NotFoundError
from deskbell.identity import GUEST, SYSTEM
from deskbell.interaction import State
from deskbell.lifecycle import Transition, end, route
from deskbell.message_log import Tail
from deskbell.ports import Lines, Meter
from deskbell.usecases.queue_board import owe_announcement, read_place
from deskbell.usecases.switchboard import Switchboard
from deskbell.views import push_to_all, record


def route_interaction(
    interaction: str,
    at: int,
    *,
    configuration: Configuration,
    switchboard: Switchboard,
    lines: Lines,
    meter: Meter,
) -> None:
    """Put a new interaction into its queue; one that is not new any more is left as it is.

    The interaction keeps the rule that chose its queue and the version of the configuration that held it. Raises
    NotFoundError for an interaction that does not exist.
    """
    opening = switchboard.chats.opening(interaction)
    if opening is None:
        raise NotFoundError("There is no such conversation.")
    form = configuration.forms.get((opening.data or {}).get("form", ""))
    deadlines = deadlines_from(configuration)

    def decide(tail: Tail) -> Transition | None:
        before = tail.interaction
        if before.state is not State.NEW:
            return None
        routed = configuration.route(record(before, opening), form)
        if routed is None:
            meter.count("InteractionsWithoutQueue")
            return end(
                tail,
                state=State.CLOSED_COMPLETE,
                reason="no_queue",
                at=at,
                author=SYSTEM,
                deadlines=deadlines,
                text=configuration.properties.no_match_message,
            )
        return route(
            before,
            queue=routed.queue.id,
            rule=routed.rule.name if routed.rule else None,
            configuration=configuration.version,
            at=at,
            deadlines=deadlines,
        )

    transition = switchboard.change(interaction, decide, at)
    if transition is None:
        return
    after = transition.after
    if after.queue is not None and after.live:
        frame = {"type": "queued", "interaction": interaction, **read_place(interaction, after.queue, lines)}
        pushes = [(connection, frame) for connection in after.connections_of(GUEST)]
        owe_announcement(after.queue, at, lines, switchboard.timers)
    else:
        pushes = push_to_all(after.connections, transition.entries)
    switchboard.tell_participants(interaction, pushes, deadlines, at)
