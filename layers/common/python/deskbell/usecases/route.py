"""Route a submitted interaction: matching rules choose its queue, and it begins to wait there."""

from deskbell.errors import NotFoundError
from deskbell.identity import SYSTEM
from deskbell.interaction import State
from deskbell.lifecycle import Transition, end, route
from deskbell.message_log import Tail
from deskbell.policy import NO_SUCH_CONVERSATION
from deskbell.ports import Meter
from deskbell.usecases.switchboard import Switchboard
from deskbell.views import push_to_all, record


def route_interaction(interaction: str, *, switchboard: Switchboard, meter: Meter) -> None:
    """Put a new interaction into its queue; one that is not new any more is left as it is.

    The interaction keeps the rule that chose its queue and the version of the configuration that held it. Raises
    NotFoundError for an interaction that does not exist.
    """
    opening = switchboard.chats.opening(interaction)
    if opening is None:
        raise NotFoundError(NO_SUCH_CONVERSATION)
    configuration = switchboard.configuration
    form = configuration.forms.get((opening.data or {}).get("form", ""))

    def decide(tail: Tail) -> Transition | None:
        before = tail.interaction
        if before.state is not State.NEW:
            return None
        routed = configuration.route(record(before, opening), form)
        if routed is None:
            meter.count("InteractionsWithoutQueue")
            text = configuration.properties.no_match_message
            return end(
                tail,
                state=State.CLOSED_COMPLETE,
                reason="no_queue",
                at=switchboard.at,
                author=SYSTEM,
                text=text,
            )
        rule = routed.rule.name if routed.rule else None
        return route(
            before, queue=routed.queue.id, rule=rule, configuration=configuration.version, at=switchboard.at
        )

    transition = switchboard.change(interaction, decide)
    if transition is None:
        _owe_again(interaction, switchboard)
        return
    after = transition.after
    switchboard.tell_participants(interaction, push_to_all(after.connections, transition.entries))
    switchboard.tell_place(after)


def _owe_again(interaction: str, switchboard: Switchboard) -> None:
    """A message that comes twice may have died between the commit and the announcement the first time."""
    state = switchboard.chats.load(interaction)
    if state is not None and state.state is State.WAITING and state.queue is not None:
        switchboard.owe_announcement(state.queue)
