"""Catch up: the entries behind a number, by socket or by HTTP."""

from deskbell.configuration import Configuration
from deskbell.errors import InvalidAfterError, NotFoundError
from deskbell.identity import Caller, Identity
from deskbell.message_log import Visibility
from deskbell.policy import NO_SUCH_CONVERSATION, check_own, check_reads_log, check_sees
from deskbell.ports import Chats, Frame
from deskbell.protocol import MAX_REPLY_BYTES, Sync
from deskbell.views import page_view, reader_of

ROOM_FOR_THE_REST = 1024


def sync(frame: Sync, caller: Caller, *, configuration: Configuration, chats: Chats) -> Frame:
    """Reply with as many entries behind `after` as fit into one frame."""
    items, more = read_entries(
        frame.interaction, frame.after, frame.log, caller.identity, configuration=configuration, chats=chats
    )
    return {"type": "messages", "interaction": frame.interaction, "items": items, "more": more}


def read_entries(
    interaction: str,
    after: int,
    log: Visibility,
    identity: Identity,
    *,
    configuration: Configuration,
    chats: Chats,
) -> tuple[list[Frame], bool]:
    """Read a log behind a number; tells whether it goes on.

    Raises NotFoundError, ForbiddenError for a guest who asks for work notes, InvalidAfterError for a number beyond
    the head.
    """
    check_own(identity, interaction)
    check_reads_log(identity, log)
    state = check_sees(identity, chats.load(interaction), configuration)
    page = chats.page(interaction, after, MAX_REPLY_BYTES, log)
    reader = reader_of(identity.participant)
    if not page.items and after > 0:
        tail = chats.tail(state.id, None, log)
        if tail is None:
            raise NotFoundError(NO_SUCH_CONVERSATION)
        if after > tail.head:
            raise InvalidAfterError(f"The conversation has no entry {after}.")
    items, more = page_view(page, reader, MAX_REPLY_BYTES - ROOM_FOR_THE_REST)
    return list(items), more
