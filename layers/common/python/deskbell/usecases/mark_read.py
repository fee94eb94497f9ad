"""Remember how far somebody has received or read, and let the others see it."""

from deskbell.configuration import Configuration
from deskbell.deadlines import deadlines_from
from deskbell.errors import FieldError, InvalidFieldError, NotFoundError
from deskbell.identity import Caller
from deskbell.policy import NO_SUCH_CONVERSATION, check_own, check_sees
from deskbell.ports import Cursors
from deskbell.protocol import Read
from deskbell.usecases.switchboard import Switchboard
from deskbell.views import participant_view, reader_of


def mark_read(
    frame: Read, caller: Caller, *, configuration: Configuration, switchboard: Switchboard, cursors: Cursors
) -> None:
    """Move the caller's cursor forward and push it to the others, at most once a second.

    A cursor that would move back, or that was pushed within this second, is not pushed; what is stored comes with
    the next join.
    """
    check_own(caller.identity, frame.interaction)
    tail = switchboard.chats.tail(frame.interaction)
    if tail is None:
        raise NotFoundError(NO_SUCH_CONVERSATION)
    interaction = check_sees(caller.identity, tail.interaction, configuration)
    if frame.seq > tail.head:
        problem = FieldError("seq", "out_of_range", f"the conversation ends at {tail.head}")
        raise InvalidFieldError("This entry does not exist yet.", [problem])
    me = caller.identity.participant
    if me not in {held.participant for held in interaction.connections.values()}:
        return
    if not cursors.advance(interaction.id, me, frame.state, frame.seq, caller.at):
        return
    pushes = [
        (
            connection,
            {
                "type": "read",
                "interaction": interaction.id,
                "from": participant_view(me, interaction.name_of(me), reader_of(held.participant)),
                "seq": frame.seq,
                "state": frame.state,
            },
        )
        for connection, held in interaction.connections.items()
        if held.participant != me
    ]
    switchboard.tell_participants(interaction.id, pushes, deadlines_from(configuration), caller.at)
