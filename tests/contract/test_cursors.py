"""What every implementation of `ports.Cursors` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.builders.stores import Stores

NOW = 1_800_000_000_000
ANN = "agent:ann"


def test_the_first_move_is_told(stores: Stores) -> None:
    assert stores.cursors.advance("CHAT", "guest", "read", 3, NOW) is True
    assert stores.cursors.read("CHAT") == {"guest": 3}


def test_a_cursor_does_not_stand_still_or_move_back(stores: Stores) -> None:
    stores.cursors.advance("CHAT", "guest", "read", 3, NOW)

    assert stores.cursors.advance("CHAT", "guest", "read", 3, NOW + 9_000) is False
    assert stores.cursors.advance("CHAT", "guest", "read", 2, NOW + 9_000) is False
    assert stores.cursors.read("CHAT") == {"guest": 3}


def test_within_a_second_it_moves_untold(stores: Stores) -> None:
    stores.cursors.advance("CHAT", "guest", "read", 3, NOW)

    assert stores.cursors.advance("CHAT", "guest", "read", 4, NOW + 999) is False
    assert stores.cursors.read("CHAT") == {"guest": 4}
    assert stores.cursors.advance("CHAT", "guest", "read", 5, NOW + 1_000) is True


def test_a_move_that_is_not_told_does_not_put_off_the_next(stores: Stores) -> None:
    stores.cursors.advance("CHAT", "guest", "read", 1, NOW)
    stores.cursors.advance("CHAT", "guest", "read", 2, NOW + 999)

    assert stores.cursors.advance("CHAT", "guest", "read", 3, NOW + 1_000) is True


def test_delivered_and_read_move_by_themselves(stores: Stores) -> None:
    stores.cursors.advance("CHAT", "guest", "delivered", 5, NOW)
    stores.cursors.advance("CHAT", "guest", "read", 4, NOW + 1)

    assert stores.cursors.read("CHAT") == {"guest": 4}
    assert stores.cursors.advance("CHAT", "guest", "delivered", 4, NOW + 5_000) is False


def test_delivered_and_read_are_told_each_at_a_pace_of_its_own(stores: Stores) -> None:
    assert stores.cursors.advance("CHAT", "guest", "delivered", 5, NOW) is True
    assert stores.cursors.advance("CHAT", "guest", "read", 5, NOW + 1) is True

    assert stores.cursors.advance("CHAT", "guest", "delivered", 6, NOW + 999) is False
    assert stores.cursors.advance("CHAT", "guest", "delivered", 7, NOW + 1_000) is True
    assert stores.cursors.advance("CHAT", "guest", "read", 7, NOW + 1_000) is False
    assert stores.cursors.advance("CHAT", "guest", "read", 8, NOW + 1_001) is True


def test_agents_are_known_by_their_ids_and_everybody_has_a_cursor_of_their_own(stores: Stores) -> None:
    stores.cursors.advance("CHAT", "guest", "read", 3, NOW)
    stores.cursors.advance("CHAT", ANN, "read", 2, NOW)
    stores.cursors.advance("CHAT", "agent:bob", "delivered", 9, NOW)
    stores.cursors.advance("OTHER", ANN, "read", 7, NOW)

    assert stores.cursors.read("CHAT") == {"guest": 3, "ann": 2}
    assert stores.cursors.read("NONE") == {}
