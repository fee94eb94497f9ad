"""What every implementation of `ports.Chats` does, and what the DynamoDB one does when calls fail."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deskbell.agents import Agent
from deskbell.aws.chats import DynamoChats
from deskbell.aws.items import entry_item, read_entry, read_state, state_item
from deskbell.errors import UnavailableError
from deskbell.interaction import Connection, Interaction, State
from deskbell.lifecycle import (
    Freeing,
    Taking,
    Transition,
    WaitingEntry,
    accept,
    end,
    give_back,
    route,
)
from deskbell.message_log import TAIL_BYTES, Entry, Tail, Visibility
from deskbell.ports import NotWrittenError, Overdue, SupersededError
from deskbell.usecases.sweep import SHARDS
from tests.fakes.chats import FakeChats

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from tests.builders.stores import Stores

TABLE = "chats"
NOW = 1_800_000_000_000
ID = "01CHAT"


def new(name: str = ID, at: int = NOW) -> Interaction:
    return Interaction(
        id=name,
        state=State.NEW,
        opened_at=at,
        guest_name="Grace",
        guest_lost_at=at,
        revision=1,
        due_at=at + 60_000,
    )


def entry(seq: int, text: str = "Hello", **fields: Any) -> Entry:
    given = {"id": f"ID{seq}", "at": NOW, "author": "guest", "name": "Grace", "text": text, **fields}
    return Entry(interaction=ID, seq=seq, **given)


def opening(name: str = ID) -> Entry:
    return Entry(
        interaction=name,
        seq=1,
        id=f"{name}.1",
        at=NOW,
        author="guest",
        name="Grace",
        text="My bell…",
        data={"form": "help", "fields": {"channel": "chat", "email": "grace@example.com"}},
    )


def created(stores: Stores, name: str = ID) -> Interaction:
    assert stores.chats.create(new(name), opening(name))
    return new(name)


def tail_of(stores: Stores, name: str = ID, after: int | None = None, log: Visibility = "comment") -> Tail:
    tail = stores.chats.tail(name, after, log)
    assert tail is not None
    return tail


def waiting(stores: Stores, name: str = ID) -> Interaction:
    before = created(stores, name)
    stores.chats.commit(route(before, queue="billing", rule="A rule", configuration=3, at=NOW))
    return tail_of(stores, name).interaction


def accepting(
    stores: Stores,
    name: str = ID,
    agent: str = "ann",
    capacity: int = -1,
    response: str | None = "Welcome.",
    connections: Mapping[str, int] = {"a1": NOW},
) -> Transition:
    return accept(
        tail_of(stores, name),
        agent=Agent(id=agent, name="Ann Other", connections=connections),
        capacity=capacity,
        response=response,
        at=NOW + 5,
    )


def ending(stores: Stores) -> Transition:
    return end(tail_of(stores), state=State.CLOSED_COMPLETE, reason="agent_ended", at=NOW, author="agent:ann")


def lose(stores: Stores, agent: str = "ann") -> None:
    found = stores.agents.load(agent)
    assert found is not None
    assert stores.agents.lose(found, NOW + 9)


def at_desk(stores: Stores, agent: str = "ann") -> None:
    stores.agents.join(agent, "Ann Other", "a1", NOW, NOW + 1, NOW + 2)


def slots(stores: Stores, agent: str = "ann") -> set[str]:
    found = stores.agents.load(agent)
    assert found is not None
    return set(found.slots)


# Creating


def test_what_was_created_can_be_read(stores: Stores) -> None:
    created(stores)

    assert stores.chats.load(ID) == new()
    assert stores.chats.opening(ID) == opening()
    assert tail_of(stores) == Tail(new(), (opening(),))


def test_what_was_not_cannot(stores: Stores) -> None:
    assert stores.chats.load(ID) is None
    assert stores.chats.opening(ID) is None
    assert stores.chats.tail(ID) is None
    assert stores.chats.tail(ID, 3) is None
    assert stores.chats.tail(ID, None, "work_note") is None
    assert stores.chats.page(ID, 0, 1000).items == ()


def test_creating_again_changes_nothing_and_says_so(stores: Stores) -> None:
    created(stores)

    assert stores.chats.create(new(at=NOW + 1), opening()) is False
    assert stores.chats.load(ID) == new()


def test_a_log_without_a_state_is_no_conversation_and_can_be_completed(stores: Stores) -> None:
    assert stores.chats.append(opening()) is None

    assert stores.chats.tail(ID) is None
    assert stores.chats.tail(ID, 1) is None
    assert stores.chats.create(new(), opening()) is True
    assert tail_of(stores).head == 1


# The log


def test_a_free_place_is_taken_and_an_occupied_one_says_by_what(stores: Stores) -> None:
    created(stores)

    assert stores.chats.append(entry(2)) is None
    assert stores.chats.append(entry(2, "Another", id="OTHER", author="agent:ann")) == entry(2)
    assert tail_of(stores).last == entry(2)


def test_an_occupant_that_is_a_change_of_authority_says_which(stores: Stores) -> None:
    waiting(stores)
    at_desk(stores)
    stores.chats.commit(accepting(stores))

    occupant = stores.chats.append(entry(2))

    assert occupant is not None
    assert (occupant.event, occupant.author) == ("accepted", "agent:ann")


def test_without_after_a_tail_is_the_last_entry(stores: Stores) -> None:
    created(stores)
    for seq in (2, 3, 4):
        stores.chats.append(entry(seq))

    assert tail_of(stores).entries == (entry(4),)
    assert tail_of(stores).head == 4


@pytest.mark.parametrize("after", range(6))
def test_a_tail_goes_back_to_after_inclusive(stores: Stores, after: int) -> None:
    created(stores)
    for seq in (2, 3, 4):
        stores.chats.append(entry(seq))

    tail = tail_of(stores, after=after)

    assert [it.seq for it in tail.entries] == [seq for seq in (1, 2, 3, 4) if seq >= after]
    assert tail.complete


def test_a_tail_of_many_small_entries_comes_whole(stores: Stores) -> None:
    created(stores)
    for seq in range(2, 151):
        stores.chats.append(entry(seq, "x"))

    assert [it.seq for it in tail_of(stores, after=1).entries] == list(range(1, 151))


def test_a_tail_above_64_kilobytes_stops_and_says_so(stores: Stores) -> None:
    created(stores)
    for seq in range(2, 151):
        stores.chats.append(entry(seq, "ü" * 1_000))

    tail = tail_of(stores, after=1)

    assert not tail.complete
    assert [it.seq for it in tail.entries] == list(range(150 - TAIL_BYTES // 2_000, 151))


@pytest.mark.parametrize(("after", "complete"), [(2, False), (3, True), (4, True)])
def test_a_tail_that_reaches_after_with_its_last_entry_is_complete(
    stores: Stores, after: int, complete: bool
) -> None:
    created(stores)
    for seq in range(2, 8):
        stores.chats.append(entry(seq, "x" * (TAIL_BYTES // 5 + 1)))

    tail = tail_of(stores, after=after)

    assert (tail.entries[0].seq, tail.complete) == (max(after, 3), complete)


def test_a_long_log_that_is_short_of_64_kilobytes_is_complete_from_its_very_beginning(
    stores: Stores,
) -> None:
    created(stores)
    stores.chats.append(entry(2, "x" * (TAIL_BYTES + 1)))

    assert not tail_of(stores, after=0).complete
    assert not tail_of(stores, after=1).complete
    assert tail_of(stores, after=2).complete


def test_work_notes_are_a_log_of_their_own_beside_the_same_state(stores: Stores) -> None:
    created(stores)
    note = entry(1, "Careful", visibility="work_note", author="agent:ann", data={"anchor": 1})

    assert stores.chats.append(note) is None
    assert tail_of(stores, log="work_note") == Tail(new(), (note,))
    assert tail_of(stores, after=0, log="work_note").entries == (note,)
    assert tail_of(stores).last == opening()
    assert stores.chats.page(ID, 0, 1000, "work_note").items == (note,)
    assert stores.chats.append(replace(note, id="OTHER")) == note


def test_a_page_is_what_comes_after_in_order(stores: Stores) -> None:
    created(stores)
    for seq in range(2, 101):
        stores.chats.append(entry(seq, "x"))

    page = stores.chats.page(ID, 40, 100_000)

    assert [it.seq for it in page.items] == list(range(41, 101))
    assert page.more is False
    assert stores.chats.page(ID, 100, 1000).items == ()


def test_a_page_is_cut_by_bytes_and_says_that_there_is_more(stores: Stores) -> None:
    created(stores)
    for seq in range(2, 30):
        stores.chats.append(entry(seq, "ü" * 500))

    page = stores.chats.page(ID, 1, 10_000)

    assert page.more is True
    assert 5 <= len(page.items) <= 10
    assert [it.seq for it in page.items] == list(range(2, 2 + len(page.items)))


def test_a_page_has_at_least_one_entry_however_large(stores: Stores) -> None:
    created(stores)
    stores.chats.append(entry(2, "x" * 5_000))

    assert [it.seq for it in stores.chats.page(ID, 1, 10).items] == [2]


# Saving STATE


def test_a_save_counts_the_revision(stores: Stores) -> None:
    before = created(stores)
    after, _ = before.connect("g1", "guest", NOW)

    stores.chats.save(after)

    assert stores.chats.load(ID) == replace(after, revision=before.revision + 1)


def test_a_save_over_another_revision_is_superseded_and_writes_nothing(stores: Stores) -> None:
    before = created(stores)
    stores.chats.save(replace(before, due_at=1))

    with pytest.raises(SupersededError):
        stores.chats.save(replace(before, due_at=2))
    found = stores.chats.load(ID)
    assert found is not None
    assert found.due_at == 1


def test_nothing_is_saved_where_nothing_is(stores: Stores) -> None:
    with pytest.raises(SupersededError):
        stores.chats.save(new())
    assert stores.chats.load(ID) is None


# Transitions


def test_routing_writes_state_and_a_place_in_line(stores: Stores) -> None:
    state = waiting(stores)

    assert (state.state, state.queue, state.rule, state.configuration) == (
        State.WAITING,
        "billing",
        "A rule",
        3,
    )
    assert state.revision == 2
    assert stores.lines.first("billing", 9) == [WaitingEntry("billing", NOW, ID)]


def test_accepting_writes_state_log_slot_and_line(stores: Stores) -> None:
    waiting(stores)
    at_desk(stores)

    stores.chats.commit(accepting(stores))

    state = tail_of(stores).interaction
    assert state.is_assigned_to("ann")
    assert state.connections == {"a1": Connection("agent:ann", NOW + 5)}
    assert [it.event or it.text for it in tail_of(stores, after=1).entries] == [
        "My bell…",
        "accepted",
        "Welcome.",
    ]
    assert slots(stores) == {ID}
    assert stores.lines.first("billing", 9) == []


def test_ending_gives_the_slot_back(stores: Stores) -> None:
    waiting(stores)
    at_desk(stores)
    stores.chats.commit(accepting(stores))

    stores.chats.commit(ending(stores))

    assert slots(stores) == set()
    assert tail_of(stores).interaction.ended


def test_what_owes_nothing_any_more_is_not_looked_at(stores: Stores) -> None:
    before = created(stores)
    assert stores.chats.overdue(NOW + 10**9, _shard(ID)) != []

    stores.chats.commit(Transition(before=before, after=replace(before, due_at=None)))

    assert stores.chats.overdue(NOW + 10**9, _shard(ID)) == []


def test_giving_back_puts_it_in_line_again(stores: Stores) -> None:
    waiting(stores)
    at_desk(stores)
    stores.chats.commit(accepting(stores))
    lose(stores)

    stores.chats.commit(give_back(tail_of(stores), reason="agent_lost", at=NOW + 99))

    assert slots(stores) == set()
    assert stores.lines.first("billing", 9) == [WaitingEntry("billing", NOW, ID)]


def test_a_transition_from_an_old_revision_writes_nothing(stores: Stores) -> None:
    waiting(stores)
    at_desk(stores)
    late = accepting(stores)
    stores.chats.save(replace(late.before, due_at=1))

    with pytest.raises(SupersededError):
        stores.chats.commit(late)

    assert tail_of(stores).head == 1
    assert slots(stores) == set()
    assert len(stores.lines.first("billing", 9)) == 1


@pytest.mark.parametrize("taken", [2, 3])
def test_a_transition_whose_place_in_the_log_is_taken_writes_nothing(stores: Stores, taken: int) -> None:
    waiting(stores)
    at_desk(stores)
    late = accepting(stores)
    stores.chats.append(entry(taken))

    with pytest.raises(SupersededError):
        stores.chats.commit(late)

    assert tail_of(stores).interaction.state is State.WAITING
    assert slots(stores) == set()


def test_of_two_agents_with_the_same_view_one_wins(stores: Stores) -> None:
    waiting(stores)
    at_desk(stores, "ann")
    at_desk(stores, "bob")
    ann, bob = accepting(stores, agent="ann"), accepting(stores, agent="bob")

    stores.chats.commit(bob)
    with pytest.raises(SupersededError):
        stores.chats.commit(ann)

    assert (slots(stores, "ann"), slots(stores, "bob")) == (set(), {ID})


@pytest.mark.parametrize("capacity", [0, 1, 2])
def test_a_slot_is_taken_only_below_capacity(stores: Stores, capacity: int) -> None:
    at_desk(stores)
    for number in range(capacity):
        waiting(stores, f"CHAT{number}")
        stores.chats.commit(accepting(stores, f"CHAT{number}", capacity=capacity))
    waiting(stores, "ONEMORE")

    with pytest.raises(SupersededError):
        stores.chats.commit(accepting(stores, "ONEMORE", capacity=capacity))

    assert len(slots(stores)) == capacity
    assert tail_of(stores, "ONEMORE").interaction.state is State.WAITING
    assert tail_of(stores, "ONEMORE").head == 1


def test_a_negative_capacity_is_none(stores: Stores) -> None:
    at_desk(stores)
    for number in range(15):
        waiting(stores, f"CHAT{number}")
        stores.chats.commit(accepting(stores, f"CHAT{number}", capacity=-1))

    assert len(slots(stores)) == 15


def test_who_lost_the_race_is_superseded_even_when_also_full(stores: Stores) -> None:
    waiting(stores)
    at_desk(stores, "ann")
    at_desk(stores, "bob")
    late = accepting(stores, agent="ann", capacity=0)
    stores.chats.commit(accepting(stores, agent="bob"))

    with pytest.raises(SupersededError):
        stores.chats.commit(late)


def test_an_agent_who_never_joined_has_no_slots(stores: Stores) -> None:
    waiting(stores)

    for capacity in (-1, 5):
        with pytest.raises(SupersededError):
            stores.chats.commit(accepting(stores, agent="ghost", capacity=capacity, connections={}))
    assert stores.agents.load("ghost") is None


def test_a_slot_that_is_taken_already_counts_once(stores: Stores) -> None:
    waiting(stores)
    at_desk(stores)
    stores.chats.commit(accepting(stores, capacity=1))
    state = tail_of(stores).interaction
    again = replace(state, accepted_at=NOW + 7)

    stores.chats.commit(Transition(before=state, after=again, takes=Taking("ann", 1, {"a1": NOW})))

    assert slots(stores) == {ID}


@pytest.mark.parametrize("connections", [{}, {"a1": NOW + 1}, {"a2": NOW}, {"a1": NOW, "a2": NOW}])
def test_an_agent_whose_sockets_changed_takes_nothing(stores: Stores, connections: Mapping[str, int]) -> None:
    waiting(stores)
    at_desk(stores)

    with pytest.raises(SupersededError):
        stores.chats.commit(accepting(stores, connections=connections))

    assert slots(stores) == set()
    assert tail_of(stores).interaction.state is State.WAITING


@pytest.mark.parametrize("connections", [{}, {"a2": NOW}, {"a2": NOW, "a1": NOW}])
def test_an_agent_takes_with_whatever_sockets_it_has(stores: Stores, connections: Mapping[str, int]) -> None:
    waiting(stores)
    at_desk(stores)
    for connection in connections:
        stores.agents.join("ann", "Ann Other", connection, NOW, NOW + 1, NOW + 2)
    if "a1" not in connections:
        stores.agents.leave("ann", "a1", NOW)

    stores.chats.commit(accepting(stores, connections=connections))

    assert slots(stores) == {ID}


def test_a_lost_agent_takes_nothing(stores: Stores) -> None:
    waiting(stores)
    at_desk(stores)
    lose(stores)

    with pytest.raises(SupersededError):
        stores.chats.commit(accepting(stores, connections={}))

    assert slots(stores) == set()


def test_a_lost_agents_slot_can_be_given_back(stores: Stores) -> None:
    waiting(stores)
    at_desk(stores)
    stores.chats.commit(accepting(stores))
    lose(stores)

    stores.chats.commit(replace(ending(stores), frees=Freeing("ann", if_lost=True)))

    assert slots(stores) == set()
    assert tail_of(stores).interaction.ended


def test_a_slot_given_back_for_a_loss_is_kept_by_an_agent_who_came_back(stores: Stores) -> None:
    waiting(stores)
    at_desk(stores)
    stores.chats.commit(accepting(stores))
    lose(stores)
    late = replace(ending(stores), frees=Freeing("ann", if_lost=True))
    at_desk(stores)

    with pytest.raises(SupersededError):
        stores.chats.commit(late)

    assert slots(stores) == {ID}
    assert not tail_of(stores).interaction.ended


def test_an_agent_nobody_knows_gives_nothing_back(stores: Stores) -> None:
    before = created(stores)

    with pytest.raises(SupersededError):
        stores.chats.commit(Transition(before=before, after=before, frees=Freeing("ghost")))
    assert stores.agents.load("ghost") is None


def test_a_fake_can_tear_a_tail_as_a_query_beside_a_transaction_may() -> None:
    chats = FakeChats()
    chats.create(new(), opening())
    chats.commit(
        Transition(before=new(), after=replace(new(), last_event=2), entries=(entry(2, event="ended"),))
    )

    chats.tear_next_tail()

    torn, whole = chats.tail(ID, 1), chats.tail(ID, 1)
    assert torn is not None
    assert whole is not None
    assert torn.entries == whole.entries
    assert (torn.torn, whole.torn) == (True, False)


# What comes due


def test_what_is_overdue_is_found_in_its_shard_and_no_other(stores: Stores) -> None:
    names = [f"CHAT{number}" for number in range(20)]
    for name in names:
        created(stores, name)
    due_at = new().due_at
    assert due_at is not None

    found = [it for shard in range(SHARDS) for it in stores.chats.overdue(due_at, shard)]

    assert sorted(found, key=lambda it: it.id) == sorted(
        (Overdue("interaction", name, due_at) for name in names), key=lambda it: it.id
    )
    assert all(stores.chats.overdue(due_at - 1, shard) == [] for shard in range(SHARDS))


def test_the_oldest_comes_first(stores: Stores) -> None:
    names = [name for name in (f"CHAT{number}" for number in range(40)) if _shard(name) == 3][:3]
    for place, name in enumerate(names):
        stores.chats.create(new(name, NOW - place), opening(name))

    assert [it.id for it in stores.chats.overdue(NOW + 10**6, 3)] == names[::-1]


def test_agents_come_due_in_the_same_index(stores: Stores) -> None:
    stores.agents.join("ann", "Ann", "a1", NOW, NOW + 1, NOW + 2)

    assert stores.chats.overdue(NOW + 2, _shard("ann")) == [Overdue("agent", "ann", NOW + 2)]


def _shard(name: str) -> int:
    return zlib.crc32(name.encode()) % SHARDS


# As items

TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
MOMENT = st.integers(1, 2**52)


@settings(max_examples=200)
@given(
    st.builds(
        Interaction,
        id=st.from_regex(r"[0-9A-Z]{1,26}", fullmatch=True),
        state=st.sampled_from(State),
        opened_at=MOMENT,
        guest_name=TEXT,
        revision=st.integers(0, 10**6),
        queue=st.none() | TEXT,
        rule=st.none() | TEXT,
        configuration=st.none() | st.integers(0, 10**6),
        waiting_since=st.none() | MOMENT,
        queued_at=st.none() | MOMENT,
        accepted_at=st.none() | MOMENT,
        closed_at=st.none() | MOMENT,
        reason=st.none() | TEXT,
        ended=st.booleans(),
        agent=st.none() | TEXT,
        agent_name=st.none() | TEXT,
        guest_lost_at=st.none() | MOMENT,
        quiet_since=st.none() | MOMENT,
        warned_at=st.none() | MOMENT,
        reopenings=st.integers(0, 3),
        route_again_at=st.none() | MOMENT,
        last_event=st.integers(0, 10**6),
        due_at=st.none() | MOMENT,
        connections=st.dictionaries(TEXT, st.builds(Connection, TEXT, MOMENT), max_size=5),
    )
)
def test_any_state_comes_back_as_it_was(interaction: Interaction) -> None:
    item = state_item(interaction)

    assert read_state(item) == interaction
    assert ("due_shard" in item) == (interaction.due_at is not None)
    assert ("event" in item) == (interaction.last_event > 0)


@settings(max_examples=200)
@given(
    st.builds(
        Entry,
        interaction=st.from_regex(r"[0-9A-Z]{1,26}", fullmatch=True),
        seq=st.integers(1, 999_999_998),
        id=TEXT,
        at=MOMENT,
        author=TEXT,
        name=st.none() | TEXT,
        visibility=st.sampled_from(["comment", "work_note"]),
        text=st.none() | TEXT,
        event=st.none() | st.sampled_from(["accepted", "ended"]),
        data=st.none() | st.dictionaries(TEXT, TEXT | st.integers(0, 9), min_size=1, max_size=3),
    )
)
def test_any_entry_comes_back_as_it_was(entry: Entry) -> None:
    assert read_entry(entry_item(entry)) == entry


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(1, 999_999_998), min_size=2, max_size=20))
def test_keys_sort_as_numbers_do_and_state_behind_them(numbers: list[int]) -> None:
    keys = [entry_item(replace(opening(), seq=seq))["sk"]["S"] for seq in numbers]

    assert [int(key) for key in sorted(keys)] == sorted(numbers)
    assert max(keys) < state_item(new())["sk"]["S"]


# What only the DynamoDB implementation can show: calls that fail


class Failing:
    """A DynamoDB client whose calls fail as planned, before or after they took effect."""

    def __init__(self, client: DynamoDBClient) -> None:
        self._client = client
        self.plan: dict[str, list[tuple[str, Exception] | None]] = {}
        self.calls: list[str] = []
        self.requests: defaultdict[str, list[Any]] = defaultdict(list)

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._client, name)

        def call(**request: Any) -> Any:
            self.calls.append(name)
            self.requests[name].append(request)
            planned = self.plan.get(name)
            fault = planned.pop(0) if planned else None
            if fault is not None and fault[0] == "before":
                raise fault[1]
            answer = real(**request)
            if fault is not None:
                raise fault[1]
            return answer

        return call


def refusal(code: str, status: int = 400, **more: Any) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": code},
        "ResponseMetadata": {"HTTPStatusCode": status, "RetryAttempts": 0},
        **more,
    }
    return ClientError(response, "Call")


TIMEOUT = ReadTimeoutError(endpoint_url="https://dynamodb")
THROTTLED = refusal("ProvisionedThroughputExceededException")
CONFLICT = refusal("TransactionConflictException")
INTERNAL = refusal("InternalServerError", 500)


@pytest.fixture
def failing(chats_client: DynamoDBClient) -> Failing:
    return Failing(chats_client)


@pytest.fixture
def chats(failing: Failing) -> DynamoChats:
    return DynamoChats(failing, TABLE)  # type: ignore[arg-type]


def test_a_state_put_whose_answer_was_lost_is_found_to_have_been_ours(
    chats: DynamoChats, failing: Failing
) -> None:
    failing.plan["put_item"] = [None, ("after", TIMEOUT)]

    assert chats.create(new(), opening()) is True


def test_a_state_put_that_did_not_arrive_is_not_known_to_have_failed(
    chats: DynamoChats, failing: Failing
) -> None:
    failing.plan["put_item"] = [None, ("before", TIMEOUT)]

    with pytest.raises(UnavailableError) as caught:
        chats.create(new(), opening())
    assert not isinstance(caught.value, NotWrittenError)


def test_a_state_put_that_was_sent_twice_by_the_client_itself_is_new(
    chats: DynamoChats, chats_client: DynamoDBClient
) -> None:
    # The first attempt took effect and its answer was lost; botocore's second meets what the first wrote.
    DynamoChats(chats_client, TABLE).create(new(), opening())

    assert chats.create(new(), opening()) is True
    assert chats.create(new(at=NOW + 1), opening()) is False


def test_a_throttled_put_has_certainly_not_been_written(chats: DynamoChats, failing: Failing) -> None:
    failing.plan["put_item"] = [None, ("before", THROTTLED)]

    with pytest.raises(NotWrittenError):
        chats.create(new(), opening())
    assert chats.load(ID) is None


def test_after_a_retry_of_its_own_a_throttled_put_may_have_been_written(
    chats: DynamoChats, failing: Failing
) -> None:
    twice = refusal("ProvisionedThroughputExceededException")
    twice.response["ResponseMetadata"]["RetryAttempts"] = 2
    failing.plan["put_item"] = [None, ("before", twice)]

    with pytest.raises(UnavailableError) as caught:
        chats.create(new(), opening())
    assert not isinstance(caught.value, NotWrittenError)


@pytest.mark.parametrize("fault", [TIMEOUT, INTERNAL, THROTTLED])
def test_reads_that_fail_are_unavailable(chats: DynamoChats, failing: Failing, fault: Exception) -> None:
    reads: list[Callable[[], object]] = [
        lambda: chats.load(ID),
        lambda: chats.opening(ID),
        lambda: chats.tail(ID),
        lambda: chats.tail(ID, 1, "work_note"),
        lambda: chats.page(ID, 0, 100),
        lambda: chats.overdue(NOW, 0),
    ]
    for read in reads:
        failing.plan = {"get_item": [("before", fault)], "query": [("before", fault)]}
        with pytest.raises(UnavailableError):
            read()


def test_a_put_turned_away_by_a_transaction_is_tried_again(chats: DynamoChats, failing: Failing) -> None:
    chats.create(new(), opening())
    failing.plan["put_item"] = [("before", CONFLICT)] * 3

    assert chats.append(entry(2)) is None
    assert failing.calls.count("put_item") == 2 + 4


def test_a_place_that_is_always_turned_away_is_unavailable(chats: DynamoChats, failing: Failing) -> None:
    failing.plan["put_item"] = [("before", CONFLICT)] * 50

    with pytest.raises(UnavailableError):
        chats.append(entry(2))


def test_an_append_whose_answer_was_lost_is_unavailable_and_the_repeat_meets_itself(
    chats: DynamoChats, failing: Failing
) -> None:
    failing.plan["put_item"] = [("after", TIMEOUT)]
    with pytest.raises(UnavailableError):
        chats.append(entry(2))

    assert chats.append(entry(2)) == entry(2)


@pytest.mark.parametrize("fault", [CONFLICT, THROTTLED])
def test_a_save_that_was_turned_away_is_tried_again_on_the_same_revision(
    chats: DynamoChats, failing: Failing, fault: Exception
) -> None:
    chats.create(new(), opening())
    failing.plan["put_item"] = [("before", fault)] * 3

    chats.save(new())

    assert chats.load(ID) == replace(new(), revision=2)


@pytest.mark.parametrize("fault", [CONFLICT, THROTTLED])
def test_a_save_that_is_always_turned_away_is_decided_again(
    chats: DynamoChats, failing: Failing, fault: Exception
) -> None:
    chats.create(new(), opening())
    failing.plan["put_item"] = [("before", fault)] * 50

    with pytest.raises(SupersededError):
        chats.save(new())


def test_a_send_that_is_up_to_date_reads_a_few_items_in_one_query(
    chats: DynamoChats, failing: Failing
) -> None:
    chats.create(new(), opening())
    for seq in range(2, 100):
        chats.append(entry(seq))
    reads = failing.requests["query"]

    chats.tail(ID, 97)
    assert [read["Limit"] for read in reads] == [8]
    reads.clear()
    chats.tail(ID, 1)
    assert [read["Limit"] for read in reads] == [8, 64, 64]


def cancelled(*codes: str) -> ClientError:
    reasons = [{"Code": code} for code in codes]
    return refusal("TransactionCanceledException", CancellationReasons=reasons)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (cancelled("ConditionalCheckFailed", "None", "None", "None", "None"), SupersededError),
        (cancelled("None", "ConditionalCheckFailed", "None", "None", "None"), SupersededError),
        (cancelled("TransactionConflict", "None", "None", "None", "None"), SupersededError),
        (cancelled("None", "None", "None", "None", "TransactionConflict"), SupersededError),
        (cancelled("None", "None", "None", "None", "ConditionalCheckFailed"), SupersededError),
        (cancelled("None", "ThrottlingError", "None", "None", "ConditionalCheckFailed"), SupersededError),
        (cancelled("None", "ThrottlingError", "None", "None", "None"), NotWrittenError),
        (cancelled("ProvisionedThroughputExceeded", "None", "None", "None", "None"), NotWrittenError),
        (cancelled("None", "ValidationError", "None", "None", "None"), ClientError),
        (cancelled("None", "ItemCollectionSizeLimitExceeded", "None", "None", "None"), ClientError),
        (refusal("TransactionInProgressException"), UnavailableError),
        (refusal("AccessDeniedException"), ClientError),
        (THROTTLED, NotWrittenError),
        (CONFLICT, NotWrittenError),
        (INTERNAL, UnavailableError),
        (TIMEOUT, UnavailableError),
    ],
)
def test_why_a_transaction_failed_is_said_in_the_cores_terms(
    chats: DynamoChats, failing: Failing, fault: Exception, error: type[Exception]
) -> None:
    state = replace(new(), state=State.WAITING, queue="billing", waiting_since=NOW)
    transition = accept(
        Tail(state, (opening(),)),
        agent=Agent(id="ann", name="Ann"),
        capacity=1,
        response="Welcome.",
        at=NOW,
    )
    failing.plan["transact_write_items"] = [("before", fault)]

    with pytest.raises(error) as caught:
        chats.commit(transition)
    assert type(caught.value) is error


def test_a_request_that_is_wrong_is_not_called_unavailable(chats: DynamoChats, failing: Failing) -> None:
    failing.plan["get_item"] = [("before", refusal("AccessDeniedException"))]

    with pytest.raises(ClientError):
        chats.load(ID)
