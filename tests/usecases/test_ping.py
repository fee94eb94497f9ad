"""Signs of life."""

from tests.builders.service import SECOND, Service


def test_a_waiting_guest_learns_its_place_and_the_wait_to_expect() -> None:
    service = Service()
    service.conversation()
    service.waiting("g2")
    service.later(SECOND)
    chat = service.waiting("g3")

    assert service.ping(service.guest_of(chat, "g3")) == {"type": "pong", "position": 2, "wait_seconds": 0}


def test_behind_the_twentieth_a_place_is_twenty_and_more() -> None:
    service = Service()
    for _ in range(20):
        service.waiting(None)
    service.later(SECOND)
    chat = service.waiting("last")

    assert service.ping(service.guest_of(chat)) == {
        "type": "pong",
        "position": 20,
        "more_ahead": True,
        "wait_seconds": None,
    }


def test_who_does_not_wait_gets_a_plain_answer() -> None:
    service = Service()
    chat = service.conversation()

    assert service.ping(service.guest_of(chat)) == {"type": "pong"}
    assert service.ping(service.agent()) == {"type": "pong"}
    assert service.ping(service.guest_of("GONE")) == {"type": "pong"}
