"""Show the others that somebody is writing; nothing is stored."""

from deskbell.configuration import Configuration
from deskbell.deadlines import deadlines_from
from deskbell.errors import NotFoundError
from deskbell.identity import Caller
from deskbell.policy import NO_SUCH_CONVERSATION, check_own, check_speaks
from deskbell.protocol import Typing
from deskbell.usecases.switchboard import Switchboard
from deskbell.views import participant_view, reader_of


def show_typing(
    frame: Typing, caller: Caller, *, configuration: Configuration, switchboard: Switchboard
) -> None:
    """Push the caller's typing to the other participants."""
    check_own(caller.identity, frame.interaction)
    interaction = switchboard.chats.load(frame.interaction)
    if interaction is None:
        raise NotFoundError(NO_SUCH_CONVERSATION)
    check_speaks(caller.identity, interaction, configuration)
    me = caller.identity.participant
    name = interaction.name_of(me)
    pushes = [
        (
            connection,
            {
                "type": "typing",
                "interaction": interaction.id,
                "from": participant_view(me, name, reader_of(held.participant)),
                "on": frame.on,
            },
        )
        for connection, held in interaction.connections.items()
        if held.participant != me
    ]
    switchboard.tell_participants(interaction.id, pushes, deadlines_from(configuration), caller.at)
