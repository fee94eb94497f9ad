"""One conversation as both sides live it, from the form to the end."""

from typing import Any

from tests.builders.installation import Installation
from tests.clients.http import Visit
from tests.clients.socket import Frame, Socket
from tests.clients.ulid import ulid

WORDS = "Straße, naïve, \u05e9\u05dc\u05d5\u05dd 👩🏽‍💻🏳️‍🌈, <b>&amp;"


def _say(socket: Socket, interaction: str, text: str, after: int) -> Frame:
    reply = socket.call("send", interaction=interaction, id=ulid(), text=text, after=after)
    assert reply["type"] == "sent", reply
    return reply


def _empty_queue(agent: Socket, queue: str) -> None:
    while (reply := agent.call("accept", queue=queue))["type"] == "accepted":
        agent.call("end", interaction=reply["interaction"])
    assert reply["code"] == "queue_empty"


def test_a_guest_without_an_account_talks_to_an_agent(installation: Installation) -> None:
    with installation.agent("alice") as alice:
        _empty_queue(alice, "order")
    visit = installation.http.visit(issue_type="order", description=WORDS)
    record = installation.await_state(visit, "waiting")
    assert record["category"] == "order"
    assert record["queue"] == "Order Support"
    with installation.open(visit.token) as guest:
        joined = guest.call("join")
        assert guest.subprotocol == "deskbell.v1"
        assert (joined["type"], joined["position"], joined["head"]) == ("joined", 1, 1)
        assert joined["messages"][0]["text"] == WORDS
        assert guest.call("ping")["position"] == 1
        with installation.open(installation.access_token("alice")) as agent:
            seated = agent.call("join")
            assert {"id": "order", "name": "Order Support", "waiting": 1} in seated["queues"]
            behind = installation.http.visit(issue_type="order")
            assert agent.expect("queue", id="order", timeout=8)["waiting"] == 2
            taken = agent.call("accept", queue="order")
            assert taken["interaction"] == visit.interaction
            assert taken["record"]["rule"] == "Anonymous Connect - Order Support"
            assert guest.expect("accepted", interaction=visit.interaction)["agent"] == {
                "name": "Alice Moreau"
            }
            assert "Thank you for contacting support" in guest.expect("message")["text"]
            _leave(installation, behind)
            _talk(installation, visit, guest, agent)


def _leave(installation: Installation, visit: Visit) -> None:
    with installation.guest(visit) as guest:
        assert guest.call("end", interaction=visit.interaction)["type"] == "ended"


def _talk(installation: Installation, visit: Visit, guest: Socket, agent: Socket) -> None:
    interaction = visit.interaction
    asked = _say(guest, interaction, WORDS, 3)
    heard = agent.expect("message", interaction=interaction)
    assert (heard["seq"], heard["text"], heard["role"]) == (asked["seq"], WORDS, "guest")
    answered = _say(agent, interaction, "I see.", asked["seq"])
    assert guest.expect("message", interaction=interaction)["seq"] == answered["seq"] == 5
    assert not [frame for frame in agent.frames if frame.get("text") == "I see."]

    agent.send({"action": "typing", "interaction": interaction, "on": True})
    assert guest.expect("typing")["from"] == {"name": "Alice Moreau"}
    guest.send({"action": "read", "interaction": interaction, "seq": 5})
    assert agent.expect("read", seq=5)["state"] == "read"

    guest.cut()
    missed = [_say(agent, interaction, f"Are you there? {turn}", 5 + turn)["seq"] for turn in range(3)]
    with installation.open(visit.token) as back:
        joined = back.call("join", after=5)
        assert [entry["seq"] for entry in joined["messages"]] == missed
        assert joined["more"] is False
        _say(back, interaction, "Back again.", joined["head"])
        assert agent.expect("message", text="Back again.")["seq"] == 9
        assert agent.call("end", interaction=interaction)["type"] == "ended"
        ended = back.expect("ended", interaction=interaction)
        assert (ended["reason"], ended["seq"]) == ("agent_ended", 10)
        late = back.call("send", interaction=interaction, id=ulid(), text="One more thing", after=10)
        assert late["code"] == "chat_ended"
        late = agent.call("send", interaction=interaction, id=ulid(), text="One more thing", after=10)
        assert late["code"] == "chat_ended"
    with installation.open(visit.token) as after_the_end:
        joined = after_the_end.call("join", after=9)
        assert joined["interaction"]["state"] == "closed_complete"
        assert [entry["event"] for entry in joined["messages"]] == ["ended"]
        synced = after_the_end.call("sync", interaction=interaction, after=0)
        assert [entry["seq"] for entry in synced["items"]] == list(range(1, 11))
    log = installation.http.log(interaction, visit.token)
    assert log == synced["items"]
    record = installation.http.record(interaction, visit.token)
    assert (record["state"], record["reason"]) == ("closed_complete", "agent_ended")


def test_a_message_sent_twice_stands_once_and_is_acknowledged_twice(installation: Installation) -> None:
    with installation.conversation("journey", "alice") as (visit, guest, agent):
        frame: dict[str, Any] = {"interaction": visit.interaction, "id": ulid(), "text": "Once", "after": 3}
        first, second = guest.call("send", **frame), guest.call("send", **frame)
        assert (first["seq"], first["at"]) == (second["seq"], second["at"])
        assert agent.expect("message", id=frame["id"])["seq"] == first["seq"]
        log = installation.http.log(visit.interaction, visit.token)
        assert [entry["id"] for entry in log].count(str(frame["id"])) == 1


def test_a_guest_who_leaves_before_an_agent_came_may_reopen(installation: Installation) -> None:
    visit = installation.waiting("journey")
    with installation.guest(visit) as guest:
        left = guest.call("end", interaction=visit.interaction)
        assert (left["type"], left["reason"], left["reopenable"]) == ("ended", "guest_left", True)
        record = installation.http.record(visit.interaction, visit.token)
        assert (record["state"], record["reopenable"]) == ("closed_abandoned", True)
        with installation.agent("alice") as agent:
            assert agent.call("accept", queue="journey")["code"] == "queue_empty"
            reopened = guest.call("reopen", interaction=visit.interaction)
            assert (reopened["type"], reopened["position"]) == ("reopened", 1)
            assert agent.call("accept", queue="journey")["interaction"] == visit.interaction
            assert guest.expect("accepted")["interaction"] == visit.interaction
            assert guest.call("reopen", interaction=visit.interaction)["code"] == "conflict"
            assert guest.call("end", interaction=visit.interaction)["reason"] == "guest_ended"
            assert agent.expect("ended", interaction=visit.interaction)["reason"] == "guest_ended"
        assert guest.call("reopen", interaction=visit.interaction)["code"] == "chat_ended"
    events = [entry.get("event") for entry in installation.http.log(visit.interaction, visit.token)]
    assert events == [None, "abandoned", "reopened", "accepted", None, "ended"]


def test_those_who_wait_learn_their_places_and_move_up(installation: Installation) -> None:
    first, second = installation.waiting("journey"), installation.waiting("journey")
    with installation.guest(first) as ahead, installation.guest(second) as behind:
        assert behind.call("ping")["position"] == 2
        ahead.call("end", interaction=first.interaction)
        assert behind.expect("queued", position=1, timeout=8)
        assert behind.call("ping")["position"] == 1
        behind.call("end", interaction=second.interaction)
