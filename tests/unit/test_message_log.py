"""The log's own rules: what a send may conclude from the tail it has read."""

from dataclasses import replace

import pytest

from deskbell.errors import BehindError, ConflictError, InvalidAfterError
from deskbell.interaction import Interaction, State
from deskbell.message_log import Entry, Tail, find_repeat, lifecycle, occupied_by

STATE = Interaction(id="CHAT", state=State.WAITING, opened_at=1, guest_name="Grace")


def entry(seq: int, name: str | None = None, author: str = "guest") -> Entry:
    return Entry(interaction="CHAT", seq=seq, id=name or f"ID{seq}", at=1, author=author, text="x")


def tail(*seqs: int, complete: bool = True) -> Tail:
    return Tail(STATE, tuple(entry(seq) for seq in seqs), complete)


def test_a_repeat_is_what_has_the_same_id_and_author() -> None:
    assert find_repeat(tail(3, 4, 5), 3, entry(0, "ID4")) == entry(4)
    assert find_repeat(tail(3, 4, 5), 3, entry(0, "ID9")) is None


def test_somebody_elses_id_is_a_conflict() -> None:
    with pytest.raises(ConflictError):
        find_repeat(tail(3, 4), 3, entry(0, "ID4", author="agent:ann"))


@pytest.mark.parametrize(("seqs", "after"), [((1, 2), 3), ((2, 3), 1), ((), 1), ((5,), 9)])
def test_an_after_that_the_log_does_not_hold_is_invalid(seqs: tuple[int, ...], after: int) -> None:
    with pytest.raises(InvalidAfterError):
        find_repeat(tail(*seqs), after, entry(0, "NEW"))


@pytest.mark.parametrize(("seqs", "after"), [((), 0), ((1, 2), 0), ((1, 2), 1), ((2,), 2)])
def test_an_after_that_it_holds_is_good(seqs: tuple[int, ...], after: int) -> None:
    assert find_repeat(tail(*seqs), after, entry(0, "NEW")) is None


def test_a_tail_that_was_not_read_whole_cannot_tell() -> None:
    with pytest.raises(BehindError):
        find_repeat(tail(4, 5, complete=False), 1, entry(0, "ID5"))


def test_what_stands_at_a_place() -> None:
    assert occupied_by(entry(4), entry(4)) == "repeat"
    assert occupied_by(entry(4), entry(4, "OTHER")) == "message"
    assert occupied_by(lifecycle("CHAT", 4, "ended", 1), entry(4)) == "lifecycle"
    with pytest.raises(ConflictError):
        occupied_by(entry(4), entry(4, author="agent:ann"))


def test_a_lifecycle_entrys_id_follows_from_its_place() -> None:
    assert lifecycle("CHAT", 7, "accepted", 1).id == "CHAT.7"


def test_heads() -> None:
    assert (tail().head, tail().last) == (0, None)
    assert (tail(3, 4).head, tail(3, 4).last) == (4, entry(4))


def test_a_tail_is_torn_when_it_holds_a_change_that_state_does_not_know() -> None:
    ended = lifecycle("CHAT", 4, "ended", 1)
    known = replace(STATE, last_event=4)

    assert Tail(STATE, (entry(3), ended)).torn
    assert not Tail(known, (entry(3), ended, entry(5))).torn
    assert not Tail(STATE, (entry(3),)).torn
