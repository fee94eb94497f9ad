"""Remember how far somebody has received or read, and let the others see it."""

from deskbell.errors import FieldError, InvalidFieldError, NotFoundError
from deskbell.identity import Caller
from deskbell.policy import NO_SUCH_CONVERSATION, check_own, check_sees
from deskbell.ports import Cursors
from deskbell.protocol import Read
from deskbell.usecases.switchboard import Switchboard
from deskbell.views import push_to_others


def mark_read(frame: Read, caller: Caller, *, switchboard: Switchboard, cursors: Cursors) -> None:
    """Move the caller's cursor forward and push it to the others, at most once a second.

    A cursor that would move back, or that was pushed within this second, is not pushed; what is stored comes with
    the next join.
    """
    check_own(caller.identity, frame.interaction)
    tail = switchboard.chats.tail(frame.interaction)
    if tail is None:
        raise NotFoundError(NO_SUCH_CONVERSATION)
    interaction = check_sees(caller.identity, tail.interaction, switchboard.configuration)
    if frame.seq > tail.head:
        problem = FieldError("seq", "out_of_range", f"the conversation ends at {tail.head}")
        raise InvalidFieldError("This entry does not exist yet.", [problem])
    me = caller.identity.participant
    takes_part = me in {held.participant for held in interaction.connections.values()}
    if takes_part and cursors.advance(interaction.id, me, frame.state, frame.seq, caller.at):
        sign = {"type": "read", "seq": frame.seq, "state": frame.state}
        switchboard.tell_participants(interaction.id, push_to_others(interaction, me, sign))
