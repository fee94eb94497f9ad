"""The switchboard: change a conversation whole, then tell its people.

The table is the truth and pushes are hints: everything is saved before anybody is told, and a push that is lost is
found again by a client's next sync.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from deskbell.deadlines import DeadlinesOf
from deskbell.errors import NotFoundError, UnavailableError
from deskbell.interaction import Interaction
from deskbell.lifecycle import Transition, with_deadline
from deskbell.message_log import Tail
from deskbell.policy import NO_SUCH_CONVERSATION
from deskbell.ports import Chats, Frame, Gateway, GoneError, SupersededError, Timers
from deskbell.timers import InteractionDue

ATTEMPTS = 12
"""How often a change is decided anew because others were faster; each loss means that somebody else won."""

type Pushes = Iterable[tuple[str, Frame]]


@dataclass(frozen=True, slots=True)
class Switchboard:
    """The conversations, their sockets and their timers, as one thing to work with."""

    chats: Chats
    gateway: Gateway
    timers: Timers

    def change[T: Transition | None](self, interaction: str, decide: Callable[[Tail], T], at: int) -> T:
        """Commit what `decide` makes of the conversation as it stands, deciding again when others were first.

        `decide` returns None when there is nothing to do. Raises NotFoundError, UnavailableError after ATTEMPTS
        losses, and whatever `decide` raises.
        """
        for _ in range(ATTEMPTS):
            tail = self.chats.tail(interaction)
            if tail is None:
                raise NotFoundError(NO_SUCH_CONVERSATION)
            transition = decide(tail)
            if transition is None:
                return transition
            try:
                self.chats.commit(transition)
            except SupersededError:
                continue
            self._set_timer(transition.before, transition.after, at)
            return transition
        raise UnavailableError("This conversation is changing too fast; try again.")

    def update(
        self, interaction: str, decide: Callable[[Interaction], Interaction], deadlines: DeadlinesOf, at: int
    ) -> Interaction:
        """Save what `decide` makes of STATE where no entry is due: sockets, warnings; returns STATE after it."""
        for _ in range(ATTEMPTS):
            before = self.chats.load(interaction)
            if before is None:
                raise NotFoundError(NO_SUCH_CONVERSATION)
            after = decide(before)
            if after == before:
                return before
            after = with_deadline(after, deadlines)
            try:
                self.chats.save(after)
            except SupersededError:
                continue
            self._set_timer(before, after, at)
            return after
        raise UnavailableError("This conversation is changing too fast; try again.")

    def tell(self, pushes: Pushes) -> tuple[tuple[str, ...], bool]:
        """Push each frame to its socket; returns the sockets that are gone, and whether every other push worked."""
        gone: dict[str, None] = {}
        delivered = True
        for connection, frame in pushes:
            if connection in gone:
                continue
            try:
                self.gateway.push(connection, frame)
            except GoneError as error:
                gone[error.connection] = None
            except UnavailableError:
                delivered = False
        return tuple(gone), delivered

    def tell_participants(self, interaction: str, pushes: Pushes, deadlines: DeadlinesOf, at: int) -> bool:
        """Push frames to a conversation's sockets and forget those that are gone; tells whether the rest worked."""
        gone, delivered = self.tell(pushes)
        if gone:
            self.forget(interaction, gone, deadlines, at)
        return delivered

    def forget(self, interaction: str, gone: tuple[str, ...], deadlines: DeadlinesOf, at: int) -> Interaction:
        """Remove sockets from a conversation; its guest is lost when the last of theirs went."""
        return self.update(interaction, lambda state: state.disconnect(gone, at), deadlines, at)

    def _set_timer(self, before: Interaction, after: Interaction, at: int) -> None:
        if after.due_at is None or after.due_at == before.due_at:
            return
        try:
            self.timers.send(InteractionDue(after.id, after.due_at), at)
        except UnavailableError:
            # STATE itself carries due_at: the sweeper finds what this timer would have.
            return
