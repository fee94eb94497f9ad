"""Nothing waits for ever: what guests and agents leave behind ends, or goes on with somebody else, and says why.

The configuration of these tests has short deadlines. Where only the sweeper may act, the moment in the table lies in
the past and is another than the timers were set for, so that they are stale.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from deskbell.ids import number_of
from deskbell.interaction import Interaction, State
from deskbell.message_log import Entry
from tests.builders.installation import Installation, eventually
from tests.clients.http import Visit
from tests.clients.socket import Socket
from tests.clients.ulid import ulid

GRACE = 3


@pytest.fixture(scope="module")
def hurried(installation: Installation) -> Iterator[Installation]:
    with installation.conversation("lost", "carol"):
        pass  # Every function has started by now: none takes its time for that when time is short.
    installation.configure(
        deskbell__guest__grace_seconds=GRACE,
        deskbell__heartbeat_seconds=5,
        deskbell__agent__lease_seconds=6,
        deskbell__agent__grace_seconds=1,
        deskbell__guest__reopen_seconds=1,
    )
    yield installation
    installation.configure()


def _events(installation: Installation, visit: Visit) -> list[str]:
    log = installation.http.log(visit.interaction, visit.token)
    return [entry["event"] for entry in log if "event" in entry]


def test_a_guest_who_never_connects_is_given_up(hurried: Installation) -> None:
    visit = hurried.waiting("lost")
    record = hurried.await_state(visit, "closed_abandoned")
    assert record["reason"] == "guest_lost"
    eventually(
        lambda: _events(hurried, visit) == ["abandoned", "ended"], what="the end of the time to reopen"
    )
    with hurried.agent("carol") as agent:
        assert agent.call("accept", queue="lost")["code"] == "queue_empty"


def test_a_guest_who_is_back_within_the_grace_keeps_the_place(hurried: Installation) -> None:
    visit = hurried.waiting("lost")
    for _ in range(2):
        with hurried.guest(visit):
            time.sleep(GRACE * 0.75)
    with hurried.guest(visit) as guest:
        time.sleep(GRACE + 1.0)
        assert guest.call("ping")["position"] == 1
        assert _events(hurried, visit) == []
        guest.call("end", interaction=visit.interaction)


def test_a_guest_lost_in_conversation_ends_it_for_the_agent(hurried: Installation) -> None:
    visit = hurried.waiting("lost")
    with hurried.guest(visit) as guest, hurried.agent("carol") as agent:
        assert agent.call("accept", queue="lost")["interaction"] == visit.interaction
        guest.cut()
        _expect_ended(agent, visit, "guest_lost")
    record = hurried.http.record(visit.interaction, visit.token)
    assert (record["state"], record["reason"]) == ("closed_by_client", "guest_lost")


def _expect_ended(agent: Socket, visit: Visit, reason: str) -> None:
    """Keep the agent's lease until the chat ends."""

    def ended() -> bool:
        agent.call("ping")
        return any(
            frame.get("type") == "ended" and frame["interaction"] == visit.interaction
            for frame in agent.frames
        )

    eventually(ended, what=f"{visit.interaction} has ended")
    assert agent.expect("ended", interaction=visit.interaction)["reason"] == reason


def test_an_agent_whose_socket_is_lost_gives_its_chats_back(hurried: Installation) -> None:
    first = hurried.waiting("lost")
    with hurried.guest(first) as guest:
        with hurried.agent("carol") as agent:
            assert agent.call("accept", queue="lost")["interaction"] == first.interaction
            behind = hurried.waiting("lost")
            agent.cut()
        with hurried.guest(behind) as other:
            left = guest.expect("agent_left", interaction=first.interaction)
            assert (left["reason"], left["from"]) == ("agent_lost", {"name": "Carol Lindqvist"})
            assert guest.expect("queued")["position"] == 1, "ahead of who came later"
            assert other.call("ping")["position"] == 2
            with hurried.agent("carol") as agent:
                assert agent.call("accept", queue="lost")["interaction"] == first.interaction
                for visit in (first, behind):
                    with hurried.guest(visit) as leaving:
                        leaving.call("end", interaction=visit.interaction)
    assert _events(hurried, first) == ["accepted", "agent_left", "accepted", "ended"]


