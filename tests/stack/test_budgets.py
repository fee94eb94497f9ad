"""What things may cost, counted where functions call the emulator: units, calls and pushes, never time."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import count
from typing import Any
from uuid import uuid4

import pytest

from bench.clients import Desk, Frame, Socket, answers_of, text_of, ulid
from bench.wire_log import Step, WireLog, only, state_sizes, without
from local.emulator.capacity import index_units, item_size, read_units, write_units
from local.stack import Stack
from tests.builders.installation import Installation

CLIENT = "198.51.100.7"
PER_CLIENT = 5
QUEUE = "product"
_ADDRESSES = count(1)


class Chat:
    """A guest and an agent on two devices each, in an accepted chat."""

    def __init__(self, wire: WireLog, stack: Stack, sockets: ExitStack, agent: str) -> None:
        def opened(token: str) -> Socket:
            socket = sockets.enter_context(closing(Socket(stack, token)))
            socket.ask("join")
            return socket

        self.wire = wire
        token = stack.access_token(agent)
        self.agent, self.agents_other = opened(token), opened(token)
        _empty(self.agent)
        submitted = submit(Desk(stack), f"203.0.113.{next(_ADDRESSES)}")
        self.interaction: str = submitted["interaction"]["id"]
        wire.settle()
        self.guest, self.guests_other = opened(submitted["token"]), opened(submitted["token"])
        accepted: list[Frame] = []
        self.accepting = wire.measure(lambda: accepted.append(self.agent.ask("accept", queue=QUEUE)))
        assert accepted[0]["interaction"] == self.interaction
        self.head = 3

    def say(self, text: str, identity: str | None = None) -> Frame:
        """Let the guest's first device say something; the same id says it again."""
        reply = self.guest.ask(
            "send", interaction=self.interaction, id=identity or ulid(), text=text, after=self.head
        )
        self.head = max(self.head, reply["seq"] - 1)
        return reply

    def measure(self, text: str, identity: str | None = None) -> Step:
        """Count what a message costs once all that many share is known: configuration, leases."""
        self.say("Warm.")
        return self.wire.measure(lambda: self.say(text, identity))


def submit(desk: Desk, client: str, key: str | None = None) -> Frame:
    status, body = desk.submit(client, answers_of(QUEUE), idempotency_key=key)
    assert status == 201, body
    return body


def _empty(agent: Socket) -> None:
    while True:
        try:
            found = agent.ask("accept", queue=QUEUE)
        except RuntimeError:
            return
        agent.ask("end", interaction=found["interaction"])


@pytest.fixture(scope="module")
def limited(installation: Installation) -> Iterator[Stack]:
    """The stack with both limits on guests, so that their windows are counted too."""
    installation.configure(
        connect__support__max_guest_sessions_per_hour=100_000,
        deskbell__guest__max_sessions_per_client_per_hour=PER_CLIENT,
    )
    yield installation.stack
    installation.configure()


@pytest.fixture(scope="module")
def wire(limited: Stack) -> WireLog:
    assert limited.wire is not None
    return WireLog(limited.wire)


@pytest.fixture(scope="module")
def desk(limited: Stack) -> Desk:
    return Desk(limited)


@pytest.fixture(scope="module")
def chat(wire: WireLog, limited: Stack) -> Iterator[Chat]:
    with ExitStack() as sockets:
        yield Chat(wire, limited, sockets, "alice")


@pytest.mark.parametrize("key", [None, "a key"])
def test_a_submission_of_1_kb_writes_at_most_6_units_index_included(
    wire: WireLog, desk: Desk, key: str | None
) -> None:
    step = wire.measure(lambda: submit(desk, CLIENT, key and str(uuid4())))
    submission = without(step, "Route").own
    assert submission.write + submission.index <= 6
    assert submission.calls.total() <= 5
    assert submission.sqs == 1


def test_routing_writes_at_most_4_units_beside_its_index_and_board(wire: WireLog, desk: Desk) -> None:
    routing = only(wire.measure(lambda: submit(desk, "198.51.100.8")), "Route")
    assert routing.own.write <= 4
    assert routing.own.index <= 2
    assert routing.board.write <= 1


def test_a_refusal_whose_limit_is_known_writes_and_reads_nothing(wire: WireLog, desk: Desk) -> None:
    crowd = "198.51.100.9"
    for _ in range(PER_CLIENT + 1):
        status, _ = desk.submit(crowd, answers_of(QUEUE))
        wire.settle()
    assert status == 429
    refused = wire.measure(lambda: desk.submit(crowd, answers_of(QUEUE)))
    assert refused.own.invocations.total() == 1
    assert not refused.own.calls


