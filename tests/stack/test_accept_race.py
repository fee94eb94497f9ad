"""Many agents reach for the same chats at once: each chat has one winner, and nobody has more than its capacity."""

import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier
from typing import Any

import pytest

from tests.builders.installation import RACERS, Installation
from tests.clients.http import Visit
from tests.clients.socket import Frame, Socket

REPETITIONS = int(os.environ.get("DESKBELL_RACES", "50"))
CAPACITY = 2


class Field:
    """Twenty agents at the line, each on a thread and a socket of its own."""

    def __init__(
        self, installation: Installation, sockets: list[Socket], threads: ThreadPoolExecutor
    ) -> None:
        self.installation = installation
        self.sockets = sockets
        self._threads = threads
        self._table = installation.stack.dynamodb

    def rush(self) -> list[Frame]:
        """Let all accept at the same moment; gives each one's reply."""
        together = Barrier(len(self.sockets))

        def accept(socket: Socket) -> Frame:
            together.wait()
            return socket.call("accept", queue="race", timeout=60)

        return list(self._threads.map(accept, self.sockets))

    def wait_in_line(self, guests: int) -> list[Visit]:
        """Let guests wait."""
        visits = list(self._threads.map(lambda _: self.installation.http.visit("race"), range(guests)))
        for visit in visits:
            self.installation.await_state(visit, "waiting")
        return visits

    def clear(self, replies: list[Frame]) -> None:
        """Let every winner end what it won."""

        def end(won: tuple[Socket, Frame]) -> None:
            socket, reply = won
            if reply["type"] == "accepted":
                ended = socket.call("end", interaction=reply["interaction"], timeout=60)
                assert ended["type"] == "ended", ended

        list(self._threads.map(end, zip(self.sockets, replies, strict=True)))

    def slots(self) -> Counter[str]:
        """How many conversations each agent has, as the table says."""
        table = self.installation.stack.outputs["ChatsTableName"]
        keys: Any = [{"pk": {"S": f"agent#{racer.username}"}, "sk": {"S": "AGENT"}} for racer in RACERS]
        answer = self._table.batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
        items: Any = answer["Responses"][table]
        return Counter({item["pk"]["S"].removeprefix("agent#"): len(item["slots"]["M"]) for item in items})


@pytest.fixture(scope="module")
def field(installation: Installation) -> Iterator[Field]:
    with ThreadPoolExecutor(len(RACERS)) as threads, ExitStack() as sockets:
        opened = [sockets.enter_context(installation.agent(racer.username)) for racer in RACERS]
        yield Field(installation, opened, threads)


def test_of_twenty_agents_exactly_one_wins_a_chat(field: Field) -> None:
    for _ in range(REPETITIONS):
        (visit,) = field.wait_in_line(1)
        replies = field.rush()
        winners = [reply for reply in replies if reply["type"] == "accepted"]
        refusals = Counter(reply["code"] for reply in replies if reply["type"] != "accepted")
        assert [reply["interaction"] for reply in winners] == [visit.interaction], replies
        assert set(refusals) <= {"queue_empty", "already_taken"}
        events = [entry.get("event") for entry in field.installation.http.log(visit.interaction, visit.token)]
        assert events.count("accepted") == 1
        assert sum(field.slots().values()) == 1
        field.clear(replies)


def test_twenty_agents_share_ten_chats_and_none_is_taken_twice(field: Field) -> None:
    visits = field.wait_in_line(10)
    replies = field.rush()
    taken = [reply["interaction"] for reply in replies if reply["type"] == "accepted"]
    assert sorted(taken) == sorted(visit.interaction for visit in visits)
    field.clear(replies)
    assert not +field.slots()


def test_an_agent_never_has_more_than_its_capacity(field: Field) -> None:
    visits = field.wait_in_line(8)
    greedy, together = field.sockets[0], Barrier(6)
    with ThreadPoolExecutor(6) as hands:

        def grab(_: int) -> Frame:
            together.wait()
            return greedy.call("accept", queue="race", timeout=60)

        replies = list(hands.map(grab, range(6)))
    taken = [reply["interaction"] for reply in replies if reply["type"] == "accepted"]
    refused = {reply["code"] for reply in replies if reply["type"] != "accepted"}
    assert len(taken) == CAPACITY == field.slots()[RACERS[0].username]
    assert refused == {"at_capacity"}
    assert greedy.call("accept", queue="race")["code"] == "at_capacity"
    assert greedy.call("end", interaction=taken[0])["type"] == "ended"
    again = greedy.call("accept", queue="race")
    assert again["type"] == "accepted"
    for interaction in (taken[1], again["interaction"]):
        greedy.call("end", interaction=interaction)
    for _ in range(len(visits) - CAPACITY - 1):
        last = greedy.call("accept", queue="race")
        greedy.call("end", interaction=last["interaction"])