def test_an_agent_who_falls_silent_without_a_disconnect_loses_its_lease(hurried: Installation) -> None:
    visit = hurried.waiting("lost")
    with hurried.guest(visit) as guest, hurried.agent("carol") as silent:
        assert silent.call("accept", queue="lost")["interaction"] == visit.interaction
        assert guest.expect("agent_left", interaction=visit.interaction)["reason"] == "agent_lost"
        silent.await_close()
        assert guest.call("ping")["position"] == 1
        with hurried.agent("carol") as back:
            assert back.call("ping")["type"] == "pong", "who was lost comes back at the first attempt"
            assert back.call("accept", queue="lost")["interaction"] == visit.interaction
        guest.call("end", interaction=visit.interaction)


def test_a_lost_disconnect_is_noticed_by_the_next_push(hurried: Installation) -> None:
    """The guest's row in the table is all that is left of a socket whose $disconnect never came."""
    visit = hurried.waiting("lost")
    _seat_a_ghost(hurried, visit)
    with hurried.agent("carol") as agent:
        accepted = agent.call("accept", queue="lost")
        assert accepted["interaction"] == visit.interaction
        _expect_ended(agent, visit, "guest_lost")


def _seat_a_ghost(installation: Installation, visit: Visit) -> None:
    state = installation.chats.load(visit.interaction)
    assert state is not None
    seated, _ = state.connect("ghost-of-a-socket=", "guest", int(time.time() * 1000))
    installation.chats.save(seated)


def test_a_wait_that_is_too_long_ends_with_the_queues_words(hurried: Installation) -> None:
    visit = hurried.waiting("brief")
    with hurried.guest(visit) as guest:
        ended = guest.expect("ended", interaction=visit.interaction)
        assert (ended["reason"], ended["text"]) == ("maximum_wait", "Too long.")
        late = guest.call("send", interaction=visit.interaction, id=ulid(), text="Wait", after=ended["seq"])
        assert late["code"] == "chat_ended"
    record = hurried.http.record(visit.interaction, visit.token)
    assert (record["state"], record["reason"]) == ("closed_abandoned", "maximum_wait")


def test_a_silent_guest_is_asked_and_then_let_go(hurried: Installation) -> None:
    with hurried.conversation("idle", "bob") as (visit, guest, agent):
        assert guest.expect("idle_warning", interaction=visit.interaction)["seconds"] == 2
        assert guest.call("stay", interaction=visit.interaction)["type"] == "staying"
        _expect_ended(agent, visit, "idle")
        assert guest.expect("idle_warning", interaction=visit.interaction)
        assert guest.expect("ended", interaction=visit.interaction)["reason"] == "idle"
    record = hurried.http.record(visit.interaction, visit.token)
    assert (record["state"], record["reason"]) == ("closed_by_client", "idle")


def test_the_sweeper_does_what_a_lost_timer_should_have(hurried: Installation) -> None:
    visit = hurried.waiting("lost")
    state = hurried.chats.load(visit.interaction)
    assert state is not None
    long_ago = int(time.time() * 1000) - 90_000
    hurried.chats.save(replace(state, guest_lost_at=long_ago, due_at=long_ago + GRACE * 1000))
    hurried.sweep()
    assert _events(hurried, visit)[:1] == ["abandoned"]


def test_the_sweeper_routes_a_chat_whose_submission_died_after_it_was_stored(hurried: Installation) -> None:
    two_minutes_ago = int(time.time() * 1000) - 120_000
    name = ulid()
    stored = Interaction(
        id=name,
        state=State.NEW,
        opened_at=two_minutes_ago,
        guest_name="Ada",
        revision=1,
        guest_lost_at=two_minutes_ago,
        due_at=two_minutes_ago + 30_000,
    )
    said: dict[str, Any] = {"form": "lost", "fields": {"channel": "chat", "category": "billing"}}
    opening = Entry(interaction=name, seq=1, id=f"{name}.1", at=two_minutes_ago, author="guest", data=said)
    assert hurried.chats.create(stored, opening)
    token = hurried.guest_token(name, int(time.time() * 1000) + 60_000)
    visit = Visit(name, number_of(name), token, hurried.stack.websocket_url)
    with hurried.open(token) as guest:
        assert guest.call("join")["interaction"]["state"] == "new"
        hurried.sweep()
        assert guest.expect("queued", interaction=name)["position"] == 1
        assert hurried.http.record(name, token)["state"] == "waiting"
        assert guest.call("end", interaction=name)["type"] == "ended"
    assert _events(hurried, visit) == ["abandoned"]
