"""An outbox: messages of one log on their way, the first of them in flight, each sent until it is acknowledged.

The number that a message is sent `after` is fixed when it is first sent, so that every repeat can be recognised.
"""

from collections import deque
from dataclasses import dataclass

from tests.clients.ulid import ulid


@dataclass(slots=True)
class Draft:
    """A message with the id it keeps for good; `after` is None until it is first sent."""

    text: str
    id: str
    after: int | None = None


class Outbox:
    """What its author said, in order."""

    def __init__(self) -> None:
        self.acknowledged: dict[str, int] = {}
        self._drafts: deque[Draft] = deque()

    def __len__(self) -> int:
        return len(self._drafts)

    def say(self, text: str) -> str:
        """Add a message; gives its id."""
        draft = Draft(text, ulid())
        self._drafts.append(draft)
        return draft.id

    def first(self, head: int) -> Draft | None:
        """The message to send now, by a client that has seen `head` without a gap."""
        if not self._drafts:
            return None
        draft = self._drafts[0]
        if draft.after is None:
            draft.after = head
        return draft

    def acknowledge(self, message: str, seq: int) -> str | None:
        """Take out the message in flight, if it is this one; gives its text."""
        if not self._drafts or self._drafts[0].id != message:
            return None
        self.acknowledged[message] = seq
        return self._drafts.popleft().text

    def start_over(self) -> None:
        """Send what is in flight anew: too much was said since it was first sent to recognise it."""
        if self._drafts:
            self._drafts[0].after = None
