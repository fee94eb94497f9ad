"""What a submission, a message and a chat cost, counted where functions call the emulator.

Units are DynamoDB's, computed from the items (local/emulator/capacity.py). What many steps share has a table of its
own: a busy stack spreads it over many chats, an idle one pays it with each.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from bench.clients import Desk, Frame, Socket, answers_of, text_of, ulid
from bench.prices import Usage
from bench.wire_log import Counts, Step, WireLog, only, state_sizes, without
from local.stack import Stack

CREATED = 201
MESSAGES = 20
MINUTES = 10
HEARTBEAT_SECONDS = 30
KILOBYTE = 1024


class Bench:
    """People on one stack, and what each thing they do costs."""

    def __init__(self, stack: Stack) -> None:
        assert stack.wire is not None  # noqa: S101 - temporary stacks record
        self.stack = stack
        self.log = WireLog(stack.wire)
        self.desk = Desk(stack)
        self.steps: dict[str, Step] = {}
        self._clients = 0

    def measure[T](self, name: str, act: Callable[[], T]) -> T:
        """Do something and keep what it cost under this name; gives what it gave."""
        given: list[T] = []
        self.steps[name] = self.log.measure(lambda: given.append(act()))
        return given[0]

    def submit(self, issue: str = "billing", key: str | None = None, client: str | None = None) -> Frame:
        """Submit 1 KB of answers, from a network address nobody had unless it is given."""
        self._clients += 1
        status, body = self.desk.submit(
            client or f"198.51.100.{self._clients}", answers_of(issue), idempotency_key=key
        )
        assert status == CREATED, body  # noqa: S101
        return body

    def waiting(self, issue: str = "billing") -> tuple[str, Socket]:
        """Bring a guest into a queue, joined; its conversation and its socket."""
        body = self.submit(issue)
        self.log.settle()
        guest = Socket(self.stack, body["token"])
        guest.ask("join")
        self.log.settle()
        return body["interaction"]["id"], guest


def main(stack: Stack) -> None:
    """Print the tables."""
    bench = Bench(stack)
    bench.waiting("order")[1].close()
    bench.log.settle()
    _submissions(bench)
    agent = _agent(bench)
    _conversation(bench, agent)
    _leaving(bench)
    _print_steps(bench.steps)
    _print_shared(bench.steps)
    _print_chat(_chat(bench, agent))
    agent.close()


def _submissions(bench: Bench) -> None:
    def measure(name: str, key: str | None = None) -> Step:
        bench.measure(name, lambda: bench.submit("product", key))
        both = bench.steps[name]
        bench.steps[name] = without(both, "Route")
        return only(both, "Route")

    routing = measure("submission")
    key = str(uuid4())
    measure("submission with Idempotency-Key", key)
    bench.measure("  its repeat, key known", lambda: bench.submit("product", key))
    bench.steps["routing"] = routing
    abuser = "192.0.2.1"
    while bench.desk.submit(abuser, answers_of("product"))[0] == CREATED:
        bench.log.settle()
    bench.log.settle()
    bench.measure("submission refused, limit known", lambda: bench.desk.submit(abuser, answers_of("product")))
    bench.measure(
        "submission with a missing answer", lambda: bench.desk.submit("192.0.2.2", {"first_name": "Ada"})
    )


def _agent(bench: Bench) -> Socket:
    token = bench.stack.access_token("alice")
    agent = bench.measure("agent connects", lambda: Socket(bench.stack, token))
    bench.measure("agent joins, first time", lambda: agent.ask("join"))
    agent.close()
    bench.log.settle()
    agent = Socket(bench.stack, token)
    bench.measure("agent joins (3 queues)", lambda: agent.ask("join"))
    return agent


def _conversation(bench: Bench, agent: Socket) -> None:
    body = bench.submit()
    interaction = body["interaction"]["id"]
    bench.log.settle()
    guest = bench.measure("guest connects", lambda: Socket(bench.stack, body["token"]))
    bench.measure("guest joins, waiting", lambda: guest.ask("join"))
    bench.measure("waiting guest pings", lambda: guest.ask("ping"))
    bench.measure("agent pings", lambda: agent.ask("ping"))
    bench.measure("accept", lambda: agent.ask("accept", queue="billing"))
    say = {"interaction": interaction, "after": 3}
    bench.measure("message of 100 B", lambda: guest.ask("send", id=ulid(), text=text_of(100), **say))
    long = {"id": ulid(), "text": text_of(900), "interaction": interaction, "after": 4}
    bench.measure("message of 900 B", lambda: agent.ask("send", **long))
    bench.measure("  its repeat", lambda: agent.ask("send", **long))
    bench.measure(
        "message of 4,000 B",
        lambda: guest.ask("send", id=ulid(), text=text_of(4000), interaction=interaction, after=5),
    )
    bench.measure("sync behind the head", lambda: guest.ask("sync", interaction=interaction, after=4))
    bench.measure("sync at the head", lambda: guest.ask("sync", interaction=interaction, after=6))
    bench.measure("guest pings", lambda: guest.ask("ping"))
    bench.measure("typing", lambda: agent.tell("typing", interaction=interaction, on=True))
    bench.measure("read", lambda: agent.tell("read", interaction=interaction, seq=6, state="read"))
    bench.measure("read, moved on", lambda: guest.tell("read", interaction=interaction, seq=5, state="read"))
    bench.measure("end by the agent", lambda: agent.ask("end", interaction=interaction))
    bench.measure("guest disconnects, ended", guest.close)


def _leaving(bench: Bench) -> None:
    interaction, guest = bench.waiting("order")
    bench.measure("abandon (guest ends, waiting)", lambda: guest.ask("end", interaction=interaction))
    bench.measure("reopen", lambda: guest.ask("reopen", interaction=interaction))
    bench.measure("guest disconnects, waiting", guest.close)


@dataclass(frozen=True)
class Chat:
    """A whole chat: what it cost at the wire, and how many frames its clients sent and were answered."""

    step: Step
    frames: int
    replies: int
    connections: int


def _chat(bench: Bench, agent: Socket) -> Chat:
    """A guest submits, waits, is accepted, both say ten things in turn, the agent ends."""
    bench.log.settle()
    frames_before = agent.frames_sent
    sent: list[int] = []

    def talk() -> None:
        body = bench.submit()
        interaction = body["interaction"]["id"]
        bench.log.let_settle()
        guest = Socket(bench.stack, body["token"])
        guest.ask("join")
        agent.ask("accept", queue="billing")
        for number in range(MESSAGES):
            speaker = (guest, agent)[number % 2]
            speaker.ask("send", interaction=interaction, id=ulid(), text=text_of(100), after=3 + number)
        agent.ask("end", interaction=interaction)
        guest.close()
        sent.append(guest.frames_sent)

    step = bench.log.measure(talk)
    frames = sent[0] + agent.frames_sent - frames_before
    # Every frame here has a reply.
    return Chat(step, frames, frames, connections=2)


def _print_steps(steps: dict[str, Step]) -> None:
    print("\nWhat a step costs by itself")
    _print_header()
    for name, step in steps.items():
        _print_counts(name, step.own, _largest(step))


def _print_shared(steps: dict[str, Step]) -> None:
    print(
        "\nWhat came with the steps and is shared: a queue's board; configuration, leases, pace, keys, names"
    )
    _print_header()
    for name, step in steps.items():
        for what, counts in (("board", step.board), ("shared", step.shared)):
            if counts.calls or counts.others:
                others = ", ".join(f"{n} {call}" for call, n in counts.others.items())
                _print_counts(f"{name}: {what}", counts, others)


def _print_chat(chat: Chat) -> None:
    step = chat.step
    sizes = state_sizes(step.records)
    print(f"\nA chat of {MESSAGES} messages of 100 B, {MINUTES} minutes")
    _print_header()
    for name, counts in (
        ("the chat itself", step.own),
        ("the queue's board", step.board),
        ("shared", step.shared),
        ("timers and announcements", step.background),
    ):
        _print_counts(name, counts)
    print(f"largest STATE item: {max(sizes)} B")
    bill = usage_of(chat).bill()
    print("\nDollars for a million such chats")
    for name, dollars in bill.items():
        print(f"  {name:22} {dollars:7.1f}")
    print(f"  {'all':22} {sum(bill.values()):7.1f}")
    pings = MINUTES * 60 // HEARTBEAT_SECONDS * chat.connections
    signs = Usage(messages=2 * pings, invocations=pings, read=pings / 2).bill()
    print(f"and for the {pings} pings of both clients meanwhile {sum(signs.values()):7.1f}")


def usage_of(chat: Chat) -> Usage:
    """What a chat is billed for, timers that will come back included."""
    counts = [chat.step.own, chat.step.board, chat.step.shared, chat.step.background]
    # Each of its timers is received, deleted and looked at once more after the measurement.
    timers = chat.step.own.timers
    return Usage(
        messages=chat.frames + chat.replies + sum(each.pushes for each in counts),
        connection_minutes=chat.connections * MINUTES,
        http_requests=1,
        invocations=sum(sum(each.invocations.values()) for each in counts) + timers,
        write=sum(each.write + each.index for each in counts),
        read=sum(each.read for each in counts) + timers,
        sqs=sum(each.sqs for each in counts) + 2 * timers,
    )


def _largest(step: Step) -> str:
    written = [
        size
        for record in step.records
        if record["kind"] == "dynamodb" and record["write"]
        for size in record["items"].values()
    ]
    return f"largest item {max(written)} B" if written else ""


def _print_header() -> None:
    print(
        f"{'':40} {'calls':>6} {'write':>6} {'index':>6} {'read':>6} {'pushes':>7} {'invocations':>12} {'SQS':>4}"
    )


def _print_counts(name: str, counts: Counts, note: str = "") -> None:
    print(
        f"{name:40} {counts.calls.total():6} {counts.write:6g} {counts.index:6g} {counts.read:6g}"
        f" {counts.pushes:7} {counts.invocations.total():12} {counts.sqs:4}  {note}"
    )
