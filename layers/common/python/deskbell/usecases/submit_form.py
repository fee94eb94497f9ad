"""Start a conversation: a guest's form is checked, admitted, stored, and sent to be routed.

Nothing here is undone by a crash: before STATE is stored nobody was promised anything, and from then on STATE itself
carries the moment at which the sweeper routes what nobody else did.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deskbell.admission import GuestLimits, SeenWindows, admit_guest, give_back
from deskbell.answers import Answers, check_answers, opening_message, to_record
from deskbell.configuration import Configuration
from deskbell.errors import (
    ConflictError,
    FieldError,
    InvalidFieldError,
    QueueClosedError,
    RateLimitedError,
    TooLargeError,
    UnavailableError,
)
from deskbell.forms import Form
from deskbell.identity import GUEST
from deskbell.ids import interaction_id, is_idempotency_key
from deskbell.interaction import Interaction
from deskbell.lifecycle import submit
from deskbell.message_log import Entry
from deskbell.ports import Chats, Meter, NotWrittenError, RateWindows, RouteQueue, Tokens
from deskbell.tokens import sign_guest_token
from deskbell.usecases.show_form import check_enabled, find_form
from deskbell.views import MAX_REPLY_BYTES, encode, entry_view, record

KEY_LIFE = 24 * 3600 * 1000
MAX_OPENING_BYTES = MAX_REPLY_BYTES - 4 * 1024
"""The opening goes out whole with the first join, beside the record and the token."""
NAME_CHARACTERS = 40
"""As much of a guest's name as stands beside what it says; STATE and every entry carry it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What came in: the form's name, the answers, who is asking, and what makes a repeat recognisable.

    `request` names this one request; it takes the place of an idempotency key where the guest sent none. `client` is
    the guest's network address in the form that windows are kept under, None where it is not limited.
    """

    form: str
    answers: Mapping[str, object]
    request: str
    client: str | None
    at: int
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """The conversation a submission led to, and the token that opens it until `expires_at`."""

    interaction: Interaction
    token: str
    expires_at: int


def submit_form(
    submission: Submission,
    *,
    configuration: Configuration,
    chats: Chats,
    windows: RateWindows,
    seen: SeenWindows,
    route_queue: RouteQueue,
    tokens: Tokens,
    meter: Meter,
) -> Submitted:
    """Store a guest's interaction and ask for it to be routed; a repeat finds the one there is, and counts nothing.

    Raises InvalidFieldError, NotFoundError, ChatDisabledError, QueueClosedError, RateLimitedError, ConflictError for
    a key that is older than a day, UnavailableError when it is not known what happened: then the same request with
    its key tells.
    """
    form = find_form(submission.form, configuration)
    if submission.idempotency_key is not None and not is_idempotency_key(submission.idempotency_key):
        problem = FieldError("Idempotency-Key", "invalid", "expects a UUID or a ULID")
        raise InvalidFieldError("The Idempotency-Key cannot be used.", [problem])
    answers = check_answers(form, submission.answers)
    name = interaction_id(_key(submission), form.id, answers.values)
    found = chats.load(name) if submission.idempotency_key is not None else None
    if found is None:
        check_enabled(configuration)
        interaction, opening = _draft(name, form, answers, submission.at, configuration)
        _check_open(record(interaction, opening), form, submission.at, configuration)
        found = _store(interaction, opening, submission, configuration, chats, windows, seen)
        _ask_for_routing(found.id, route_queue, meter)
    elif submission.at - found.opened_at > KEY_LIFE:
        raise ConflictError("This Idempotency-Key was used more than a day ago; make a new one.")
    expires_at = submission.at + configuration.properties.guest_token_life * 1000
    return Submitted(found, sign_guest_token(found.id, expires_at, tokens.keys(submission.at)), expires_at)


def _key(submission: Submission) -> str:
    # Two namespaces: what a guest chooses can never be taken for what a request was called.
    if submission.idempotency_key is not None:
        return f"key:{submission.idempotency_key}"
    return f"request:{submission.request}"


def _draft(
    name: str, form: Form, answers: Answers, at: int, configuration: Configuration
) -> tuple[Interaction, Entry]:
    fields = to_record(form, answers)
    full_name = f"{fields.get('first_name', '')} {fields.get('last_name', '')}".strip()
    guest_name = full_name[:NAME_CHARACTERS] or "Guest"
    unmapped = {field.name for field in form.fields if field.maps_to is None}
    extra = {field: value for field, value in answers.values.items() if field in unmapped}
    opening = Entry(
        interaction=name,
        seq=1,
        id=f"{name}.1",
        at=at,
        author=GUEST,
        name=guest_name,
        text=opening_message(form, answers) or None,
        data={"form": form.id, "fields": fields, **({"answers": extra} if extra else {})},
    )
    if len(encode(entry_view(opening, "agent")).encode()) > MAX_OPENING_BYTES:
        raise TooLargeError("The answers are too long together.")
    return submit(interaction=name, guest_name=guest_name, at=at, configuration=configuration), opening


def _check_open(fields: Mapping[str, Any], form: Form, at: int, configuration: Configuration) -> None:
    routed = configuration.route(fields, form)
    if routed is None:
        raise QueueClosedError(configuration.properties.no_match_message)
    queue = routed.queue
    if not queue.is_open(at):
        detail = "Nobody is available for this now."
        raise QueueClosedError(detail, queue.not_available_html, queue.next_opening(at))


def _store(
    interaction: Interaction,
    opening: Entry,
    submission: Submission,
    configuration: Configuration,
    chats: Chats,
    windows: RateWindows,
    seen: SeenWindows,
) -> Interaction:
    try:
        permit = admit_guest(windows, seen, submission.client, _guest_limits(configuration), submission.at)
    except RateLimitedError:
        # The twin of a request under way finds what that one has stored by now, and is not told to come back.
        stored = chats.load(interaction.id) if submission.idempotency_key is not None else None
        if stored is None:
            raise
        return stored
    try:
        new = chats.create(interaction, opening)
    except NotWrittenError:
        give_back(windows, seen, permit)
        raise
    if new:
        return interaction
    # The same request was faster in another process: its conversation counts, this permit does not.
    give_back(windows, seen, permit)
    return chats.load(interaction.id) or interaction


def _guest_limits(configuration: Configuration) -> GuestLimits:
    properties = configuration.properties
    return GuestLimits(
        all_guests=properties.max_guest_sessions_per_hour,
        one_client=properties.max_sessions_per_client,
        refusal=properties.rate_limit_message,
    )


def _ask_for_routing(interaction: str, route_queue: RouteQueue, meter: Meter) -> None:
    try:
        route_queue.send(interaction)
    except UnavailableError:
        # Stored is promised: STATE is due in half a minute, and then it is sent again.
        meter.count("RouteMessagesNotSent")
