"""Catch up: the entries behind a number, by socket or by HTTP."""

from typing import Any

from deskbell.configuration import Configuration
from deskbell.errors import InvalidAfterError, NotFoundError
from deskbell.identity import Caller, Identity
from deskbell.message_log import Page, Visibility
from deskbell.policy import NO_SUCH_CONVERSATION, check_own, check_reads_log, check_sees
from deskbell.ports import Chats, Frame
from deskbell.protocol import Sync
from deskbell.usecases.switchboard import Switchboard
from deskbell.views import MAX_REPLY_BYTES, page_view, reader_of

ROOM_FOR_THE_REST = 1024


def sync(frame: Sync, caller: Caller, *, switchboard: Switchboard) -> Frame:
    """Reply with as many entries behind `after` as fit into one frame."""
    items, more = read_entries(
        frame.interaction,
        frame.after,
        frame.log,
        caller.identity,
        configuration=switchboard.configuration,
        chats=switchboard.chats,
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
) -> tuple[list[dict[str, Any]], bool]:
    """Read a log behind a number; tells whether it goes on.

    One read where the client is nearly up to date, which it is with each sign of life. Raises NotFoundError,
    ForbiddenError for a guest who asks for work notes, InvalidAfterError for a number beyond the head.
    """
    check_own(identity, interaction)
    check_reads_log(identity, log)
    tail = chats.tail(interaction, after, log)
    if tail is None:
        raise NotFoundError(NO_SUCH_CONVERSATION)
    check_sees(identity, tail.interaction, configuration)
    if after > tail.head:
        raise InvalidAfterError(f"The conversation has no entry {after}.")
    if tail.complete:
        page = Page(tuple(entry for entry in tail.entries if entry.seq > after), more=False)
    else:
        page = chats.page(interaction, after, MAX_REPLY_BYTES, log)
    return page_view(page, reader_of(identity.participant), MAX_REPLY_BYTES - ROOM_FOR_THE_REST)
