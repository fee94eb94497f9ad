"""Show the others that somebody is writing; nothing is stored."""

from deskbell.errors import NotFoundError
from deskbell.identity import Caller
from deskbell.policy import NO_SUCH_CONVERSATION, check_own, check_speaks
from deskbell.protocol import Typing
from deskbell.usecases.switchboard import Switchboard
from deskbell.views import push_to_others


def show_typing(frame: Typing, caller: Caller, *, switchboard: Switchboard) -> None:
    """Push the caller's typing to the other participants."""
    check_own(caller.identity, frame.interaction)
    interaction = switchboard.chats.load(frame.interaction)
    if interaction is None:
        raise NotFoundError(NO_SUCH_CONVERSATION)
    check_speaks(caller.identity, interaction, switchboard.configuration)
    sign = {"type": "typing", "on": frame.on}
    pushes = push_to_others(interaction, caller.identity.participant, sign)
    switchboard.tell_participants(interaction.id, pushes)
