"""What must be right between the parts of a configuration, once each of them has its type."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from deskbell.answers import check_answers
from deskbell.conditions import INTERACTION_FIELDS, Fields, FieldType, parse
from deskbell.configuration import fields_of
from deskbell.errors import FieldError, InvalidFieldError
from deskbell.forms import DEFAULT_FORM, MAPPABLE_FIELDS, Form, FormField, condition_fields
from deskbell.matching import Rule
from deskbell.properties import Properties
from deskbell.queues import Group, Queue, Survey
from deskbell.schedule import Intervals, Schedule, minutes_of

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED = frozenset(INTERACTION_FIELDS) - MAPPABLE_FIELDS | {"id", "records"}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Whole:
    """What must be right between the parts, once each of them has its type."""

    def __init__(self, typed: Mapping[str, Any], properties: Properties) -> None:
        self._forms: list[Form] = typed["forms"]
        self._rules: list[Rule] = typed["matching-rules"]
        self._queues: list[Queue] = typed["queues"]
        self._groups: list[Group] = typed["groups"]
        self._surveys: list[Survey] = typed["surveys"]
        self._properties = properties
        self._queue_ids = {queue.id for queue in self._queues}

    def errors(self) -> Iterator[FieldError]:
        for kind, items in (
            ("forms", self._forms),
            ("matching-rules", self._rules),
            ("queues", self._queues),
            ("groups", self._groups),
            ("surveys", self._surveys),
        ):
            yield from _ids(kind, items)
        for number, form in enumerate(self._forms):
            yield from self._form(form, f"forms[{number}]")
        yield from self._rule_errors()
        for number, queue in enumerate(self._queues):
            yield from self._queue(queue, f"queues[{number}]")
        yield from self._cycles()
        for number, group in enumerate(self._groups):
            yield from _repeated(group.members, f"groups[{number}].members", "agent")
        yield from self._property_errors()

    def _rule_errors(self) -> Iterator[FieldError]:
        fields = fields_of(self._forms)
        for number, rule in enumerate(self._rules):
            path = f"matching-rules[{number}]"
            yield from self._queue_reference(rule.queue, f"{path}.queue")
            yield from _condition_errors(rule.condition, fields, f"{path}.condition")
            if abs(rule.order) > 10**9:
                yield FieldError(f"{path}.order", "out_of_range", "is too large")

    def _queue_reference(self, queue: str | None, path: str) -> Iterator[FieldError]:
        if queue is not None and queue not in self._queue_ids:
            yield FieldError(path, "unknown_reference", f"there is no queue {queue!r}")

    def _queue(self, queue: Queue, path: str) -> Iterator[FieldError]:
        if queue.group not in {group.id for group in self._groups}:
            yield FieldError(f"{path}.group", "unknown_reference", f"there is no group {queue.group!r}")
        if queue.survey is not None and queue.survey not in {survey.id for survey in self._surveys}:
            yield FieldError(f"{path}.survey", "unknown_reference", f"there is no survey {queue.survey!r}")
        yield from self._queue_reference(queue.escalate_to, f"{path}.escalate_to")
        if queue.capacity == 0:
            yield FieldError(f"{path}.capacity", "out_of_range", "is -1 for unlimited, or at least 1")
        if queue.schedule is not None:
            yield from _schedule(queue.schedule, f"{path}.schedule")

    def _cycles(self) -> Iterator[FieldError]:
        """A chat that is escalated again and again must not come back."""
        target = {queue.id: queue.escalate_to for queue in self._queues}
        for number, queue in enumerate(self._queues):
            seen: set[str] = set()
            at: str | None = queue.escalate_to
            while at is not None and at not in seen:
                if at == queue.id:
                    yield FieldError(
                        f"queues[{number}].escalate_to", "cycle", "escalating leads back to this queue"
                    )
                    break
                seen.add(at)
                at = target.get(at)

    def _property_errors(self) -> Iterator[FieldError]:
        properties = self._properties
        yield from self._queue_reference(
            properties.default_queue or None, "properties.deskbell.routing.default_queue"
        )
        if properties.default_form not in {form.id for form in self._forms}:
            yield FieldError(
                "properties.deskbell.guest.default_form",
                "unknown_reference",
                f"there is no form {properties.default_form!r}",
            )
        if properties.agent_lease <= properties.heartbeat:
            yield FieldError(
                "properties.deskbell.agent.lease_seconds", "out_of_range", "is longer than the heartbeat"
            )

    def _form(self, form: Form, path: str) -> Iterator[FieldError]:
        if form.id == DEFAULT_FORM:
            yield FieldError(f"{path}.id", "reserved", f"{DEFAULT_FORM!r} always names the default form")
        yield from self._queue_reference(form.queue, f"{path}.queue")
        yield from _repeated([it.name for it in form.fields], f"{path}.fields", "name")
        yield from _repeated([it.maps_to for it in form.fields if it.maps_to], f"{path}.fields", "maps_to")
        for number, question in enumerate(form.fields):
            yield from _question(form, question, f"{path}.fields[{number}]")


def _ids(kind: str, items: Iterable[Any]) -> Iterator[FieldError]:
    seen: set[str] = set()
    for number, item in enumerate(items):
        if _ID.fullmatch(item.id) is None:
            yield FieldError(
                f"{kind}[{number}].id", "invalid_value", "consists of letters, digits, and . _ -"
            )
        if item.id in seen:
            yield FieldError(f"{kind}[{number}].id", "duplicate", f"{item.id!r} is there already")
        seen.add(item.id)


def _repeated(values: Iterable[str], path: str, what: str) -> Iterator[FieldError]:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            yield FieldError(path, "duplicate", f"the {what} {value!r} is there twice")
        seen.add(value)


def _condition_errors(query: str, fields: Fields, path: str) -> Iterator[FieldError]:
    try:
        parse(query, fields, path)
    except InvalidFieldError as problem:
        yield from problem.errors


def _question(form: Form, question: FormField, path: str) -> Iterator[FieldError]:
    if _FIELD_NAME.fullmatch(question.name) is None:
        yield FieldError(f"{path}.name", "invalid_value", "consists of small letters, digits and _")
    earlier: Mapping[str, FieldType] = condition_fields(form, question.name)
    yield from _condition_errors(question.visible_if, earlier, f"{path}.visible_if")
    if (question.type == "choice") != bool(question.choices):
        yield FieldError(f"{path}.choices", "invalid_value", "are for fields of type choice, which need some")
    yield from _repeated([it.value for it in question.choices], f"{path}.choices", "value")
    for name, types in (
        ("pattern", ("text", "textarea", "hidden")),
        ("max_length", ("text", "email", "textarea", "hidden")),
    ):
        if getattr(question, name) is not None and question.type not in types:
            yield FieldError(f"{path}.{name}", "invalid_value", f"is for fields of type {', '.join(types)}")
    if question.maps_to is not None:
        yield from _mapping(question.maps_to, f"{path}.maps_to")
    yield from _default(question, path)


def _mapping(name: str, path: str) -> Iterator[FieldError]:
    if name in _RESERVED:
        yield FieldError(path, "reserved", f"{name} is not for a form to fill")
    elif _FIELD_NAME.fullmatch(name) is None:
        yield FieldError(path, "invalid_value", "consists of small letters, digits and _")


def _default(question: FormField, path: str) -> Iterator[FieldError]:
    if question.default is None:
        return
    alone = Form(
        id="alone",
        title="alone",
        fields=(
            FormField(
                name=question.name,
                label="",
                type=question.type,
                max_length=question.max_length,
                pattern=question.pattern,
                choices=question.choices,
            ),
        ),
    )
    try:
        check_answers(alone, {question.name: question.default})
    except InvalidFieldError as problem:
        yield FieldError(f"{path}.default", problem.errors[0].code, problem.errors[0].detail)


def _schedule(schedule: Schedule, path: str) -> Iterator[FieldError]:
    try:
        ZoneInfo(schedule.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield FieldError(f"{path}.zone", "unknown_zone", f"there is no time zone {schedule.zone!r}")
    if schedule.weekly is not None:
        for name, intervals in zip(_WEEKDAYS, schedule.weekly.days(), strict=True):
            yield from _intervals(intervals, f"{path}.weekly.{name}")
    yield from _repeated([it.date for it in schedule.exceptions], f"{path}.exceptions", "date")
    for number, exception in enumerate(schedule.exceptions):
        try:
            date.fromisoformat(exception.date)
        except ValueError:
            yield FieldError(
                f"{path}.exceptions[{number}].date", "invalid_value", "expects a date such as 2026-12-25"
            )
        yield from _intervals(exception.intervals, f"{path}.exceptions[{number}].intervals")


def _intervals(intervals: Intervals, path: str) -> Iterator[FieldError]:
    for number, (start, end) in enumerate(intervals):
        try:
            if minutes_of(start) >= minutes_of(end):
                yield FieldError(
                    f"{path}[{number}]", "invalid_value", "ends after it starts, and at 24:00 at the latest"
                )
        except ValueError as problem:
            yield FieldError(f"{path}[{number}]", "invalid_value", str(problem))
