"""What is shown, and to whom."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from deskbell.identity import GUEST, SYSTEM, agent_of, agent_participant, role_of
from deskbell.interaction import Connection, Interaction, State
from deskbell.message_log import Entry, Page, lifecycle
from deskbell.views import encode, entry_view, message_frame, page_view, participant_view, push_to_all

ENTRY = Entry(
    interaction="CHAT", seq=4, id="ID", at=1_800_000_000_123, author="agent:ann", name="Ann", text="Hi"
)
SOCKETS = {"g1": Connection(GUEST, 1), "a1": Connection("agent:ann", 1), "b1": Connection("agent:bob", 1)}


@given(st.text(max_size=30))
def test_no_username_passes_for_the_guest_or_the_system(username: str) -> None:
    participant = agent_participant(username)

    assert role_of(participant) == "agent"
    assert participant not in (GUEST, SYSTEM)
    assert agent_of(participant) == username


def test_an_entry_shows_the_contracts_fields_and_leaves_out_what_is_absent() -> None:
    assert entry_view(ENTRY, "agent") == {
        "interaction": "CHAT",
        "seq": 4,
        "id": "ID",
        "at": "2027-01-15T08:00:00.123Z",
        "from": {"name": "Ann", "id": "ann"},
        "role": "agent",
        "visibility": "comment",
        "text": "Hi",
    }
    assert entry_view(ENTRY, "guest")["from"] == {"name": "Ann"}


def test_who_has_no_name_is_shown_as_what_they_are() -> None:
    assert participant_view(SYSTEM, None, "guest") == {"name": "System"}
    assert participant_view(GUEST, None, "agent") == {"name": "Guest"}


def test_lifecycle_entries_are_pushed_by_their_contracts_types() -> None:
    accepted = lifecycle("CHAT", 2, "accepted", 1, author="agent:ann", name="Ann")
    ended = lifecycle("CHAT", 5, "ended", 1, data={"reason": "idle"})

    assert message_frame(accepted, "guest")["type"] == "accepted"
    assert message_frame(accepted, "guest")["agent"] == {"name": "Ann"}
    assert message_frame(accepted, "agent")["type"] == "message"
    assert (message_frame(ended, "guest")["type"], message_frame(ended, "guest")["reason"]) == (
        "ended",
        "idle",
    )
    assert message_frame(lifecycle("CHAT", 3, "reopened", 1), "guest")["type"] == "message"


def test_a_push_leaves_out_the_sender_and_keeps_work_notes_from_guests() -> None:
    note = replace(ENTRY, visibility="work_note")

    assert [name for name, _ in push_to_all(SOCKETS, [ENTRY], but="a1")] == ["g1", "b1"]
    assert [name for name, _ in push_to_all(SOCKETS, [note], but="a1")] == ["b1"]


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=60), max_size=20), st.integers(200, 3_000))
def test_a_page_keeps_to_its_bytes_and_never_skips(texts: list[str], most: int) -> None:
    items = tuple(replace(ENTRY, seq=seq + 1, text=text) for seq, text in enumerate(texts))

    shown, more = page_view(Page(items, more=False), "guest", most)

    assert [it["seq"] for it in shown] == list(range(1, len(shown) + 1))
    assert more == (len(shown) < len(items))
    assert len(shown) <= 1 or len(encode({"i": shown}).encode()) <= most + 10


def test_frames_go_out_as_raw_utf8() -> None:
    assert encode({"a": "Grüße 🛎"}) == '{"a":"Grüße 🛎"}'
    assert json.loads(encode({"a": "\u2028"})) == {"a": "\u2028"}


def test_connections_are_listed_oldest_first_and_the_sixth_closes_the_first() -> None:
    state = Interaction(id="CHAT", state=State.WAITING, opened_at=1, guest_name="Grace")
    for number in range(5):
        state, surplus = state.connect(f"g{number}", GUEST, number)
        assert surplus == ()

    state, surplus = state.connect("g5", GUEST, 5)

    assert surplus == ("g0",)
    assert state.connections_of(GUEST) == ("g1", "g2", "g3", "g4", "g5")
