"""The switchboard: change a conversation whole, then tell its people.

The table is the truth and pushes are hints: everything is saved before anybody is told. Once it is saved nothing that
follows may fail the command; what a lost hint leaves behind is found by a timer, the sweeper or a client's next sync.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from deskbell.configuration import Configuration
from deskbell.deadlines import deadlines_for
from deskbell.errors import NotFoundError, UnavailableError
from deskbell.identity import GUEST
from deskbell.interaction import Interaction
from deskbell.lifecycle import Transition, with_deadline
from deskbell.message_log import Tail
from deskbell.policy import NO_SUCH_CONVERSATION
from deskbell.ports import Chats, Frame, Gateway, GoneError, Lines, NotWrittenError, SupersededError, Timers
from deskbell.timers import InteractionDue, QueueAnnouncement, Timer
from deskbell.usecases.queue_board import ANNOUNCE_EVERY, read_place

ATTEMPTS = 12
"""How often a change is decided anew because others were faster; each loss means that somebody else won."""

type Pushes = Iterable[tuple[str, Frame]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Switchboard:
    """The conversations, queues, sockets and timers, for one frame or message that came `at` (epoch milliseconds)."""

    chats: Chats
    gateway: Gateway
    timers: Timers
    lines: Lines
    configuration: Configuration
    at: int

    def change[T: Transition | None](self, interaction: str, decide: Callable[[Tail], T]) -> T:
        """Commit what `decide` makes of the conversation as it stands, deciding again when others were first.

        Sets its timer and has its queue announced. `decide` returns None when there is nothing to do. Raises
        NotFoundError, UnavailableError after ATTEMPTS losses, and whatever `decide` raises.
        """
        for _ in range(ATTEMPTS):
            tail = self.chats.tail(interaction)
            if tail is None:
                raise NotFoundError(NO_SUCH_CONVERSATION)
            transition = decide(tail)
            if transition is None:
                return transition
            completed = transition.completed(deadlines_for(transition.after, self.configuration))
            try:
                self._commit(completed)
            except SupersededError:
                continue
            self._follow_up(completed)
            return completed  # type: ignore[return-value]  # T is Transition here
        raise UnavailableError("This conversation is changing too fast; try again.")

    def update(self, interaction: str, decide: Callable[[Interaction], Interaction]) -> Interaction:
        """Save what `decide` makes of STATE where no entry is due: sockets, warnings; returns STATE after it.

        The deadline follows, also where only the configuration has changed.
        """
        for _ in range(ATTEMPTS):
            before = self.chats.load(interaction)
            if before is None:
                raise NotFoundError(NO_SUCH_CONVERSATION)
            decided = decide(before)
            after = with_deadline(decided, deadlines_for(decided, self.configuration))
            if after == before:
                return before
            try:
                self.chats.save(after)
            except SupersededError:
                continue
            self._set_timer(before, after)
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

    def tell_participants(self, interaction: str, pushes: Pushes) -> bool:
        """Push frames to a conversation's sockets and forget those that are gone; tells whether the rest worked."""
        gone, delivered = self.tell(pushes)
        if gone:
            with hint():
                self.forget(interaction, gone)
        return delivered

    def tell_place(self, interaction: Interaction) -> None:
        """Push its place in line to a waiting conversation's guest."""
        with hint():
            place = read_place(interaction, self.lines)
            frame = {"type": "queued", "interaction": interaction.id, **place}
            if place:
                pushes = [(connection, frame) for connection in interaction.connections_of(GUEST)]
                self.tell_participants(interaction.id, pushes)

    def forget(self, interaction: str, gone: tuple[str, ...]) -> Interaction:
        """Remove sockets from a conversation; its guest is lost when the last of theirs went."""
        return self.update(interaction, lambda state: state.disconnect(gone, self.at))

    def owe_announcement(self, queue: str) -> None:
        """Make sure that a queue which has changed is announced soon, however many changes there are."""
        with hint():
            announce_at = self.lines.claim_announcement(queue, self.at, ANNOUNCE_EVERY)
            if announce_at is not None:
                self.timers.send(QueueAnnouncement(queue, announce_at), self.at)

    def remind(self, timer: Timer) -> None:
        """Set a timer; should that fail, the sweeper finds what it was for by its `due_at`."""
        with hint():
            self.timers.send(timer, self.at)

    def _commit(self, transition: Transition) -> None:
        try:
            self.chats.commit(transition)
        except NotWrittenError:
            raise
        except UnavailableError:
            # Nobody knows whether it was written: STATE does.
            written = replace(transition.after, revision=transition.before.revision + 1)
            if self.chats.load(transition.before.id) != written:
                raise

    def _follow_up(self, transition: Transition) -> None:
        self._set_timer(transition.before, transition.after)
        for queue in {entry.queue for entry in (transition.leaves, transition.enters) if entry is not None}:
            self.owe_announcement(queue)

    def _set_timer(self, before: Interaction, after: Interaction) -> None:
        if after.due_at is not None and after.due_at != before.due_at:
            self.remind(InteractionDue(after.id, after.due_at))


@contextmanager
def hint() -> Iterator[None]:
    """Let what comes after a commit fail without failing the command."""
    try:
        yield
    except (UnavailableError, NotFoundError):
        return
