"""Seat a guest in its conversation.

The socket is registered before the log is read: what is said in between is pushed, what was said before is in the
reply, and a client drops by number what comes twice.
"""

from deskbell.errors import InvalidAfterError, NotFoundError
from deskbell.identity import GUEST, Caller
from deskbell.policy import NO_SUCH_CONVERSATION, guest_only
from deskbell.ports import Frame, Tokens
from deskbell.protocol import Join
from deskbell.times import rfc3339
from deskbell.tokens import sign_guest_token
from deskbell.usecases.queue_board import read_place
from deskbell.usecases.seat import take_seat
from deskbell.usecases.switchboard import Switchboard
from deskbell.views import MAX_REPLY_BYTES, guest_record, page_view

ROOM_FOR_THE_RECORD = 4 * 1024


def join_guest(frame: Join, caller: Caller, *, switchboard: Switchboard, tokens: Tokens) -> Frame:
    """Register a guest's socket; replies with what it has not seen, its place in line, and a renewed token.

    Raises NotFoundError for a conversation that is gone, InvalidAfterError for an `after` beyond its log.
    """
    name = guest_only(caller.identity).interaction
    take_seat(name, GUEST, caller, switchboard)
    tail = switchboard.chats.tail(name)
    if tail is None:
        raise NotFoundError(NO_SUCH_CONVERSATION)
    if frame.after > tail.head:
        raise InvalidAfterError(f"The conversation has no entry {frame.after}.")
    page = switchboard.chats.page(name, frame.after, MAX_REPLY_BYTES)
    messages, more = page_view(page, "guest", MAX_REPLY_BYTES - ROOM_FOR_THE_RECORD)
    configuration = switchboard.configuration
    interaction = tail.interaction
    queue = configuration.queues.get(interaction.queue or "")
    expires_at = caller.at + configuration.properties.guest_token_life * 1000
    opening = switchboard.chats.opening(name)
    return {
        "type": "joined",
        "interaction": guest_record(interaction, opening, queue.name if queue else None),
        "messages": messages,
        "more": more,
        "head": tail.head,
        "token": sign_guest_token(name, expires_at, tokens.keys(caller.at)),
        "expires_at": rfc3339(expires_at),
        "heartbeat_seconds": configuration.properties.heartbeat,
        **read_place(interaction, switchboard.lines),
    }
