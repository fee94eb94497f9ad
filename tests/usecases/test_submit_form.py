"""Submitting a form: what is stored, what counts, and what a crash at any step leaves behind."""

import pytest

from deskbell.configuration import Configuration
from deskbell.errors import (
    ChatDisabledError,
    ConflictError,
    InvalidFieldError,
    NotFoundError,
    QueueClosedError,
    RateLimitedError,
    TooLargeError,
    UnavailableError,
)
from deskbell.interaction import State
from deskbell.ports import NotWrittenError
from deskbell.tokens import TokenKeys, verify_guest_token
from deskbell.views import MAX_REPLY_BYTES, encode
from tests.builders.service import ANSWERS, DAY, MINUTE, NOW, SECOND, Service, document
from tests.fakes.faults import KilledError, When

KEY = "0190b5d6-7c1a-7b7e-9d2f-3f6f0c9d1a11"
ULID_KEY = "01J2TDCZ0WBKGH6HFKS3ZXJ8V7"


def test_the_interaction_is_stored_with_its_opening_and_sent_to_be_routed() -> None:
    service = Service()

    submitted = service.submit()

    interaction = service.state(submitted.interaction.id)
    assert interaction.state is State.NEW
    assert interaction.guest_name == "Grace Hopper"
    assert interaction.opened_at == NOW
    (opening,) = service.log(interaction.id)
    assert (opening.seq, opening.author, opening.text) == (1, "guest", "The bell does not ring.")
    assert opening.data is not None
    assert opening.data["fields"]["category"] == "billing"
    assert opening.data["fields"]["email"] == "grace@example.com"
    assert service.route_queue.sent == [interaction.id]


def test_the_token_opens_this_interaction_for_a_day() -> None:
    service = Service()

    submitted = service.submit()

    identity = verify_guest_token(submitted.token, NOW + DAY - 1, service.tokens.held)
    assert identity.interaction == submitted.interaction.id
    assert identity.expires_at == submitted.expires_at == NOW + DAY


def test_an_accepted_submission_counts_once_in_both_windows() -> None:
    service = Service()

    service.submit()

    assert {key: window.total for key, window in service.windows.windows.items()} == {
        "guests": 1,
        "client#client": 1,
    }


def test_submission_owes_routing_and_the_guests_grace_from_the_start() -> None:
    service = Service()

    interaction = service.submit().interaction

    assert interaction.guest_lost_at == NOW
    assert interaction.due_at == NOW + 30 * SECOND


def test_two_submissions_without_a_key_are_two_conversations() -> None:
    service = Service()

    assert service.submit().interaction.id != service.submit().interaction.id
    assert service.admitted() == 2


@pytest.mark.parametrize("key", [KEY, ULID_KEY, KEY.upper(), ULID_KEY.lower()])
def test_a_replay_finds_the_same_chat_with_a_newly_signed_token_and_is_not_counted(key: str) -> None:
    service = Service()
    first = service.submit(key)
    service.route(first.interaction.id)
    service.later(MINUTE)

    again = service.submit(key)

    assert again.interaction.id == first.interaction.id
    assert again.interaction.state is State.WAITING
    assert again.token != first.token
    assert again.expires_at == NOW + MINUTE + DAY
    assert service.admitted() == 1
    assert service.route_queue.sent == [first.interaction.id]
    assert len(service.log(first.interaction.id)) == 1


@pytest.mark.parametrize("switch", ["deskbell.guest.enabled", "glide.connect.support.enabled"])
def test_a_replay_is_answered_while_chat_is_switched_off(switch: str) -> None:
    service = Service()
    first = service.submit(KEY)
    service.configuration = Configuration.from_document(document(**{switch: False}), version=8)

    assert service.submit(KEY).interaction.id == first.interaction.id
    with service.refusing(ChatDisabledError):
        service.submit(KEY, {"description": "Another matter."})


def test_a_replay_is_signed_with_the_present_key() -> None:
    service = Service()
    service.submit(KEY)
    service.tokens.held = TokenKeys(b"a newer key", service.tokens.held.current)

    again = service.submit(KEY)

    assert verify_guest_token(again.token, NOW, TokenKeys(b"a newer key"))


def test_other_answers_under_the_same_key_are_another_chat() -> None:
    service = Service()

    first = service.submit(KEY)
    other = service.submit(KEY, {"description": "Something else."})

    assert other.interaction.id != first.interaction.id
    assert service.admitted() == 2


def test_answers_that_mean_the_same_are_a_replay() -> None:
    service = Service()

    first = service.submit(KEY)
    again = service.submit(KEY, {"description": "  The bell does not ring.\r\n"})

    assert again.interaction.id == first.interaction.id


def test_a_replay_is_answered_when_the_limit_is_reached_meanwhile() -> None:
    service = Service(document(**{"connect.support.max_guest_sessions_per_hour": 1}))
    first = service.submit(KEY)

    assert service.submit(KEY).interaction.id == first.interaction.id
    with service.refusing(RateLimitedError):
        service.submit()


