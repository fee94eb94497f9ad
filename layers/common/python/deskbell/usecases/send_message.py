"""Say something in a conversation: one durable, ordered, deduplicated entry, then one push per other socket."""

from deskbell.errors import NotFoundError, TooLargeError, UnavailableError
from deskbell.identity import Caller, GuestIdentity
from deskbell.interaction import Interaction
from deskbell.message_log import Entry, Tail, find_repeat, occupied_by
from deskbell.policy import NO_SUCH_CONVERSATION, check_own, check_reads_log, check_sees, check_speaks
from deskbell.ports import Frame
from deskbell.protocol import Send
from deskbell.times import rfc3339
from deskbell.usecases.switchboard import ATTEMPTS, Switchboard
from deskbell.views import push_to_all


def send_message(frame: Send, caller: Caller, *, switchboard: Switchboard) -> Frame:
    """Append a message to the log, push it to everybody else, and acknowledge it.

    A message that is there already is pushed again before it is acknowledged: the first attempt may have died in
    between, and receivers drop what they have by number. Raises UnavailableError when a first push could not be made,
    so that the sender tries again; ChatEndedError, NotAssignedError, NotFoundError, BehindError, InvalidAfterError,
    ConflictError, TooLargeError change nothing.
    """
    check_own(caller.identity, frame.interaction)
    check_reads_log(caller.identity, frame.visibility)
    most = switchboard.configuration.properties.max_text_characters
    if len(frame.text) > most:
        raise TooLargeError(f"A message has at most {most} characters.")
    interaction, entry, repeated = _append(frame, caller, switchboard)
    pushes = push_to_all(interaction.connections, [entry], but=caller.connection)
    delivered = switchboard.tell_participants(interaction.id, pushes)
    if not delivered and not repeated:
        raise UnavailableError("The message is stored; send it again to be sure that it was delivered.")
    return {"type": "sent", "id": entry.id, "seq": entry.seq, "at": rfc3339(entry.at)}


def _append(frame: Send, caller: Caller, switchboard: Switchboard) -> tuple[Interaction, Entry, bool]:
    configuration = switchboard.configuration
    tail = _read(frame, frame.after, switchboard)
    check_sees(caller.identity, tail.interaction, configuration)
    # A repeat is acknowledged even when its author may not speak any more: it was said when that was allowed.
    repeat = find_repeat(tail, frame.after, _draft(frame, caller, tail.interaction, 0))
    if repeat is not None:
        return tail.interaction, repeat, True
    check_speaks(caller.identity, tail.interaction, configuration)
    data = _anchor(frame, switchboard)
    seq = tail.head + 1
    for _ in range(ATTEMPTS):
        entry = _draft(frame, caller, tail.interaction, seq, data)
        occupant = switchboard.chats.append(entry)
        if occupant is None:
            return tail.interaction, entry, False
        found = occupied_by(occupant, entry)
        if found == "repeat":
            return tail.interaction, occupant, True
        if found == "lifecycle":
            # Who may speak, and who listens, may have changed with it.
            tail = _read(frame, seq, switchboard)
            check_speaks(caller.identity, tail.interaction, configuration)
        seq += 1
    raise UnavailableError("Too many speak at once; send it again.")


def _read(frame: Send, after: int, switchboard: Switchboard) -> Tail:
    """Read who may speak together with what was said; again while a change was written in the middle of it."""
    for _ in range(ATTEMPTS):
        tail = switchboard.chats.tail(frame.interaction, after, frame.visibility)
        if tail is None:
            raise NotFoundError(NO_SUCH_CONVERSATION)
        if not tail.torn:
            return tail
    raise UnavailableError("This conversation is changing too fast; send it again.")


def _anchor(frame: Send, switchboard: Switchboard) -> dict[str, int] | None:
    """Where among the comments a work note belongs: where its author says, else behind what there is."""
    if frame.visibility == "comment":
        return None
    comments = switchboard.chats.tail(frame.interaction)
    head = comments.head if comments else 0
    return {"anchor": head if frame.anchor is None else min(frame.anchor, head)}


def _draft(
    frame: Send, caller: Caller, interaction: Interaction, seq: int, data: dict[str, int] | None = None
) -> Entry:
    guest = isinstance(caller.identity, GuestIdentity)
    return Entry(
        interaction=frame.interaction,
        seq=seq,
        id=frame.id,
        at=caller.at,
        author=caller.identity.participant,
        name=interaction.guest_name if guest else interaction.agent_name,
        visibility=frame.visibility,
        text=frame.text,
        data=data,
    )
