"""What has come due: nothing waits for ever, and a timer that is late, early or doubled does no harm."""

import pytest

from deskbell.configuration import Configuration
from deskbell.errors import UnavailableError
from deskbell.interaction import State
from deskbell.timers import InteractionDue, QueueAnnouncement
from tests.builders.service import HOUR, MINUTE, NOW, SECOND, Service, document
from tests.fakes.faults import KilledError

# Routing


def test_what_was_not_routed_is_sent_again_each_half_minute() -> None:
    service = Service()
    chat = service.submitted()
    service.route_queue.sent.clear()

    service.come_due(chat)
    service.come_due(chat)

    assert service.route_queue.sent == [chat, chat]
    assert service.state(chat).due_at == NOW + 90 * SECOND


def test_what_could_not_be_routed_in_the_longest_wait_is_closed_and_its_guest_told() -> None:
    service = Service()
    chat = service.submitted()
    service.join(service.guest_of(chat))

    while service.state(chat).due_at is not None:
        service.come_due(chat)

    state = service.state(chat)
    assert (state.state, state.reason, state.ended) == (State.CLOSED_ABANDONED, "not_routed", True)
    assert service.now == NOW + 30 * MINUTE
    assert service.gateway.to("g1", "ended")[0]["reason"] == "not_routed"


def test_a_route_message_that_fails_again_is_owed_again() -> None:
    service = Service()
    chat = service.submitted()
    service.route_queue.sent.clear()
    service.faults.plan("send_route", UnavailableError("down"))

    with pytest.raises(UnavailableError):
        service.come_due(chat)

    assert service.state(chat).due_at == NOW + 60 * SECOND
    service.come_due(chat)
    assert service.route_queue.sent == [chat]


# The guest is lost


def test_a_guest_who_never_connects_has_abandoned_it() -> None:
    service = Service()
    chat = service.waiting(connection=None)

    service.come_due(chat)

    assert service.now == NOW + 2 * MINUTE
    state = service.state(chat)
    assert (state.state, state.reason, state.ended) == (State.CLOSED_ABANDONED, "guest_lost", False)
    assert service.events(chat)[-1] == "abandoned"
    assert service.table.waiting == set()
    assert QueueAnnouncement("billing", service.now) in service.timers.sent


def test_an_abandoned_conversation_ends_for_good_when_nobody_reopens_it() -> None:
    service = Service()
    chat = service.waiting(connection=None)
    service.come_due(chat)

    service.come_due(chat)

    state = service.state(chat)
    assert service.now == NOW + 17 * MINUTE
    assert (state.state, state.ended, state.reason) == (State.CLOSED_ABANDONED, True, "guest_lost")
    assert state.closed_at == NOW + 2 * MINUTE
    assert service.events(chat)[-2:] == ["abandoned", "ended"]
    assert state.due_at is None


def test_a_guest_lost_in_a_conversation_has_closed_it() -> None:
    service = Service()
    chat = service.conversation()
    service.later(MINUTE)
    service.send(service.guest_of(chat), chat, after=3)
    service.disconnect(service.guest_of(chat))

    while service.state(chat).due_at is not None:
        service.come_due(chat)

    state = service.state(chat)
    assert service.now == NOW + 3 * MINUTE
    assert (state.state, state.reason) == (State.CLOSED_BY_CLIENT, "guest_lost")
    assert service.gateway.to("a1", "ended")[0]["reason"] == "guest_lost"
    assert service.at_work().slots == {}


def test_a_guest_who_reloads_within_the_grace_goes_on() -> None:
    service = Service()
    chat = service.waiting()
    service.disconnect(service.guest_of(chat))
    timer = service.due(chat)
    service.later(119 * SECOND)
    service.join(service.guest_of(chat, "g2"))
    service.later(SECOND)

    assert service.handle(timer) is False
    assert service.state(chat).state is State.WAITING


def test_a_guest_who_comes_back_while_it_is_being_closed_wins() -> None:
    service = Service()
    chat = service.waiting()
    service.disconnect(service.guest_of(chat))
    service.faults.plan("commit", lambda: service.join(service.guest_of(chat, "g2")))

    service.come_due(chat)

    assert service.state(chat).state is State.WAITING
    assert service.events(chat) == ["The bell does not ring."]