def test_a_submission_that_is_not_valid_costs_no_call(wire: WireLog, desk: Desk) -> None:
    refused = wire.measure(lambda: desk.submit(CLIENT, {"first_name": "Ada"}))
    assert refused.own.invocations.total() == 1
    assert not refused.own.calls


@pytest.mark.parametrize("size", [1, 100, 900])
def test_a_message_up_to_1_kb_is_one_write_one_read_and_a_push_per_other_connection(
    chat: Chat, size: int
) -> None:
    said = chat.measure(text_of(size)).own
    assert (said.write, said.index, said.read) == (1, 0, 1)
    assert said.calls == {"Query": 1, "PutItem": 1}
    assert said.pushes == 3
    assert said.invocations == {"Relay": 1}
    assert said.sqs == 0


def test_a_repeated_message_is_one_read_and_the_same_pushes(chat: Chat) -> None:
    identity = ulid()
    chat.measure("Once.", identity)
    again = chat.wire.measure(lambda: chat.say("Once.", identity)).own
    assert (again.write, again.read, again.pushes) == (0, 1, 3)


def test_what_a_container_shares_among_messages_is_not_asked_for_by_each(chat: Chat) -> None:
    chat.say("Warm.")
    at_once = chat.wire.measure(lambda: _go_on(chat))
    # A look at the configuration may fall into it, and a lease of the pace.
    assert at_once.shared.calls.total() <= 2
    assert at_once.shared.write <= 1


def _go_on(chat: Chat) -> None:
    for _ in range(5):
        chat.say("And on.")


def test_accept_writes_at_most_10_units_beside_the_queues_board(chat: Chat) -> None:
    accepting = chat.accepting
    assert accepting.own.write <= 10
    assert accepting.own.index <= 2
    assert accepting.own.calls["TransactWriteItems"] == 1
    assert accepting.board.write <= 2


def test_end_writes_at_most_6_units(wire: WireLog, limited: Stack) -> None:
    with ExitStack() as sockets:
        chat = Chat(wire, limited, sockets, "mona")
        ending = wire.measure(lambda: chat.agent.ask("end", interaction=chat.interaction))
    assert ending.own.write <= 6
    assert ending.own.index <= 1
    assert ending.own.pushes == 3


def test_state_stays_below_700_bytes_with_everybody_on_two_devices(chat: Chat) -> None:
    sizes = state_sizes(chat.measure("How large is it?").records)
    assert sizes
    assert max(sizes) <= 700


def test_typing_costs_one_read_and_nothing_for_whoever_types(chat: Chat) -> None:
    typing = chat.wire.measure(lambda: chat.agent.tell("typing", interaction=chat.interaction, on=True)).own
    assert (typing.write, typing.read) == (0, 1)
    assert typing.pushes == 2


@pytest.mark.parametrize(
    ("item", "size"),
    [
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
        ({"pk": {"S": "né"}}, 2 + 3),
        ({"n": {"N": "1795372288469"}}, 1 + 8),
        ({"n": {"N": "-100"}}, 1 + 3),
        ({"n": {"N": "0"}}, 1 + 1),
        ({"b": {"BOOL": True}}, 1 + 1),
        ({"m": {"M": {"ab": {"S": "c"}}}}, 1 + 3 + 1 + 2 + 1),
        ({"l": {"L": [{"S": "ab"}]}}, 1 + 3 + 1 + 2),
    ],
)
def test_sizes_are_counted_as_dynamodb_documents_them(item: dict[str, Any], size: int) -> None:
    assert item_size(item) == size


def test_units_are_counted_as_dynamodb_documents_them() -> None:
    kilobyte = {"t": {"S": "x" * 1023}}
    more = {"t": {"S": "x" * 1024}}
    assert (write_units(None, kilobyte), write_units(kilobyte, more), write_units(None, None)) == (1, 2, 1)
    assert read_units([], consistent=True) == 1
    assert read_units([kilobyte] * 4, consistent=True) == 1
    assert read_units([more] * 4, consistent=True) == 2
    assert read_units([more] * 4, consistent=False) == 1
    entry, later, other = (
        {"shard": {"S": "due#1"}, "at": {"N": at}, "extra": {"S": extra}}
        for at, extra in (("1", ""), ("2", ""), ("1", "x"))
    )
    keys = ("shard", "at")
    assert (index_units(None, None, keys), index_units(None, entry, keys)) == (0, 1)
    assert [index_units(entry, after, keys) for after in (None, entry, later, other)] == [1, 0, 2, 1]
