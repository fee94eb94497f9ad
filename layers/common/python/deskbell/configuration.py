"""One consistent set of forms, rules, queues, groups and properties: what a function works with.

A configuration is a document (plain JSON data, one list a kind) seen through types. Typed objects are made
when first asked for, so that a function pays for what it uses. `from_document` validates the whole; `trusted`
is for documents that were validated when they were saved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from deskbell.conditions import INTERACTION_FIELDS, Fields, FieldType, Record
from deskbell.defaults import shipped_document
from deskbell.errors import NotFoundError
from deskbell.forms import DEFAULT_FORM, Choice, Form, FormField
from deskbell.matching import Rule, RuleIndex
from deskbell.properties import Properties
from deskbell.queues import Group, Limits, Queue, Survey, limits
from deskbell.schedule import DayException, Schedule, Weekly

type Document = dict[str, Any]

LISTS = ("forms", "matching-rules", "queues", "groups", "surveys")
KINDS = (*LISTS, "properties")

FORMAT = 1
"""Raise it when a document that was valid may no longer be so; stored ones are then validated anew."""


@dataclass(frozen=True, slots=True)
class Routed:
    """Where an interaction goes; `rule` is None for a queue fixed by the form and for the default queue."""

    queue: Queue
    rule: Rule | None


class Configuration:
    """An immutable snapshot; `version` 0 is what ships."""

    def __init__(self, document: Document, version: int) -> None:
        shipped = shipped_document()
        self._document: Document = {kind: document.get(kind, shipped[kind]) for kind in KINDS}
        self.version = version

    @classmethod
    def shipped(cls) -> "Configuration":
        """What ships, before anything is configured."""
        return cls({}, 0)

    @classmethod
    def trusted(cls, document: Document, version: int) -> "Configuration":
        """A configuration from a document that was validated when it was saved."""
        return cls(document, version)

    @classmethod
    def from_document(cls, document: object, version: int = 0) -> "Configuration":
        """A configuration from any document; kinds that are absent are as shipped.

        HTML in it is sanitised. Raises InvalidFieldError naming everything that is wrong by its path
        (`queues[2].group`).
        """
        # Validation brings pydantic, which functions that only load what was validated do without.
        from deskbell.validation import validated  # noqa: PLC0415

        return cls(validated(document), version)

    def to_document(self) -> Document:
        """The whole document, shipped parts included; a copy."""
        return {kind: _copy(self._document[kind]) for kind in KINDS}

    def changes(self) -> Document:
        """The document without the kinds and properties that are as shipped: all that needs storing."""
        shipped = shipped_document()
        changed = {
            kind: _copy(self._document[kind]) for kind in LISTS if self._document[kind] != shipped[kind]
        }
        properties = self.properties.changed()
        return {**changed, "properties": properties} if properties else changed

    @cached_property
    def properties(self) -> Properties:
        """Every property, configured or default."""
        return Properties.of(self._document["properties"])

    @cached_property
    def forms(self) -> Mapping[str, Form]:
        """By id, inactive ones included."""
        return _by_id(form_of(it) for it in self._document["forms"])

    @cached_property
    def rules(self) -> Sequence[Rule]:
        """As written, inactive ones included."""
        return tuple(Rule(**it) for it in self._document["matching-rules"])

    @cached_property
    def queues(self) -> Mapping[str, Queue]:
        """By id."""
        return _by_id(queue_of(it) for it in self._document["queues"])

    @cached_property
    def groups(self) -> Mapping[str, Group]:
        """By id."""
        return _by_id(
            Group(**{**it, "members": tuple(it.get("members", ()))}) for it in self._document["groups"]
        )

    @cached_property
    def surveys(self) -> Mapping[str, Survey]:
        """By id."""
        return _by_id(Survey(**it) for it in self._document["surveys"])

    @cached_property
    def condition_fields(self) -> Fields:
        """What matching rules may name: the interaction's fields and those that forms add."""
        return fields_of(self.forms.values())

    @cached_property
    def rule_index(self) -> RuleIndex:
        """The matching rules, compiled."""
        return RuleIndex(self.rules, self.condition_fields)

    def form(self, id: str) -> Form:  # noqa: A002
        """The active form of this id; `default` is the one the property names. Raises NotFoundError."""
        form = self.forms.get(self.properties.default_form if id == DEFAULT_FORM else id)
        if form is None or not form.active:
            raise NotFoundError("There is no such form.")
        return form

    def queue(self, id: str) -> Queue:  # noqa: A002
        """The queue of this id; raises NotFoundError."""
        queue = self.queues.get(id)
        if queue is None:
            raise NotFoundError("There is no such queue.")
        return queue

    def limits(self, queue: Queue) -> Limits:
        """What applies in the queue."""
        return limits(queue, self.properties)

    def members(self, queue: str) -> frozenset[str]:
        """The ids of the agents who serve a queue; raises NotFoundError."""
        group = self.groups.get(self.queue(queue).group)
        return frozenset(group.members) if group is not None else frozenset()

    def queues_of(self, agent: str) -> tuple[Queue, ...]:
        """The queues an agent serves, as configured in order."""
        return self._queues_by_agent.get(agent, ())

    @cached_property
    def _queues_by_agent(self) -> Mapping[str, tuple[Queue, ...]]:
        served: dict[str, tuple[Queue, ...]] = {}
        for queue in self.queues.values():
            for agent in sorted(self.members(queue.id)):
                served[agent] = (*served.get(agent, ()), queue)
        return served

    def route(self, record: Record, form: Form | None = None) -> Routed | None:
        """Where a record goes: its form's own queue, else the first matching rule's, else the default one."""
        if form is not None and form.queue is not None:
            return Routed(self.queue(form.queue), None)
        rule = self.rule_index.match(record)
        if rule is not None:
            return Routed(self.queue(rule.queue), rule)
        fallback = self.properties.default_queue
        return Routed(self.queue(fallback), None) if fallback else None


