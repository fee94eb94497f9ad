"""Sends, accepts, ends and a lost agent in every order that Hypothesis can think of.

G1: the log has no hole and no duplicate, everything acknowledged is in it once, and nobody speaks in it who had no
right to at that place. G3: at most one agent has a conversation, an agent never has more than its capacity, and slots
and conversations always agree.
"""

from collections.abc import Callable
from contextlib import suppress
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from deskbell.errors import (
    AtCapacityError,
    ChatEndedError,
    ConflictError,
    NotAssignedError,
    QueueEmptyError,
    UnavailableError,
)
from deskbell.identity import Caller, agent_of
from deskbell.interaction import State
from deskbell.message_log import Entry
from deskbell.timers import AgentDue
from tests.builders.interleaving import Interleaving
from tests.builders.service import MINUTE, Service, document, ulid

CAPACITY = 1
LOST_RACES = (AtCapacityError, QueueEmptyError, ConflictError)
NO_MORE = (ChatEndedError, NotAssignedError)


class Storm:
    """Two conversations, two agents with room for one each, and everything at once."""

    def __init__(self, random: Random) -> None:
        self.service = Service(document(**{"connect.support.conversation_limit": CAPACITY}))
        self.chats = [self.service.waiting("g0"), self.service.waiting("g1")]
        for name in ("ann", "bob"):
            self.service.join(self.service.agent(name, name))
        self.acknowledged: list[tuple[str, str, int]] = []
        self._ids = 0
        self.interleaving = Interleaving(random.randrange, self.check_always)
        self.service.faults.pause = self.interleaving.pause

    def next_id(self) -> str:
        self._ids += 1
        return ulid(self._ids)

    def says(self, caller: Caller, chat: str, times: int, *, twice: bool = False) -> Callable[[], None]:
        """A client that sends one message after another, each until it is acknowledged or refused for good."""
        ids = [self.next_id() for _ in range(times)]

        def job() -> None:
            for name in ids:
                for _ in range(2 if twice else 1):
                    if not self.send(caller, chat, name):
                        return

        return job

    def agent_works(self, name: str, *, ends: bool) -> Callable[[], None]:
        """Accept the next, say something, perhaps end it."""

        def job() -> None:
            caller = self.service.agent(name, name)
            try:
                chat = self.service.accept(caller)["interaction"]
            except LOST_RACES:
                return
            self.says(caller, chat, 2)()
            if ends:
                self._try(lambda: self.service.end(caller, chat))

        return job

    def guest_leaves(self, place: int) -> Callable[[], None]:
        guest = self.service.guest_of(self.chats[place], f"g{place}")
        return lambda: self._try(lambda: self.service.end(guest, self.chats[place]))

    def agent_is_lost(self, name: str) -> Callable[[], None]:
        """The lease runs out, as another process's later clock sees it."""

        def job() -> None:
            reaper = Service(table=self.service.table)
            reaper.configuration = self.service.configuration
            reaper.faults.pause = self.interleaving.pause
            reaper.now = self.service.now + 10 * MINUTE
            due_at = self.service.at_work(name).due_at
            if due_at is not None:
                reaper.handle(AgentDue(name, due_at))

        return job

    def send(self, caller: Caller, chat: str, name: str) -> bool:
        while True:
            try:
                sent = self.service.send(caller, chat, f"text of {name}", id=name)
            except NO_MORE:
                return False
            except UnavailableError:
                continue
            self.acknowledged.append((chat, name, sent["seq"]))
            return True

    @staticmethod
    def _try(attempt: Callable[[], object]) -> None:
        with suppress(*NO_MORE):
            attempt()

    # What holds at every moment

    def check_always(self) -> None:
        table = self.service.table
        for agent in table.agents.values():
            assigned = {chat for chat, state in table.states.items() if state.is_assigned_to(agent.id)}
            assert set(agent.slots) == assigned
            assert len(agent.slots) <= CAPACITY
        in_line = {entry.interaction for entry in table.waiting}
        assert in_line == {chat for chat, state in table.states.items() if state.state is State.WAITING}

    # What holds in the end

    def check_logs(self) -> None:
        for chat in self.chats:
            log = self.service.log(chat)
            assert [entry.seq for entry in log] == list(range(1, len(log) + 1))
            assert len({entry.id for entry in log}) == len(log)
            _check_authority(log)
        for chat, name, seq in self.acknowledged:
            assert [entry.seq for entry in self.service.log(chat) if entry.id == name] == [seq]


def _check_authority(log: tuple[Entry, ...]) -> None:
    """Read from the log alone, whoever spoke was allowed to at that place."""
    assigned: str | None = None
    ended = False
    for entry in log:
        assert not ended, f"{entry} stands behind the end"
        agent = agent_of(entry.author)
        if entry.event == "accepted":
            assert assigned is None
            assigned = agent
        elif entry.event == "agent_left":
            assert assigned == agent
            assigned = None
        elif entry.event in ("ended", "abandoned"):
            ended = True
        elif agent is not None:
            assert assigned == agent, f"{entry} by an agent who was not assigned"


@settings(max_examples=150, deadline=None)
@given(random=st.randoms(use_true_random=False), ends=st.booleans(), leaves=st.booleans(), lost=st.booleans())
def test_whatever_the_order_log_and_assignments_hold(
    random: Random, ends: bool, leaves: bool, lost: bool
) -> None:
    storm = Storm(random)
    guests = [storm.service.guest_of(chat, f"g{place}") for place, chat in enumerate(storm.chats)]
    jobs = [
        storm.says(guests[0], storm.chats[0], 2, twice=True),
        storm.says(guests[1], storm.chats[1], 2),
        storm.agent_works("ann", ends=ends),
        storm.agent_works("bob", ends=False),
        storm.agent_works("ann", ends=ends),
    ]
    if leaves:
        jobs.append(storm.guest_leaves(0))
    if lost:
        jobs.append(storm.agent_is_lost("ann"))

    storm.interleaving.run(jobs)

    storm.check_logs()


@settings(max_examples=50, deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_two_tabs_that_send_the_same_message_at_once_say_it_once(random: Random) -> None:
    storm = Storm(random)
    chat = storm.chats[0]
    guest = storm.service.guest_of(chat, "g0")
    name = storm.next_id()

    storm.interleaving.run(
        [
            *[_sending(storm, guest, chat, name)] * 3,
            storm.agent_works("ann", ends=False),
        ]
    )

    assert len({seq for _, it, seq in storm.acknowledged if it == name}) == 1
    storm.check_logs()


def _sending(storm: Storm, caller: Caller, chat: str, name: str) -> Callable[[], None]:
    def job() -> None:
        storm.send(caller, chat, name)

    return job
