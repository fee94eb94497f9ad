"""What guests see of a form before they fill it: its questions, and which queues are open for them.

Which queue a choice leads to is found by a dry run of the matching rules with that answer alone; where it
depends on other answers too, nothing is said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from deskbell.answers import CHANNEL
from deskbell.conditions import comparable, decide
from deskbell.configuration import Configuration
from deskbell.forms import PATTERNS, Choice, Form, FormField
from deskbell.queues import Queue
from deskbell.times import rfc3339

type _Asked = tuple[str, str] | None
type _Decided = Mapping[_Asked, Queue]


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether a queue takes conversations now; `next_opening` is epoch milliseconds."""

    open: bool
    not_available_html: str | None = None
    next_opening: int | None = None


def opening(queue: Queue, at: int) -> Opening:
    """Whether the queue takes conversations at `at` (epoch milliseconds), and if not, when it will."""
    if queue.is_open(at):
        return Opening(open=True)
    return Opening(
        open=False, not_available_html=queue.not_available_html, next_opening=queue.next_opening(at)
    )


def public_form(configuration: Configuration, form: Form, at: int) -> dict[str, Any]:
    """The form as guests may see it at `at`, without queues or mappings."""
    decided = _decided(configuration, form.id)
    return {
        "id": form.id,
        "version": configuration.version,
        "title": form.title,
        **_opening_view(_opening_of(form, decided, at)),
        "submit_label": form.submit_label,
        "fields": [_public_field(question, decided, at) for question in form.fields],
    }


def _opening_of(form: Form, decided: _Decided, at: int) -> Opening:
    """Closed only where no answer could find an open queue."""
    if None in decided:
        return opening(decided[None], at)
    for question in form.fields:
        found = [decided.get((question.name, choice.value)) for choice in question.choices]
        if not question.mandatory or question.visible_if or not found:
            continue
        openings = [opening(queue, at) for queue in found if queue is not None]
        if len(openings) == len(found) and not any(it.open for it in openings):
            return min(openings, key=lambda it: (it.next_opening is None, it.next_opening or 0))
    return Opening(open=True)


@lru_cache(maxsize=16)
def _decided(configuration: Configuration, form_id: str) -> _Decided:
    """The queues known before the form is filled: under None without any answer, else by one choice."""
    form = configuration.forms[form_id]
    if form.queue is not None:
        return {None: configuration.queue(form.queue)}
    runs: dict[_Asked, dict[str, str]] = {None: {}}
    for question in form.fields:
        if question.maps_to is not None:
            runs.update({(question.name, it.value): {question.maps_to: it.value} for it in question.choices})
    found = {asked: _dry_run(configuration, answered) for asked, answered in runs.items()}
    return {asked: queue for asked, queue in found.items() if queue is not None}


def _dry_run(configuration: Configuration, answered: Mapping[str, str]) -> Queue | None:
    """The queue that these fields alone decide, whatever the others turn out to be."""
    record = comparable({"channel": CHANNEL, **answered})
    for rule, condition in configuration.rule_index.conditions():
        verdict = decide(condition, record, record.keys())
        if verdict is None:
            return None
        if verdict:
            return configuration.queue(rule.queue)
    return configuration.queues.get(configuration.properties.default_queue)


def _public_field(question: FormField, decided: _Decided, at: int) -> dict[str, Any]:
    view: dict[str, Any] = {
        "name": question.name,
        "label": question.label,
        "type": question.type,
        "mandatory": question.mandatory,
    }
    if question.longest is not None:
        view["max_length"] = question.longest
    if question.pattern is not None:
        view["pattern"] = PATTERNS[question.pattern]
    if question.help:
        view["help"] = question.help
    if question.default is not None:
        view["default"] = question.default
    if question.visible_if:
        view["visible_if"] = question.visible_if
    if question.choices:
        view["choices"] = [
            {
                "value": it.value,
                "label": it.label,
                **_opening_view(_opening_of_choice(question, it, decided, at)),
            }
            for it in question.choices
        ]
    return view


def _opening_view(opening: Opening | None) -> dict[str, Any]:
    if opening is None:
        return {}
    if opening.open:
        return {"open": True}
    view: dict[str, Any] = {"open": False, "not_available_html": opening.not_available_html}
    if opening.next_opening is not None:
        view["next_opening"] = rfc3339(opening.next_opening)
    return view


def _opening_of_choice(question: FormField, choice: Choice, decided: _Decided, at: int) -> Opening | None:
    queue = decided.get((question.name, choice.value))
    return None if queue is None else opening(queue, at)
