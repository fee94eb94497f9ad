"""Answer an idle warning: the guest is still there."""

from dataclasses import replace

from deskbell.errors import ChatEndedError
from deskbell.identity import Caller
from deskbell.interaction import Interaction
from deskbell.policy import check_own, guest_only
from deskbell.ports import Frame
from deskbell.protocol import Stay
from deskbell.usecases.switchboard import Switchboard


def stay(frame: Stay, caller: Caller, *, switchboard: Switchboard) -> Frame:
    """Start the guest's idle time anew; raises ChatEndedError when it is too late."""
    check_own(guest_only(caller.identity), frame.interaction)

    def decide(before: Interaction) -> Interaction:
        if not before.live:
            raise ChatEndedError("This conversation has ended.")
        return replace(before, quiet_since=caller.at, warned_at=None)

    switchboard.update(frame.interaction, decide)
    return {"type": "staying", "interaction": frame.interaction}
