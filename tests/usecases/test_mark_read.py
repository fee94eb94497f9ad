"""Read cursors: they only move forward, and the others hear of it at most once a second."""

from deskbell.errors import InvalidFieldError, NotFoundError
from tests.builders.service import SECOND, Service


def test_the_other_side_sees_how_far_one_has_read() -> None:
    service = Service()
    chat = service.conversation()

    service.read(service.guest_of(chat), chat, 3)

    assert service.gateway.to("a1") == [
        {
            "type": "read",
            "interaction": chat,
            "from": {"name": "Grace Hopper"},
            "seq": 3,
            "state": "read",
        }
    ]
    assert service.cursors.read(chat) == {"guest": 3}


def test_a_guest_sees_the_agents_cursor_without_its_id() -> None:
    service = Service()
    chat = service.conversation()
    service.join(service.agent("ann", "a2"))

    service.read(service.agent(), chat, 2)

    assert service.gateway.to("g1", "read")[0]["from"] == {"name": "Ann Other"}
    assert service.gateway.to("a2") == []
    assert service.cursors.read(chat) == {"ann": 2}


def test_a_cursor_never_moves_back() -> None:
    service = Service()
    chat = service.conversation()
    service.read(service.guest_of(chat), chat, 3)
    service.later(2 * SECOND)
    service.forget_pushes()

    for seq in (1, 2, 3):
        service.read(service.guest_of(chat), chat, seq)

    assert service.gateway.sent == []
    assert service.cursors.read(chat) == {"guest": 3}


def test_within_a_second_it_moves_but_is_not_pushed() -> None:
    service = Service()
    chat = service.conversation()
    service.read(service.guest_of(chat), chat, 1)
    service.later(SECOND - 1)
    service.read(service.guest_of(chat), chat, 2)
    service.later(1)
    service.read(service.guest_of(chat), chat, 3)

    assert [frame["seq"] for frame in service.gateway.to("a1", "read")] == [1, 3]
    assert service.cursors.read(chat) == {"guest": 3}


def test_delivered_and_read_are_two_cursors() -> None:
    service = Service()
    chat = service.conversation()

    service.read(service.guest_of(chat), chat, 3, "delivered")
    service.later(SECOND)
    service.read(service.guest_of(chat), chat, 2)

    assert [(frame["state"], frame["seq"]) for frame in service.gateway.to("a1")] == [
        ("delivered", 3),
        ("read", 2),
    ]
    assert service.cursors.read(chat) == {"guest": 2}


def test_what_does_not_exist_yet_cannot_have_been_read() -> None:
    service = Service()
    chat = service.conversation()

    with service.refusing(InvalidFieldError) as caught:
        service.read(service.guest_of(chat), chat, 4)
    assert [problem.field for problem in caught.value.errors] == ["seq"]


def test_an_agent_who_only_looks_on_leaves_no_trace() -> None:
    service = Service()
    chat = service.conversation()
    before = service.everything()

    service.read(service.agent("bob", "b1"), chat, 3)

    assert service.everything() == before


def test_anothers_conversation_does_not_exist() -> None:
    service = Service()
    chat, mine = service.conversation(), service.waiting("g2")

    for caller, name in [
        (service.guest_of(mine, "g2"), chat),
        (service.agent("eve", "e1"), chat),
        (service.agent(), "NOSUCHCHAT"),
    ]:
        with service.refusing(NotFoundError):
            service.read(caller, name, 1)


def test_what_is_delivered_and_read_within_a_second_is_pushed_as_both() -> None:
    service = Service()
    chat = service.conversation()

    service.read(service.guest_of(chat), chat, 3, "delivered")
    service.later(SECOND // 2)
    service.read(service.guest_of(chat), chat, 3)

    assert [(frame["state"], frame["seq"]) for frame in service.gateway.to("a1")] == [
        ("delivered", 3),
        ("read", 3),
    ]
