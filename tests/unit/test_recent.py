"""A container's bounded memory."""

import pytest

from deskbell.recent import Recent


def test_it_forgets_what_was_used_longest_ago() -> None:
    memory = Recent[str, int](2)
    memory.put("a", 1)
    memory.put("b", 2)
    memory.get("a")
    memory.put("c", 3)
    assert [memory.get(key) for key in "abc"] == [1, None, 3]
    assert len(memory) == 2


def test_a_newer_value_takes_the_place_of_the_older() -> None:
    memory = Recent[str, int](2)
    memory.put("a", 1)
    memory.put("a", 2)
    assert memory.get("a") == 2
    assert len(memory) == 1


def test_forgetting_is_harmless_twice() -> None:
    memory = Recent[str, int](1)
    memory.put("a", 1)
    memory.forget("a")
    memory.forget("a")
    assert memory.get("a") is None


def test_it_needs_room_for_one() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Recent[str, int](0)
