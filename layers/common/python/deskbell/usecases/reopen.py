"""Take up again a conversation that its guest left before an agent came."""

from deskbell.configuration import Configuration
from deskbell.deadlines import deadlines_from
from deskbell.identity import GUEST, Caller
from deskbell.lifecycle import Transition, reopen
from deskbell.message_log import Tail
from deskbell.policy import check_own, guest_only
from deskbell.ports import Frame, Lines
from deskbell.protocol import Reopen
from deskbell.usecases.queue_board import owe_announcement, read_place
from deskbell.usecases.switchboard import Switchboard
from deskbell.views import push_to_all


def reopen_chat(
    frame: Reopen, caller: Caller, *, configuration: Configuration, switchboard: Switchboard, lines: Lines
) -> Frame:
    """Put the conversation back in line with the age it had.

    Raises ChatEndedError when it has ended for good, ConflictError when it is open or was reopened too often.
    """
    identity = guest_only(caller.identity)
    check_own(identity, frame.interaction)
    deadlines = deadlines_from(configuration)

    def decide(tail: Tail) -> Transition:
        again = reopen(tail, most=configuration.properties.reopen_limit, at=caller.at, deadlines=deadlines)
        return again.seat(caller.connection, GUEST, caller.at, deadlines)

    transition = switchboard.change(frame.interaction, decide, caller.at)
    after = transition.after
    pushes = push_to_all(after.connections, transition.entries, but=caller.connection)
    switchboard.tell_participants(after.id, pushes, deadlines, caller.at)
    queue = after.queue or ""
    owe_announcement(queue, caller.at, lines, switchboard.timers)
    place = read_place(after.id, queue, lines)
    return {"type": "reopened", "interaction": after.id, "seq": transition.entries[-1].seq, **place}