def form_of(item: Mapping[str, Any]) -> Form:
    """A form from its validated document."""
    return Form(**{**item, "fields": tuple(_field_of(it) for it in item["fields"])})


def queue_of(item: Mapping[str, Any]) -> Queue:
    """A queue from its validated document."""
    schedule = item.get("schedule")
    return Queue(**{**item, "schedule": None if schedule is None else _schedule_of(schedule)})


def fields_of(forms: Any) -> Fields:
    """The interaction's fields with those that these forms add."""
    known: dict[str, FieldType] = dict(INTERACTION_FIELDS)
    for form in forms:
        for question in form.fields:
            if question.maps_to is not None:
                known.setdefault(question.maps_to, question.condition_type)
    return MappingProxyType(known)


def _field_of(item: Mapping[str, Any]) -> FormField:
    return FormField(**{**item, "choices": tuple(Choice(**it) for it in item.get("choices", ()))})


def _schedule_of(item: Mapping[str, Any]) -> Schedule:
    weekly = item.get("weekly")
    return Schedule(
        **{
            **item,
            "weekly": None
            if weekly is None
            else Weekly(**{day: _intervals(intervals) for day, intervals in weekly.items()}),
            "exceptions": tuple(
                DayException(date=it["date"], intervals=_intervals(it.get("intervals", ())))
                for it in item.get("exceptions", ())
            ),
        }
    )


def _intervals(item: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((start, end) for start, end in item)


def _by_id[T: (Form, Queue, Group, Survey)](items: Any) -> Mapping[str, T]:
    return MappingProxyType({item.id: item for item in items})


def _copy(item: Any) -> Any:
    if isinstance(item, dict):
        return {key: _copy(value) for key, value in item.items()}
    return [_copy(value) for value in item] if isinstance(item, list) else item
