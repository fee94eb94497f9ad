"""The whole service in memory: every use case over the fakes, and short ways to where a test begins."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest

from deskbell.admission import GUESTS, seen_windows
from deskbell.agents import Agent, Presence
from deskbell.configuration import Configuration
from deskbell.errors import DeskbellError
from deskbell.identity import AgentIdentity, Caller, GuestIdentity
from deskbell.interaction import Interaction
from deskbell.message_log import Entry
from deskbell.ports import Frame
from deskbell.protocol import (
    Accept,
    End,
    Join,
    Ping,
    Read,
    Reopen,
    Send,
    SetPresence,
    Stay,
    Sync,
    Typing,
)
from deskbell.timers import InteractionDue, Timer
from deskbell.usecases.accept import accept_chat
from deskbell.usecases.announce_queue import announce_queue
from deskbell.usecases.disconnect import disconnect
from deskbell.usecases.end import end_chat
from deskbell.usecases.handle_timer import handle_timer
from deskbell.usecases.join import join
from deskbell.usecases.mark_read import mark_read
from deskbell.usecases.ping import ping
from deskbell.usecases.reopen import reopen_chat
from deskbell.usecases.route import route_interaction
from deskbell.usecases.send_message import send_message
from deskbell.usecases.set_presence import set_presence
from deskbell.usecases.show_typing import show_typing
from deskbell.usecases.stay import stay
from deskbell.usecases.submit_form import Submission, Submitted, submit_form
from deskbell.usecases.sweep import sweep
from deskbell.usecases.switchboard import Switchboard
from deskbell.usecases.sync import sync
from tests.fakes.agents import FakeAgents
from tests.fakes.chats import FakeChats
from tests.fakes.cursors import FakeCursors
from tests.fakes.directory import FakeDirectory
from tests.fakes.faults import Faults
from tests.fakes.gateway import FakeGateway
from tests.fakes.lines import FakeLines
from tests.fakes.meter import FakeMeter
from tests.fakes.queues import FakeRouteQueue, FakeTimers
from tests.fakes.rate_windows import FakeRateWindows
from tests.fakes.table import ChatsTable
from tests.fakes.tokens import FakeTokens

NOW = 1_800_000_000_000
SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
STAFF = frozenset({"agents"})
ANSWERS = {
    "first_name": "Grace",
    "last_name": "Hopper",
    "email": "grace@example.com",
    "issue_type": "billing",
    "description": "The bell does not ring.",
}


def ulid(number: int) -> str:
    """A message id; the same number gives the same id."""
    return f"{number:026d}"


def document(**properties: int | str | bool) -> dict[str, Any]:
    """The shipped configuration with ann and bob in every group, and these properties by name."""
    groups = [
        {"id": name, "name": f"{name} people", "members": ["ann", "bob"]}
        for name in ("product", "billing", "order")
    ]
    return {"groups": groups, "properties": dict(properties)}


class Service:
    """One process over one table; `now` moves when a test says so."""

    def __init__(self, configured: dict[str, Any] | None = None, table: ChatsTable | None = None) -> None:
        self.now = NOW
        self.configuration = Configuration.from_document(configured or document(), version=7)
        self.faults = Faults()
        self.table = ChatsTable() if table is None else table
        self.chats = FakeChats(self.table, self.faults)
        self.lines = FakeLines(self.table, self.faults)
        self.agents = FakeAgents(self.table, self.faults)
        self.cursors = FakeCursors(self.table, self.faults)
        self.gateway = FakeGateway(self.faults)
        self.timers = FakeTimers(self.faults)
        self.route_queue = FakeRouteQueue(self.faults)
        self.tokens = FakeTokens(self.faults)
        self.directory = FakeDirectory({"ann": "Ann Other", "bob": "Bob Tail"})
        self.meter = FakeMeter()
        self.windows = FakeRateWindows()
        self.seen = seen_windows()
        self._message = 0
        self._request = 0

    def switchboard(self, at: int | None = None, lines: FakeLines | None = None) -> Switchboard:
        return Switchboard(
            chats=self.chats,
            gateway=self.gateway,
            timers=self.timers,
            lines=lines or self.lines,
            configuration=self.configuration,
            at=self.now if at is None else at,
        )

    # People

    def guest_of(self, interaction: str, connection: str = "g1") -> Caller:
        return Caller(GuestIdentity(interaction, self.now + DAY), connection, self.now)

    def agent(self, name: str = "ann", connection: str = "a1", roles: frozenset[str] = STAFF) -> Caller:
        return Caller(AgentIdentity(name, roles, self.now + HOUR), connection, self.now)

    # Use cases

    def submit(
        self,
        key: str | None = None,
        answers: dict[str, object] | None = None,
        client: str | None = "client",
        form: str = "default",
        request: str | None = None,
    ) -> Submitted:
        self._request += 1
        submission = Submission(
            form=form,
            answers={**ANSWERS, **(answers or {})},
            request=request or f"request {self._request}",
            client=client,
            at=self.now,
            idempotency_key=key,
        )
        return submit_form(
            submission,
            configuration=self.configuration,
            chats=self.chats,
            windows=self.windows,
            seen=self.seen,
            route_queue=self.route_queue,
            tokens=self.tokens,
            meter=self.meter,
        )

    def route(self, interaction: str) -> None:
        route_interaction(
            interaction,
            switchboard=self.switchboard(),
            meter=self.meter,
        )

    def join(self, caller: Caller, after: int = 0) -> Any:
        return join(
            Join(action="join", after=after),
            caller,
            switchboard=self.switchboard(caller.at),
            agents=self.agents,
            cursors=self.cursors,
            directory=self.directory,
            tokens=self.tokens,
        )

    def send(
        self,
        caller: Caller,
        interaction: str,
        text: str = "Hello?",
        *,
        id: str | None = None,  # noqa: A002
        after: int = 1,
        visibility: Literal["comment", "work_note"] = "comment",
        anchor: int | None = None,
    ) -> Any:
        self._message += 1
        frame = Send(
            action="send",
            interaction=interaction,
            id=id or ulid(self._message),
            text=text,
            after=after,
            visibility=visibility,
            anchor=anchor,
        )
        return send_message(frame, caller, switchboard=self.switchboard(caller.at))

    def sync(
        self,
        caller: Caller,
        interaction: str,
        after: int = 0,
        log: Literal["comment", "work_note"] = "comment",
    ) -> Any:
        frame = Sync(action="sync", interaction=interaction, after=after, log=log)
        return sync(frame, caller, switchboard=self.switchboard(caller.at))

    def accept(
        self,
        caller: Caller | None = None,
        queue: str | None = "billing",
        interaction: str | None = None,
        lines: FakeLines | None = None,
    ) -> Any:
        caller = caller or self.agent()
        return accept_chat(
            Accept(action="accept", queue=queue, interaction=interaction),
            caller,
            switchboard=self.switchboard(caller.at, lines),
            agents=self.agents,
        )

    def end(self, caller: Caller, interaction: str) -> Any:
        frame = End(action="end", interaction=interaction)
        return end_chat(
            frame,
            caller,
            switchboard=self.switchboard(caller.at),
        )

    def reopen(self, caller: Caller, interaction: str) -> Any:
        return reopen_chat(
            Reopen(action="reopen", interaction=interaction),
            caller,
            switchboard=self.switchboard(caller.at),
        )

    def stay(self, caller: Caller, interaction: str) -> Frame:
        frame = Stay(action="stay", interaction=interaction)
        return stay(frame, caller, switchboard=self.switchboard(caller.at))

    def typing(self, caller: Caller, interaction: str, *, on: bool = True) -> None:
        frame = Typing(action="typing", interaction=interaction, on=on)
        show_typing(frame, caller, switchboard=self.switchboard(caller.at))

    def read(
        self, caller: Caller, interaction: str, seq: int, state: Literal["delivered", "read"] = "read"
    ) -> None:
        mark_read(
            Read(action="read", interaction=interaction, seq=seq, state=state),
            caller,
            switchboard=self.switchboard(caller.at),
            cursors=self.cursors,
        )

    def ping(self, caller: Caller) -> Frame:
        return ping(Ping(action="ping"), caller, switchboard=self.switchboard(caller.at))

    def presence(self, caller: Caller, state: Presence) -> Frame:
        return set_presence(
            SetPresence(action="presence", state=state),
            caller,
            switchboard=self.switchboard(caller.at),
            agents=self.agents,
        )

    def disconnect(self, caller: Caller) -> None:
        disconnect(
            caller.identity,
            caller.connection,
            switchboard=self.switchboard(caller.at),
            agents=self.agents,
        )

    def handle(self, timer: Timer) -> bool:
        return handle_timer(
            timer,
            switchboard=self.switchboard(),
            agents=self.agents,
            route_queue=self.route_queue,
        )

    def announce(self, queue: str = "billing") -> None:
        announce_queue(
            queue,
            switchboard=self.switchboard(),
        )

    def sweep(self) -> int:
        def enforce(timer: Timer, _at: int) -> bool:
            return self.handle(timer)

        return sweep(self.now, chats=self.chats, enforce=enforce, meter=self.meter)

    # Where tests begin

    def later(self, milliseconds: int) -> None:
        """Let time pass; timers are handled only where a test does so."""
        self.now += milliseconds

    def submitted(self, **answers: object) -> str:
        """A stored interaction that is not routed yet."""
        return self.submit(answers=answers, client=None).interaction.id

    def waiting(self, connection: str | None = "g1", **answers: object) -> str:
        """A routed interaction whose guest is connected, or not."""
        interaction = self.submitted(**answers)
        self.route(interaction)
        if connection is not None:
            self.join(self.guest_of(interaction, connection))
        return interaction

    def conversation(self, guest: str = "g1", agent: str = "ann", desk: str = "a1") -> str:
        """A guest and an agent talking: opening 1, accepted 2, initial response 3."""
        interaction = self.waiting(guest)
        self.join(self.agent(agent, desk))
        self.accept(self.agent(agent, desk))
        self.forget_pushes()
        return interaction

    def forget_pushes(self) -> None:
        """Look only at what is pushed and set from here on."""
        self.gateway.sent.clear()
        self.timers.sent.clear()

    # What a test looks at

    def state(self, interaction: str) -> Interaction:
        return self.table.states[interaction]

    def log(self, interaction: str, log: Literal["comment", "work_note"] = "comment") -> tuple[Entry, ...]:
        return self.chats.entries(interaction, log)

    def events(self, interaction: str) -> list[str | None]:
        """The log as what happened in it: lifecycle events, or the words said."""
        return [entry.event or entry.text for entry in self.log(interaction)]

    def at_work(self, name: str = "ann") -> Agent:
        return self.table.agents[name]

    def due(self, interaction: str) -> InteractionDue:
        """The timer that the conversation waits for now."""
        due_at = self.state(interaction).due_at
        assert due_at is not None
        return InteractionDue(interaction, due_at)

    def come_due(self, interaction: str) -> bool:
        """Let time pass until the conversation is due, and let its timer come."""
        timer = self.due(interaction)
        self.now = max(self.now, timer.at)
        return self.handle(timer)

    def admitted(self) -> int:
        """How many conversations the window of all guests counts."""
        window = self.windows.windows.get(GUESTS)
        return window.total if window else 0

    def everything(self) -> object:
        """All that is stored, sent or set."""
        logs = {name: log for name, log in self.table.logs.items() if log}
        kept = {**vars(self.table), "logs": logs}
        return copy.deepcopy(
            (kept, self.gateway.sent, self.gateway.closed, self.timers.sent, self.route_queue.sent)
        )

    @contextmanager
    def refusing[E: DeskbellError](self, error: type[E]) -> Iterator[pytest.ExceptionInfo[E]]:
        """Expect a refusal that stores nothing, sends nothing and sets nothing."""
        before = self.everything()
        with pytest.raises(error) as caught:
            yield caught
        assert self.everything() == before