def test_a_key_is_good_for_a_day() -> None:
    service = Service()
    first = service.submit(KEY)
    service.later(DAY)

    assert service.submit(KEY).interaction.id == first.interaction.id


def test_a_key_older_than_a_day_is_a_conflict() -> None:
    service = Service()
    service.submit(KEY)
    service.later(DAY + 1)

    with service.refusing(ConflictError):
        service.submit(KEY)


@pytest.mark.parametrize("key", ["", "hello", "0190b5d6", KEY + "0", "{" + KEY + "}", KEY + "\n"])
def test_a_key_of_another_shape_is_refused_by_name(key: str) -> None:
    service = Service()

    with service.refusing(InvalidFieldError) as caught:
        service.submit(key)

    assert [problem.field for problem in caught.value.errors] == ["Idempotency-Key"]


REFUSALS = [
    ("a field missing", {}, {"email": None}, "default", InvalidFieldError),
    ("a wrong choice", {}, {"issue_type": "love"}, "default", InvalidFieldError),
    ("an unknown field", {}, {"role": "admin"}, "default", InvalidFieldError),
    ("an answer that is no text", {}, {"first_name": 7}, "default", InvalidFieldError),
    ("answers too large", {}, {"description": "x" * 16_001}, "default", TooLargeError),
    ("an unknown form", {}, {}, "nowhere", NotFoundError),
    ("chat switched off", {"deskbell.guest.enabled": False}, {}, "default", ChatDisabledError),
    ("support switched off", {"glide.connect.support.enabled": False}, {}, "default", ChatDisabledError),
    ("no room", {"connect.support.max_guest_sessions_per_hour": 0}, {}, "default", RateLimitedError),
]


@pytest.mark.parametrize(
    ("properties", "answers", "form", "error"),
    [case[1:] for case in REFUSALS],
    ids=[case[0] for case in REFUSALS],
)
def test_a_refusal_stores_nothing_and_counts_nothing(
    properties: dict[str, int | bool], answers: dict[str, object], form: str, error: type[NotFoundError]
) -> None:
    service = Service(document(**properties))

    with service.refusing(error):
        service.submit(answers=answers, form=form)

    assert service.admitted() == 0


def test_every_bad_field_is_named() -> None:
    service = Service()

    with service.refusing(InvalidFieldError) as caught:
        service.submit(answers={"email": "nobody", "issue_type": "love", "last_name": ""})

    assert {problem.field: problem.code for problem in caught.value.errors} == {
        "email": "invalid_email",
        "issue_type": "invalid_choice",
        "last_name": "missing",
    }


def test_where_no_rule_matches_and_no_queue_is_the_default_the_guest_is_told_so() -> None:
    service = Service(
        {**document(**{"deskbell.routing.no_match_message": "Write to us."}), "matching-rules": []}
    )

    with service.refusing(QueueClosedError) as caught:
        service.submit()

    assert caught.value.detail == "Write to us."
    assert service.admitted() == 0


def test_a_closed_queue_says_when_it_opens_and_counts_nothing() -> None:
    hours = {"zone": "UTC", "weekly": {"monday": [["09:00", "17:00"]]}}
    queues = [
        {"id": "billing", "name": "Billing", "group": "billing", "schedule": hours},
        {"id": "product", "name": "Product", "group": "product"},
        {"id": "order", "name": "Order", "group": "order"},
    ]
    service = Service({**document(), "queues": queues})

    with service.refusing(QueueClosedError) as caught:
        service.submit()

    assert caught.value.not_available_html
    assert caught.value.next_opening is not None
    assert caught.value.next_opening > NOW
    assert service.admitted() == 0


def test_the_limit_holds_and_its_refusal_says_what_is_configured_and_when_to_retry() -> None:
    limit: dict[str, int | str | bool] = {
        "connect.support.max_guest_sessions_per_hour": 2,
        "connect.support.guest_sessions_rate_limit_reached_message": "Come back later.",
    }
    service = Service(document(**limit))
    service.submit(client="one")
    service.submit(client="two")

    with service.refusing(RateLimitedError) as caught:
        service.submit(client="three")

    assert caught.value.detail == "Come back later."
    assert caught.value.retry_at > NOW
    assert service.admitted() == 2


def test_the_twin_of_a_request_under_way_is_answered_where_it_is_refused_itself() -> None:
    service = Service(document(**{"connect.support.max_guest_sessions_per_hour": 1}))
    elsewhere = Service(table=service.table)
    elsewhere.windows = service.windows
    # The twin finds nothing yet; the other one takes the last permit and stores before the twin asks for one.
    service.faults.plan("load", lambda: elsewhere.submit(KEY), when="after")

    submitted = service.submit(KEY)

    assert list(service.table.states) == [submitted.interaction.id]
    assert service.admitted() == 1


