"""Every state that is not final names one moment at which somebody looks again."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskbell.deadlines import Deadlines, Due, deadlines_for, next_due
from deskbell.interaction import LIVE_STATES, Interaction, State
from tests.builders.service import Service, document

OPENED = 1_000_000
NEW = Interaction(id="CHAT", state=State.NEW, opened_at=OPENED, guest_name="Grace")
WAITING = replace(NEW, state=State.WAITING, queue="billing", queued_at=OPENED)
WORKING = replace(WAITING, state=State.WORK_IN_PROGRESS, accepted_at=OPENED, quiet_since=OPENED)
LEFT = replace(WAITING, state=State.CLOSED_ABANDONED, closed_at=OPENED)

CASES = [
    (NEW, 30, Due.ROUTE),
    (replace(NEW, guest_lost_at=OPENED - 999_000), 30, Due.ROUTE),
    (replace(NEW, route_again_at=OPENED + 60_000), 60, Due.ROUTE),
    (WAITING, 1_800, Due.MAXIMUM_WAIT),
    (replace(WAITING, queued_at=OPENED + 10_000), 1_810, Due.MAXIMUM_WAIT),
    (replace(WAITING, guest_lost_at=OPENED), 120, Due.GUEST_LOST),
    (replace(WAITING, guest_lost_at=OPENED + 1_790_000), 1_800, Due.MAXIMUM_WAIT),
    (WORKING, 120, Due.IDLE),
    (replace(WORKING, quiet_since=OPENED + 7_000), 127, Due.IDLE),
    (replace(WORKING, warned_at=OPENED + 120_000), 180, Due.IDLE),
    (replace(WORKING, guest_lost_at=OPENED - 60_000), 60, Due.GUEST_LOST),
    (LEFT, 900, Due.ABANDONED),
]


@pytest.mark.parametrize(("interaction", "seconds", "due"), CASES)
def test_what_is_due_next(interaction: Interaction, seconds: int, due: Due) -> None:
    assert next_due(interaction, Deadlines()) == (OPENED + seconds * 1_000, due)


@pytest.mark.parametrize("state", [state for state in State if state not in LIVE_STATES])
def test_what_has_ended_waits_for_nothing(state: State) -> None:
    assert next_due(replace(LEFT, state=state, ended=True), Deadlines()) is None


@given(
    st.sampled_from(sorted(LIVE_STATES)),
    st.none() | st.integers(1, 10**9),
    st.none() | st.integers(1, 10**9),
    st.none() | st.integers(1, 10**9),
)
def test_a_conversation_that_goes_on_always_waits_for_something(
    state: State, lost: int | None, quiet: int | None, warned: int | None
) -> None:
    interaction = replace(
        WORKING, state=state, guest_lost_at=lost, quiet_since=quiet, warned_at=warned, queued_at=quiet
    )

    assert next_due(interaction, Deadlines()) is not None


def test_a_queues_own_times_stand_over_the_properties() -> None:
    queues = [
        {"id": name, "name": name, "group": name, "maximum_wait": 7, "idle_delay": 8, "idle_count_down": 9}
        for name in ("billing", "product", "order")
    ]
    configured = {**document(**{"deskbell.guest.grace_seconds": 5}), "queues": queues}
    configuration = Service(configured).configuration

    assert deadlines_for(WAITING, configuration) == Deadlines(
        guest_grace=5, maximum_wait=7, idle_delay=8, idle_countdown=9
    )
    assert deadlines_for(NEW, configuration).maximum_wait == 1_800
    assert deadlines_for(replace(WAITING, queue="gone"), configuration).maximum_wait == 1_800
