"""One participant on several sockets: each is pushed to, a dead one is forgotten alone, the oldest of six gives way."""

from tests.builders.installation import Installation, eventually
from tests.clients.http import Visit
from tests.clients.ulid import ulid


def _connections(installation: Installation, visit: Visit, participant: str) -> tuple[str, ...]:
    state = installation.chats.load(visit.interaction)
    assert state is not None
    return state.connections_of(participant)


def test_a_push_to_a_dead_socket_forgets_that_socket_and_no_other(installation: Installation) -> None:
    with installation.conversation("sockets", "alice") as (visit, first, agent):
        with installation.guest(visit) as second:
            both = _connections(installation, visit, "guest")
            assert len(both) == 2
            # A socket whose $disconnect never came: it is in the table and nowhere else.
            state = installation.chats.load(visit.interaction)
            assert state is not None
            installation.chats.save(state.connect("a-dead-socket=", "guest", 1)[0])
            sent = agent.call("send", interaction=visit.interaction, id=ulid(), text="Both of you", after=3)
            assert sent["type"] == "sent"
            for socket in (first, second):
                assert socket.expect("message", seq=sent["seq"])["text"] == "Both of you"
            assert set(_connections(installation, visit, "guest")) == set(both)
            assert len(_connections(installation, visit, "agent:alice")) == 1
            second.cut()
            eventually(
                lambda: _connections(installation, visit, "guest") == both[:1], what="one of two is left"
            )
        mine = first.call("send", interaction=visit.interaction, id=ulid(), text="Still here", after=4)
        assert mine["type"] == "sent"
        assert agent.expect("message", text="Still here")
        state = installation.chats.load(visit.interaction)
        assert state is not None
        assert state.guest_lost_at is None


def test_the_senders_other_sockets_hear_it_too(installation: Installation) -> None:
    with (
        installation.conversation("sockets", "alice") as (visit, guest, agent),
        installation.guest(visit) as other,
    ):
        sent = guest.call("send", interaction=visit.interaction, id=ulid(), text="From here", after=3)
        assert other.expect("message", seq=sent["seq"])["text"] == "From here"
        assert agent.expect("message", seq=sent["seq"])
        assert not [frame for frame in guest.frames if frame.get("text") == "From here"]


def test_a_guests_sixth_socket_closes_the_oldest(installation: Installation) -> None:
    with installation.conversation("sockets", "alice") as (visit, first, agent):
        others = [installation.open(visit.token) for _ in range(5)]
        for socket in others:
            assert socket.call("join", after=3)["type"] == "joined"
        first.await_close()
        assert len(_connections(installation, visit, "guest")) == 5
        sent = agent.call("send", interaction=visit.interaction, id=ulid(), text="Five of you", after=3)
        for socket in others:
            assert socket.expect("message", seq=sent["seq"])
        assert others[0].call("end", interaction=visit.interaction)["type"] == "ended"
        for socket in others:
            socket.close()


def test_an_agent_who_joins_again_hears_on_both_sockets_and_sees_what_is_in_hand(
    installation: Installation,
) -> None:
    with (
        installation.conversation("sockets", "alice") as (visit, guest, desk),
        installation.open(installation.access_token("alice")) as phone,
    ):
        (shown,) = phone.call("join")["interactions"]
        assert (shown["id"], shown["head"], shown["idle_paused"]) == (visit.interaction, 3, False)
        sent = guest.call("send", interaction=visit.interaction, id=ulid(), text="Hello", after=3)
        for socket in (desk, phone):
            assert socket.expect("message", seq=sent["seq"])
