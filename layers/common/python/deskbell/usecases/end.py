"""End a conversation: by its guest or by its agent."""

from deskbell.identity import GUEST, Caller, GuestIdentity
from deskbell.interaction import Interaction, State
from deskbell.lifecycle import Transition, abandon, end
from deskbell.message_log import Tail
from deskbell.policy import check_own, check_speaks
from deskbell.ports import Frame
from deskbell.protocol import End
from deskbell.usecases.switchboard import Switchboard
from deskbell.views import push_to_all


def end_chat(frame: End, caller: Caller, *, switchboard: Switchboard) -> Frame:
    """Close the conversation for everybody; a guest who leaves before an agent came may still reopen it.

    Raises ChatEndedError when it has ended, NotAssignedError for another agent's.
    """
    check_own(caller.identity, frame.interaction)
    by_guest = isinstance(caller.identity, GuestIdentity)

    def decide(tail: Tail) -> Transition:
        before = tail.interaction
        check_speaks(caller.identity, before, switchboard.configuration)
        if by_guest and before.state is State.WAITING:
            return abandon(tail, reason="guest_left", at=caller.at)
        return end(
            tail,
            state=_guests_end(before) if by_guest else State.CLOSED_COMPLETE,
            reason="guest_ended" if by_guest else "agent_ended",
            at=caller.at,
            author=GUEST if by_guest else caller.identity.participant,
        )

    transition = switchboard.change(frame.interaction, decide)
    everybody = {**transition.before.connections, **transition.after.connections}
    pushes = push_to_all(everybody, transition.entries, but=caller.connection)
    switchboard.tell_participants(frame.interaction, pushes)
    entry = transition.entries[-1]
    reply = {
        "type": "ended",
        "interaction": frame.interaction,
        "seq": entry.seq,
        "reason": transition.after.reason,
    }
    return {**reply, "reopenable": True} if transition.after.reopenable else reply


def _guests_end(interaction: Interaction) -> State:
    in_progress = interaction.state is State.WORK_IN_PROGRESS
    return State.CLOSED_BY_CLIENT if in_progress else State.CLOSED_ABANDONED