def test_a_grace_that_was_made_longer_meanwhile_is_waited_for() -> None:
    service = Service()
    chat = service.waiting()
    service.disconnect(service.guest_of(chat))
    service.forget_pushes()
    service.configuration = Configuration.from_document(
        document(**{"deskbell.guest.grace_seconds": 600}), version=8
    )

    assert service.come_due(chat) is False

    state = service.state(chat)
    assert (state.state, state.due_at, state.reason) == (State.WAITING, NOW + 600 * SECOND, None)
    assert service.timers.sent == [InteractionDue(chat, NOW + 600 * SECOND)]
    assert service.come_due(chat) is True
    assert (service.state(chat).state, service.state(chat).reason) == (State.CLOSED_ABANDONED, "guest_lost")


def test_a_grace_longer_than_the_longest_wait_leaves_that_to_close_it_in_its_own_name() -> None:
    service = Service()
    chat = service.waiting()
    service.disconnect(service.guest_of(chat))
    service.configuration = Configuration.from_document(
        document(**{"deskbell.guest.grace_seconds": 7200}), version=8
    )

    assert service.come_due(chat) is False
    assert service.state(chat).state is State.WAITING
    assert service.come_due(chat) is True

    assert service.now == NOW + 30 * MINUTE
    assert service.state(chat).reason == "maximum_wait"


def test_an_agent_who_accepts_while_it_is_being_closed_wins() -> None:
    service = Service()
    chat = service.waiting(connection=None)
    service.join(service.agent())
    service.faults.plan("commit", service.accept)

    service.come_due(chat)

    assert service.state(chat).is_assigned_to("ann")


# The maximum wait


def test_whoever_waited_too_long_is_told_so_in_the_configured_words() -> None:
    service = Service(document(**{"deskbell.queue.maximum_wait_message": "We are sorry."}))
    chat = service.waiting()

    service.come_due(chat)

    state = service.state(chat)
    assert service.now == NOW + 30 * MINUTE
    assert (state.state, state.reason, state.ended) == (State.CLOSED_ABANDONED, "maximum_wait", True)
    (told,) = service.gateway.to("g1", "ended")
    assert (told["reason"], told["text"]) == ("maximum_wait", "We are sorry.")
    assert service.table.waiting == set()


def test_a_queue_may_have_a_wait_and_words_of_its_own() -> None:
    queues = [
        {"id": name, "name": name, "group": name, "maximum_wait": 60, "maximum_wait_message": "Too long."}
        for name in ("product", "billing", "order")
    ]
    service = Service({**document(), "queues": queues})
    chat = service.waiting()

    service.come_due(chat)

    assert service.now == NOW + MINUTE
    assert service.log(chat)[-1].text == "Too long."


# Idle


def test_a_silent_guest_is_warned_and_then_its_conversation_ends() -> None:
    service = Service()
    chat = service.conversation()

    service.come_due(chat)
    assert service.now == NOW + 2 * MINUTE
    assert service.gateway.to("g1") == [{"type": "idle_warning", "interaction": chat, "seconds": 60}]
    assert service.gateway.to("a1") == []

    service.come_due(chat)
    assert service.now == NOW + 3 * MINUTE
    state = service.state(chat)
    assert (state.state, state.reason, state.ended) == (State.CLOSED_BY_CLIENT, "idle", True)
    assert service.gateway.to("g1", "ended")[0]["reason"] == "idle"
    assert service.gateway.to("a1", "ended")[0]["reason"] == "idle"


def test_idle_time_does_not_run_while_the_last_word_is_the_guests() -> None:
    service = Service()
    chat = service.conversation()
    service.send(service.guest_of(chat), chat, after=3)

    for _ in range(5):
        service.come_due(chat)

    assert service.now >= NOW + 10 * MINUTE
    assert service.gateway.to("g1", "idle_warning") == []
    assert service.state(chat).state is State.WORK_IN_PROGRESS


def test_idle_time_counts_from_the_agents_last_word() -> None:
    service = Service()
    chat = service.conversation()
    service.later(MINUTE)
    service.send(service.agent(), chat, "Are you there?", after=3)

    service.come_due(chat)
    assert service.gateway.to("g1", "idle_warning") == []
    service.come_due(chat)

    assert service.now == NOW + 3 * MINUTE
    assert len(service.gateway.to("g1", "idle_warning")) == 1


