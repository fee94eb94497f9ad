"""Take up again a conversation that its guest left before an agent came."""

from deskbell.configuration import Configuration
from deskbell.errors import QueueClosedError
from deskbell.identity import GUEST, Caller
from deskbell.lifecycle import Transition, reopen
from deskbell.message_log import Tail
from deskbell.policy import check_own, guest_only
from deskbell.ports import Frame
from deskbell.protocol import Reopen
from deskbell.usecases.queue_board import read_place
from deskbell.usecases.switchboard import Switchboard, hint
from deskbell.views import push_to_all


def reopen_chat(frame: Reopen, caller: Caller, *, switchboard: Switchboard) -> Frame:
    """Put the conversation back in line with the age it had.

    Raises ChatEndedError when it has ended for good, ConflictError when it is open or was reopened too often,
    QueueClosedError when its queue takes nobody now.
    """
    identity = guest_only(caller.identity)
    check_own(identity, frame.interaction)
    properties = switchboard.configuration.properties
    surplus: tuple[str, ...] = ()

    def decide(tail: Tail) -> Transition:
        nonlocal surplus
        again = reopen(tail, most=properties.reopen_limit, window=properties.reopen_window, at=caller.at)
        _check_open(again.after.queue or "", switchboard.configuration, caller.at)
        seated, surplus = again.seat(caller.connection, GUEST, caller.at)
        return seated

    transition = switchboard.change(frame.interaction, decide)
    for connection in surplus:
        switchboard.gateway.close(connection)
    after = transition.after
    pushes = push_to_all(after.connections, transition.entries, but=caller.connection)
    switchboard.tell_participants(after.id, pushes)
    place: dict[str, object] = {}
    with hint():
        place = read_place(after, switchboard.lines)
    return {"type": "reopened", "interaction": after.id, "seq": transition.entries[-1].seq, **place}


def _check_open(queue: str, configuration: Configuration, at: int) -> None:
    found = configuration.queues.get(queue)
    if found is None:
        raise QueueClosedError(configuration.properties.no_match_message)
    if not found.is_open(at):
        detail = "Nobody is available for this now."
        raise QueueClosedError(detail, found.not_available_html, found.next_opening(at))
