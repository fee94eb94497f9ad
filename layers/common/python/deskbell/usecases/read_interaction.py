"""Read an interaction's record, as its guest or as an agent of its queue."""

from typing import Any

from deskbell.configuration import Configuration
from deskbell.identity import GuestIdentity, Identity
from deskbell.policy import check_own, check_sees
from deskbell.ports import Chats
from deskbell.views import guest_record, record


def read_interaction(
    interaction: str, identity: Identity, *, configuration: Configuration, chats: Chats
) -> dict[str, Any]:
    """Give the record; raises NotFoundError for one that the caller may not see."""
    check_own(identity, interaction)
    found = check_sees(identity, chats.load(interaction), configuration)
    opening = chats.opening(interaction)
    if isinstance(identity, GuestIdentity):
        queue = configuration.queues.get(found.queue or "")
        return guest_record(found, opening, queue.name if queue else None)
    return record(found, opening)