def test_a_guest_who_answers_during_the_countdown_stays() -> None:
    service = Service()
    chat = service.conversation()
    service.come_due(chat)
    service.later(30 * SECOND)
    service.send(service.guest_of(chat), chat, "Yes!", after=3)

    service.come_due(chat)

    assert service.state(chat).state is State.WORK_IN_PROGRESS
    assert service.state(chat).warned_at is None


def test_an_agent_who_speaks_during_the_countdown_gives_more_time() -> None:
    service = Service()
    chat = service.conversation()
    service.come_due(chat)
    service.later(30 * SECOND)
    service.send(service.agent(), chat, "Take your time.", after=3)

    service.come_due(chat)

    assert service.state(chat).state is State.WORK_IN_PROGRESS
    assert service.state(chat).due_at == NOW + 2 * MINUTE + 30 * SECOND + 2 * MINUTE


def test_a_guest_who_stays_while_the_conversation_is_being_closed_keeps_it() -> None:
    service = Service()
    chat = service.conversation()
    service.come_due(chat)
    service.faults.plan("commit", lambda: service.stay(service.guest_of(chat), chat))

    service.come_due(chat)

    assert service.state(chat).state is State.WORK_IN_PROGRESS
    assert service.events(chat)[-1] != "ended"


def test_a_guest_who_answers_while_the_conversation_is_being_closed_keeps_it() -> None:
    service = Service()
    chat = service.conversation()
    service.come_due(chat)
    service.faults.plan("commit", lambda: service.send(service.guest_of(chat), chat, "Yes!", after=3))

    service.come_due(chat)

    assert service.state(chat).state is State.WORK_IN_PROGRESS
    assert service.events(chat)[-1] == "Yes!"


def test_a_guest_who_stays_while_it_is_being_warned_is_not_warned() -> None:
    service = Service()
    chat = service.conversation()
    service.faults.plan("save", lambda: service.stay(service.guest_of(chat), chat))

    service.come_due(chat)

    assert service.state(chat).warned_at is None
    assert service.gateway.to("g1", "idle_warning") == []


def test_idle_times_are_properties() -> None:
    service = Service(document(**{"connect.support.idle.delay": 10, "connect.support.idle.count_down": 5}))
    chat = service.conversation()

    service.come_due(chat)
    assert (service.now, service.gateway.to("g1")[0]["seconds"]) == (NOW + 10 * SECOND, 5)
    service.come_due(chat)
    assert (service.now, service.state(chat).reason) == (NOW + 15 * SECOND, "idle")


# Timers


def test_a_stale_timer_does_nothing() -> None:
    service = Service()
    chat = service.waiting()
    stale = InteractionDue(chat, NOW + MINUTE)
    service.later(HOUR)
    before = service.everything()

    assert service.handle(stale) is False
    assert service.handle(InteractionDue("GONE", NOW)) is False
    assert service.everything() == before


def test_a_timer_that_comes_twice_acts_once() -> None:
    service = Service()
    chat = service.waiting()
    timer = service.due(chat)
    service.now = timer.at
    assert service.handle(timer) is True
    before = service.everything()

    assert service.handle(timer) is False
    assert service.everything() == before


def test_a_timer_that_comes_early_is_sent_again_with_the_rest() -> None:
    service = Service()
    chat = service.waiting()
    timer = service.due(chat)
    service.forget_pushes()
    service.later(15 * MINUTE)

    assert service.handle(timer) is False
    assert service.timers.sent == [timer]
    assert service.state(chat).state is State.WAITING


@pytest.mark.parametrize("step", ["commit", "push", "send_timer"])
def test_killed_at_any_step_the_sweeper_finishes_the_job(step: str) -> None:
    service = Service()
    chat = service.waiting()
    service.faults.plan(step, KilledError(), when="before")
    with pytest.raises(KilledError):
        service.come_due(chat)
    service.later(2 * MINUTE)

    service.sweep()

    assert service.state(chat).reason == "maximum_wait"
    assert service.events(chat).count("ended") == 1
    assert service.table.waiting == set()
