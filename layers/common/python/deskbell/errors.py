"""Every way a request can be refused, as one tree.

Codes are the contract's (`docs/openapi.yaml`, `docs/asyncapi.yaml`). The core raises these; only the edges
turn them into problem documents, error frames or batch failures.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one named field of a request."""

    field: str
    code: str
    detail: str


class DeskbellError(Exception):
    """A refusal with a stable code; `status` is its HTTP rendering, `retryable` says whether to try again."""

    code = "unavailable"
    status = 500
    retryable = False

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class MalformedError(DeskbellError):
    """The request is not of the form the contract gives it."""

    code = "malformed"
    status = 400

    def __init__(self, detail: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.errors = tuple(errors)


class UnknownActionError(DeskbellError):
    """A frame asks for an action that the protocol does not have."""

    code = "unknown_action"
    status = 400


class InvalidFieldError(DeskbellError):
    """One or more named fields hold values that cannot be accepted."""

    code = "invalid_field"
    status = 422

    def __init__(self, detail: str, errors: Sequence[FieldError]) -> None:
        super().__init__(detail)
        self.errors = tuple(errors)


class TooLargeError(DeskbellError):
    """A frame, a body or a text exceeds its limit."""

    code = "too_large"
    status = 413


class UnauthenticatedError(DeskbellError):
    """No credential came with a request that needs one."""

    code = "unauthenticated"
    status = 401


class TokenExpiredError(DeskbellError):
    """The credential was good once."""

    code = "token_expired"
    status = 401


class TokenInvalidError(DeskbellError):
    """The credential is not one of ours, or not for this purpose."""

    code = "token_invalid"
    status = 401


class ForbiddenError(DeskbellError):
    """The caller is known and may not do this."""

    code = "forbidden"
    status = 403


class NotFoundError(DeskbellError):
    """There is no such thing, or none that this caller may know of."""

    code = "not_found"
    status = 404


class NotAssignedError(DeskbellError):
    """Only the assigned agent may do this."""

    code = "not_assigned"
    status = 403


class AlreadyTakenError(DeskbellError):
    """Another agent won this chat."""

    code = "already_taken"
    status = 409


class AlreadyDoneError(DeskbellError):
    """The command took effect before and has nothing left to do."""

    code = "already_done"
    status = 409


class QueueEmptyError(DeskbellError):
    """Nobody waits in this queue."""

    code = "queue_empty"
    status = 409


class QueueClosedError(DeskbellError):
    """No queue takes this conversation now; `next_opening` is epoch milliseconds where one is known."""

    code = "queue_closed"
    status = 409

    def __init__(
        self, detail: str, not_available_html: str | None = None, next_opening: int | None = None
    ) -> None:
        super().__init__(detail)
        self.not_available_html = not_available_html
        self.next_opening = next_opening


class AtCapacityError(DeskbellError):
    """The agent already has as many conversations as its capacity allows."""

    code = "at_capacity"
    status = 409


class ChatEndedError(DeskbellError):
    """The conversation has ended; it can be read and nothing more."""

    code = "chat_ended"
    status = 409


class ChatDisabledError(DeskbellError):
    """Guest chat is switched off."""

    code = "chat_disabled"
    status = 409


class RateLimitedError(DeskbellError):
    """Too much in too little time; `retry_at` is epoch milliseconds, the first moment a retry may succeed."""

    code = "rate_limited"
    status = 429
    retryable = True

    def __init__(self, detail: str, retry_at: int) -> None:
        super().__init__(detail)
        self.retry_at = retry_at


class InvalidAfterError(DeskbellError):
    """`after` names an entry that the log does not hold."""

    code = "invalid_after"
    status = 400


class BehindError(DeskbellError):
    """More was said since `after` than a send may read; the client syncs first."""

    code = "behind"
    status = 409
    retryable = True


class ConflictError(DeskbellError):
    """The request does not fit the present state of what it names."""

    code = "conflict"
    status = 409


class InUseError(DeskbellError):
    """What was to be deleted is still referred to."""

    code = "in_use"
    status = 409


class UnavailableError(DeskbellError):
    """A dependency did not answer; the same request may be tried again."""

    code = "unavailable"
    status = 503
    retryable = True
