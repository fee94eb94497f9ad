"""Routing a submitted interaction."""

from typing import Literal

import pytest

from deskbell.errors import NotFoundError, UnavailableError
from deskbell.interaction import State
from deskbell.lifecycle import WaitingEntry
from deskbell.timers import InteractionDue, QueueAnnouncement
from tests.builders.service import MINUTE, NOW, SECOND, Service, document
from tests.fakes.faults import KilledError


@pytest.mark.parametrize("issue", ["billing", "order", "product"])
def test_a_matching_rule_puts_it_in_its_queue(issue: str) -> None:
    service = Service()
    interaction = service.submitted(issue_type=issue)
    service.later(SECOND)

    service.route(interaction)

    state = service.state(interaction)
    assert (state.state, state.queue) == (State.WAITING, issue)
    assert service.table.waiting == {WaitingEntry(issue, NOW, interaction)}


def test_it_keeps_the_rule_and_the_version_that_chose_its_queue() -> None:
    service = Service()
    interaction = service.submitted()

    service.route(interaction)

    assert service.state(interaction).rule == "Anonymous Connect - Billing Support"
    assert service.state(interaction).configuration == 7


def test_its_age_counts_from_the_submission_and_its_wait_from_the_queue() -> None:
    service = Service()
    interaction = service.submitted()
    service.later(20 * SECOND)

    service.route(interaction)

    state = service.state(interaction)
    assert (state.waiting_since, state.queued_at) == (NOW, NOW + 20 * SECOND)


def test_a_guest_who_never_connects_is_due_when_its_grace_from_submission_ends() -> None:
    service = Service()

    interaction = service.waiting(connection=None)

    assert service.state(interaction).due_at == NOW + 2 * MINUTE
    assert InteractionDue(interaction, NOW + 2 * MINUTE) in service.timers.sent


def test_a_connected_guest_is_told_its_place_and_the_queue_is_announced() -> None:
    service = Service()
    interaction = service.submitted()
    service.join(service.guest_of(interaction))

    service.route(interaction)

    assert service.gateway.to("g1") == [
        {"type": "queued", "interaction": interaction, "position": 1, "wait_seconds": None}
    ]
    assert QueueAnnouncement("billing", NOW) in service.timers.sent


def test_routing_repeated_changes_nothing() -> None:
    service = Service()
    interaction = service.waiting()
    before = service.everything()

    service.route(interaction)

    assert service.everything() == before


@pytest.mark.parametrize("then", ["accepted", "ended", "abandoned"])
def test_a_late_repeat_leaves_alone_what_has_gone_on(then: str) -> None:
    service = Service()
    interaction = service.conversation() if then != "abandoned" else service.waiting()
    if then != "accepted":
        service.end(service.guest_of(interaction), interaction)
    before = service.everything()

    service.route(interaction)

    assert service.everything() == before


def test_of_two_routings_at_once_one_takes_effect() -> None:
    service = Service()
    interaction = service.submitted()
    service.faults.plan("commit", lambda: service.route(interaction))

    service.route(interaction)

    assert len(service.table.waiting) == 1
    assert service.state(interaction).revision == 2


def test_with_no_queue_for_it_any_more_it_ends_with_the_configured_words() -> None:
    service = Service()
    interaction = service.submitted()
    service.join(service.guest_of(interaction))
    later = Service(
        {**document(**{"deskbell.routing.no_match_message": "Write to us."}), "matching-rules": []},
        service.table,
    )

    later.route(interaction)

    state = service.state(interaction)
    assert (state.ended, state.reason, state.due_at) == (True, "no_queue", None)
    assert service.log(interaction)[-1].text == "Write to us."
    (told,) = later.gateway.to("g1", "ended")
    assert (told["reason"], told["text"], told["seq"]) == ("no_queue", "Write to us.", 2)
    assert later.meter.counts["InteractionsWithoutQueue"] == 1


def test_a_default_queue_takes_what_no_rule_matches() -> None:
    service = Service({**document(**{"deskbell.routing.default_queue": "order"}), "matching-rules": []})

    interaction = service.waiting()

    assert (service.state(interaction).queue, service.state(interaction).rule) == ("order", None)


def test_an_interaction_that_does_not_exist_is_a_poison_message() -> None:
    service = Service()

    with service.refusing(NotFoundError):
        service.route("NOSUCHTHING")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["claim_announcement", "send_timer"])
def test_redelivered_after_a_crash_behind_the_commit_it_owes_the_announcement(
    step: str, when: Literal["before", "after"]
) -> None:
    service = Service()
    interaction = service.submitted()
    service.faults.plan(step, KilledError(), when=when)
    with pytest.raises(KilledError):
        service.route(interaction)
    assert service.state(interaction).state is State.WAITING
    assert [timer for timer in service.timers.sent if isinstance(timer, QueueAnnouncement)] == []
    service.later(MINUTE)

    service.route(interaction)

    assert QueueAnnouncement("billing", NOW + MINUTE) in service.timers.sent


def test_a_commit_that_was_written_is_done_although_its_answer_was_lost() -> None:
    service = Service()
    interaction = service.submitted()
    service.faults.plan("commit", UnavailableError("no answer"), when="after")

    service.route(interaction)

    assert service.state(interaction).state is State.WAITING
    assert QueueAnnouncement("billing", NOW) in service.timers.sent


def test_a_commit_that_was_not_written_brings_the_message_back() -> None:
    service = Service()
    interaction = service.submitted()
    service.faults.plan("commit", UnavailableError("no answer"))

    with service.refusing(UnavailableError):
        service.route(interaction)
