"""Refusals as clients see them: problem documents (RFC 9457) and error frames."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from deskbell.errors import (
    DeskbellError,
    InvalidFieldError,
    MalformedError,
    QueueClosedError,
    RateLimitedError,
)
from deskbell.times import rfc3339


def problem(error: DeskbellError) -> dict[str, Any]:
    """Write a refusal as a problem document."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        **_fields(error),
    }
    if isinstance(error, RateLimitedError):
        document["retry_at"] = rfc3339(error.retry_at)
    if isinstance(error, QueueClosedError):
        if error.not_available_html is not None:
            document["not_available_html"] = error.not_available_html
        if error.next_opening is not None:
            document["next_opening"] = rfc3339(error.next_opening)
    return document


def error_frame(error: DeskbellError, at: int) -> dict[str, Any]:
    """Write a refusal as an error frame; `at` is when the frame came, which `retry_after` counts from."""
    frame: dict[str, Any] = {"type": "error", "code": error.code, "detail": error.detail, **_fields(error)}
    if isinstance(error, RateLimitedError):
        frame["retry_after"] = seconds_until(error.retry_at, at)
    return frame


def seconds_until(moment: int, at: int) -> int:
    """Count the whole seconds to a moment, at least one."""
    return max(1, -((at - moment) // 1000))


def _fields(error: DeskbellError) -> dict[str, Any]:
    if isinstance(error, InvalidFieldError | MalformedError) and error.errors:
        return {"errors": [{"field": it.field, "code": it.code, "detail": it.detail} for it in error.errors]}
    return {}
