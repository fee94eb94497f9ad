"""How long a message takes through the emulator: twenty guests, five messages a second each, one agent.

A figure of this machine and of the emulator, not of AWS; what carries over is that none is lost.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from bench.clients import Desk, answers_of, text_of, ulid
from deskbell.protocol import SUBPROTOCOL
from local.stack import Stack

GUESTS = 20
PER_SECOND = 5
SECONDS = 10
PATIENCE = 20


@dataclass
class Traffic:
    """When each message was sent, received and acknowledged, by its id, in seconds."""

    sent: dict[str, float] = field(default_factory=dict)
    received: dict[str, float] = field(default_factory=dict)
    acknowledged: dict[str, float] = field(default_factory=dict)


def main(stack: Stack) -> None:
    """Print the figures."""
    traffic = asyncio.run(_run(stack))
    lost = traffic.sent.keys() - traffic.received.keys()
    print(f"\n{GUESTS} guests, {PER_SECOND} messages a second each, for {SECONDS} s, through the emulator")
    print(f"{len(traffic.sent)} sent, {len(traffic.acknowledged)} acknowledged, {len(lost)} lost")
    print(f"{'ms':24} {'p50':>7} {'p95':>7} {'p99':>7}")
    for name, ends in (
        ("sent to received", traffic.received),
        ("sent to acknowledged", traffic.acknowledged),
    ):
        taken = sorted((ends[message] - traffic.sent[message]) * 1e3 for message in ends)
        print(f"{name:24} " + " ".join(f"{_percentile(taken, share):7.0f}" for share in (50, 95, 99)))


async def _run(stack: Stack) -> Traffic:
    traffic = Traffic()
    desk = Desk(stack)
    async with _socket(stack, stack.access_token("bob")) as agent:
        await _ask(agent, "join")
        guests: list[tuple[str, ClientConnection]] = []
        for number in range(GUESTS):
            _, submitted = desk.submit(f"192.0.2.{100 + number}", answers_of("billing", 400))
            guest = await _socket(stack, submitted["token"])
            await _ask(guest, "join")
            guests.append((submitted["interaction"]["id"], guest))
        await _accept_all(agent, GUESTS)
        listening = asyncio.create_task(_listen(agent, traffic))
        begin = time.monotonic() + 0.5
        await asyncio.gather(
            *(
                _talk(guest, interaction, begin + number / GUESTS / PER_SECOND, traffic)
                for number, (interaction, guest) in enumerate(guests)
            )
        )
        deadline = time.monotonic() + PATIENCE
        while len(traffic.received) < len(traffic.sent) and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        listening.cancel()
        for _, guest in guests:
            await guest.close()
    return traffic


async def _accept_all(agent: ClientConnection, expected: int) -> None:
    accepted = 0
    deadline = time.monotonic() + PATIENCE
    while accepted < expected and time.monotonic() < deadline:
        reply = await _ask(agent, "accept", queue="billing")
        accepted += reply["type"] == "accepted"
        await asyncio.sleep(0 if reply["type"] == "accepted" else 0.2)


async def _talk(guest: ClientConnection, interaction: str, begin: float, traffic: Traffic) -> None:
    after = 0
    for number in range(PER_SECOND * SECONDS):
        await asyncio.sleep(max(0, begin + number / PER_SECOND - time.monotonic()))
        message = ulid()
        traffic.sent[message] = time.monotonic()
        reply = await _ask(guest, "send", interaction=interaction, id=message, text=text_of(100), after=after)
        if reply["type"] != "sent":
            raise RuntimeError(f"a message was refused: {reply}")
        traffic.acknowledged[message] = time.monotonic()
        after = reply["seq"]


async def _listen(agent: ClientConnection, traffic: Traffic) -> None:
    async for text in agent:
        frame = json.loads(text)
        if frame.get("type") == "message" and frame["id"] in traffic.sent:
            traffic.received.setdefault(frame["id"], time.monotonic())


def _socket(stack: Stack, token: str) -> Any:
    subprotocols: Any = [SUBPROTOCOL, token]
    return connect(stack.websocket_url, subprotocols=subprotocols)


async def _ask(socket: ClientConnection, action: str, **fields: object) -> dict[str, Any]:
    reference = ulid()
    await socket.send(json.dumps({"action": action, "ref": reference, **fields}))
    while True:
        frame: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))
        if frame.get("ref") == reference:
            return frame


def _percentile(ordered: Sequence[float], share: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)] if ordered else float("nan")