def test_a_long_name_is_cut_where_it_stands_beside_every_message() -> None:
    service = Service()

    interaction = service.submit(answers={"first_name": "A" * 100}).interaction

    assert interaction.guest_name == "A" * 40
    assert service.log(interaction.id)[0].name == "A" * 40


def test_answers_that_would_not_fit_into_the_frame_of_a_join_are_too_large() -> None:
    parts = [f"part{number}" for number in range(5)]
    fields = [{"name": name, "label": name, "type": "textarea"} for name in (*ANSWERS, *parts)]
    service = Service(
        {**document(), "forms": [{"id": "help", "title": "Long", "fields": fields, "queue": "billing"}]}
    )

    # Each answer alone may be as long, and so may all together; but JSON writes a quotation mark as two bytes.
    with service.refusing(TooLargeError):
        service.submit(answers=dict.fromkeys(parts, '"' * 3_000))

    chat = service.submit(answers=dict.fromkeys(parts, "x" * 3_000)).interaction.id
    joined = service.join(service.guest_of(chat))
    assert [message["seq"] for message in joined["messages"]] == [1]
    assert len(encode(joined).encode()) <= MAX_REPLY_BYTES


def test_one_client_cannot_take_what_is_for_all() -> None:
    service = Service(document(**{"deskbell.guest.max_sessions_per_client_per_hour": 1}))
    service.submit(client="greedy")

    with service.refusing(RateLimitedError):
        service.submit(client="greedy")
    assert service.submit(client="modest")


# Killed at each step

STEPS: list[tuple[str, When]] = [
    ("create.opening", "before"),
    ("create.opening", "after"),
    ("create.state", "before"),
    ("create.state", "after"),
    ("send_route", "before"),
    ("send_route", "after"),
    ("keys", "before"),
]


@pytest.mark.parametrize(("step", "when"), STEPS, ids=[f"{when} {step}" for step, when in STEPS])
def test_killed_at_any_step_a_replay_finds_or_makes_the_one_chat(step: str, when: When) -> None:
    service = Service()
    service.faults.plan(step, KilledError(), when=when)
    with pytest.raises(KilledError):
        service.submit(KEY)
    stored_before = bool(service.table.states)
    service.later(SECOND)

    again = service.submit(KEY)

    assert list(service.table.states) == [again.interaction.id]
    assert [entry.seq for entry in service.log(again.interaction.id)] == [1]
    assert service.admitted() == (1 if stored_before else 2), "a crash burns a permit, a replay takes none"


@pytest.mark.parametrize(("step", "when"), STEPS[3:], ids=[f"{when} {step}" for step, when in STEPS[3:]])
def test_killed_once_stored_the_chat_is_routed_by_the_sweeper_alone(step: str, when: When) -> None:
    service = Service()
    service.faults.plan(step, KilledError(), when=when)
    with pytest.raises(KilledError):
        service.submit(KEY)
    service.route_queue.sent.clear()
    (interaction,) = service.table.states
    service.later(30 * SECOND + MINUTE)

    assert service.sweep() == 1
    assert service.route_queue.sent == [interaction]


def test_what_a_crash_left_before_state_is_no_conversation() -> None:
    service = Service()
    service.faults.plan("create.state", KilledError())
    with pytest.raises(KilledError):
        service.submit(KEY)
    service.later(DAY)

    assert service.sweep() == 0
    assert service.route_queue.sent == []


def test_a_route_message_that_could_not_be_sent_is_still_an_accepted_submission() -> None:
    service = Service()
    service.faults.plan("send_route", UnavailableError("down"))

    submitted = service.submit()

    assert submitted.token
    assert service.meter.counts["RouteMessagesNotSent"] == 1
    assert service.state(submitted.interaction.id).due_at == NOW + 30 * SECOND


@pytest.mark.parametrize("step", ["create.opening", "create.state"])
def test_a_permit_is_given_back_on_a_definite_failure(step: str) -> None:
    service = Service()
    service.faults.plan(step, NotWrittenError("busy"))

    with pytest.raises(UnavailableError):
        service.submit(KEY)

    assert {window.total for window in service.windows.windows.values()} == {0}
    assert service.table.states == {}


@pytest.mark.parametrize("step", ["create.opening", "create.state"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_permit_is_never_given_back_on_an_unknown_outcome(step: str, when: When) -> None:
    service = Service()
    service.faults.plan(step, UnavailableError("no answer"), when=when)

    with pytest.raises(UnavailableError):
        service.submit(KEY)

    assert {window.total for window in service.windows.windows.values()} == {1}


def test_a_permit_is_given_back_when_the_same_request_was_faster_elsewhere() -> None:
    service = Service()
    elsewhere = Service(table=service.table)
    elsewhere.windows = service.windows
    service.faults.plan("create.opening", lambda: elsewhere.submit(KEY))

    submitted = service.submit(KEY)

    assert list(service.table.states) == [submitted.interaction.id]
    assert service.admitted() == 1


def test_only_ids_travel_through_the_route_queue() -> None:
    service = Service()

    service.submit()

    assert service.route_queue.sent == list(service.table.states)
