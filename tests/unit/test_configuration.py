"""A configuration as a whole: what ships, what a document may say, and where each mistake is named."""

import copy
import hashlib
import json
from typing import Any

import pytest
from pydantic import TypeAdapter

from deskbell.configuration import FORMAT, KINDS, Configuration
from deskbell.errors import InvalidFieldError, NotFoundError
from deskbell.forms import Form
from deskbell.matching import Rule
from deskbell.properties import DEFINITIONS
from deskbell.queues import Group, Queue, Survey
from deskbell.schedule import Schedule
from deskbell.validation import MAX_ITEMS


def shipped() -> dict[str, Any]:
    return Configuration.shipped().to_document()


def mistakes(document: object) -> dict[str, str]:
    with pytest.raises(InvalidFieldError) as caught:
        Configuration.from_document(document)
    return {error.field: error.code for error in caught.value.errors}


def changed(path: str, value: object) -> dict[str, Any]:
    """What ships with one value replaced or added: `queues.0.group`."""
    document = shipped()
    *way, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    place: Any = document
    for part in way:
        place = place[part]
    if isinstance(place, list) and last == len(place):
        place.append(value)
    else:
        place[last] = value
    return document


def test_what_ships_is_valid() -> None:
    configuration = Configuration.from_document(shipped())

    assert [rule.name for rule in configuration.rules] == [
        "Anonymous Connect - Product Support",
        "Anonymous Connect - Billing Support",
        "Anonymous Connect - Order Support",
    ]
    assert configuration.form("default").title == "What can we help you with?"
    assert configuration.changes() == {}


@pytest.mark.parametrize("category", ["product", "billing", "order"])
def test_what_ships_routes_each_issue_type_to_its_queue(category: str) -> None:
    routed = Configuration.shipped().route({"channel": "chat", "category": category})

    assert routed is not None
    assert routed.queue.id == category
    assert routed.rule is not None
    assert routed.rule.condition == f"channel=chat^category={category}"


def test_a_document_goes_in_and_comes_out_the_same() -> None:
    document = changed(
        "queues/0/schedule", {"zone": "Europe/Berlin", "weekly": {"monday": [["09:00", "17:00"]]}}
    )
    once = Configuration.from_document(document).to_document()

    assert once == document
    assert Configuration.from_document(json.loads(json.dumps(once))).to_document() == once


def test_what_is_left_out_is_as_shipped() -> None:
    configuration = Configuration.from_document({"properties": {"connect.support.idle.delay": 30}})

    assert configuration.properties.idle_delay == 30
    assert set(configuration.queues) == {"product", "billing", "order"}
    assert configuration.changes() == {"properties": {"connect.support.idle.delay": 30}}


def test_a_property_set_to_its_default_is_no_change() -> None:
    assert Configuration.from_document({"properties": {"connect.support.idle.delay": 120}}).changes() == {}


def test_nothing_that_was_given_out_can_change_a_configuration() -> None:
    document = shipped()
    configuration = Configuration.from_document(document)
    document["queues"].clear()
    configuration.to_document()["queues"].clear()

    assert set(configuration.queues) == {"product", "billing", "order"}


def test_without_a_matching_rule_the_default_queue_takes_it() -> None:
    without = Configuration.shipped()
    document = changed("properties/deskbell.routing.default_queue", "order")

    assert without.route({"channel": "chat", "category": "other"}) is None
    routed = Configuration.from_document(document).route({"channel": "chat", "category": "other"})
    assert routed is not None
    assert (routed.queue.id, routed.rule) == ("order", None)


def test_a_form_may_fix_its_queue_past_the_rules() -> None:
    configuration = Configuration.from_document(changed("forms/0/queue", "order"))

    routed = configuration.route({"channel": "chat", "category": "billing"}, configuration.form("help"))
    assert routed is not None
    assert (routed.queue.id, routed.rule) == ("order", None)


def test_agents_serve_the_queues_of_their_groups() -> None:
    document = changed("groups/1/members", ["ann", "ben"])
    document["groups"][2]["members"] = ["ann"]
    configuration = Configuration.from_document(document)

    assert configuration.members("billing") == {"ann", "ben"}
    assert [queue.id for queue in configuration.queues_of("ann")] == ["billing", "order"]
    assert configuration.queues_of("nobody") == ()


def test_a_queue_decides_before_the_properties() -> None:
    configuration = Configuration.from_document(changed("queues/0/maximum_wait", 5))

    assert configuration.limits(configuration.queue("product")).maximum_wait == 5
    assert configuration.limits(configuration.queue("order")).maximum_wait == 1_800


def test_an_unknown_or_inactive_form_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        Configuration.shipped().form("nope")
    with pytest.raises(NotFoundError):
        Configuration.from_document(changed("forms/0/active", False)).form("default")
    with pytest.raises(NotFoundError):
        Configuration.shipped().queue("nope")


def test_rules_may_ask_for_fields_that_forms_add() -> None:
    document = changed(
        "forms/0/fields/5", {"name": "plan", "label": "Plan", "type": "text", "maps_to": "plan"}
    )
    document["matching-rules"][0]["condition"] = "plan=gold"

    routed = Configuration.from_document(document).route({"channel": "chat", "plan": "Gold"})
    assert routed is not None
    assert routed.queue.id == "product"


def test_html_is_made_harmless_when_it_is_saved() -> None:
    configuration = Configuration.from_document(
        changed("queues/0/not_available_html", '<p onclick="x()">Closed<script>x()</script></p>')
    )

    assert configuration.queue("product").not_available_html == "<p>Closed</p>"


@pytest.mark.parametrize(
    ("path", "value", "field", "code"),
    [
        ("queues/0/group", "nobody", "queues[0].group", "unknown_reference"),
        ("queues/0/group", None, "queues[0].group", "invalid_type"),
        ("queues/0/escalate_to", "nowhere", "queues[0].escalate_to", "unknown_reference"),
        ("queues/0/escalate_to", "product", "queues[0].escalate_to", "cycle"),
        ("queues/0/survey", "nothing", "queues[0].survey", "unknown_reference"),
        ("queues/0/capacity", 0, "queues[0].capacity", "out_of_range"),
        ("queues/0/capacity", True, "queues[0].capacity", "invalid_type"),
        ("queues/0/offer_timeout", 0, "queues[0].offer_timeout", "out_of_range"),
        ("queues/0/offer_timeout", "30", "queues[0].offer_timeout", "invalid_type"),
        ("queues/0/assignment", "random", "queues[0].assignment", "invalid_choice"),
        ("queues/0/colour", "red", "queues[0].colour", "unknown_field"),
        ("queues/0/id", "", "queues[0].id", "too_short"),
        ("queues/0/id", "a b", "queues[0].id", "invalid_value"),
        ("queues/0/id", "billing", "queues[1].id", "duplicate"),
        ("queues/0/name", "x" * 101, "queues[0].name", "too_long"),
        ("queues/0/schedule", {"zone": "Mars/Olympus"}, "queues[0].schedule.zone", "unknown_zone"),
        ("queues/0/schedule", {"zone": "../etc/passwd"}, "queues[0].schedule.zone", "unknown_zone"),
        (
            "queues/0/schedule",
            {"weekly": {"monday": [["17:00", "09:00"]]}},
            "queues[0].schedule.weekly.monday[0]",
            "invalid_value",
        ),
        (
            "queues/0/schedule",
            {"weekly": {"funday": []}},
            "queues[0].schedule.weekly.funday",
            "unknown_field",
        ),
        (
            "queues/0/schedule",
            {"exceptions": [{"date": "2026-02-30"}]},
            "queues[0].schedule.exceptions[0].date",
            "invalid_value",
        ),
        ("matching-rules/1/queue", "nowhere", "matching-rules[1].queue", "unknown_reference"),
        ("matching-rules/1/condition", "colour=red", "matching-rules[1].condition", "unknown_field"),
        ("matching-rules/1/condition", "categoryISred", "matching-rules[1].condition", "unknown_operator"),
        ("matching-rules/1/order", 10**10, "matching-rules[1].order", "out_of_range"),
        ("matching-rules/1/order", 1.5, "matching-rules[1].order", "invalid_type"),
        ("groups/0/members", ["ann", "ann"], "groups[0].members", "duplicate"),
        ("groups/0/members", "ann", "groups[0].members", "invalid_type"),
        ("forms/0/id", "default", "forms[0].id", "reserved"),
        ("forms/0/queue", "nowhere", "forms[0].queue", "unknown_reference"),
        ("forms/0/fields", [], "forms[0].fields", "too_short"),
        ("forms/0/fields/0/maps_to", "state", "forms[0].fields[0].maps_to", "reserved"),
        ("forms/0/fields/0/maps_to", "No!", "forms[0].fields[0].maps_to", "invalid_value"),
        ("forms/0/fields/0/maps_to", "last_name", "forms[0].fields", "duplicate"),
        ("forms/0/fields/0/name", "email", "forms[0].fields", "duplicate"),
        ("forms/0/fields/0/name", "First name", "forms[0].fields[0].name", "invalid_value"),
        ("forms/0/fields/0/pattern", "(a+)+", "forms[0].fields[0].pattern", "invalid_choice"),
        ("forms/0/fields/0/visible_if", "email=x", "forms[0].fields[0].visible_if", "unknown_field"),
        (
            "forms/0/fields/0/choices",
            [{"value": "a", "label": "A"}],
            "forms[0].fields[0].choices",
            "invalid_value",
        ),
        ("forms/0/fields/0/default", "x" * 200, "forms[0].fields[0].default", "too_long"),
        ("forms/0/fields/0/default", 5, "forms[0].fields[0].default", "invalid_type"),
        ("forms/0/fields/3/choices", [], "forms[0].fields[3].choices", "invalid_value"),
        ("forms/0/fields/3/default", "parcel", "forms[0].fields[3].default", "invalid_choice"),
        ("forms/0/fields/3/max_length", 5, "forms[0].fields[3].max_length", "invalid_value"),
        (
            "properties/deskbell.routing.default_queue",
            "nowhere",
            "properties.deskbell.routing.default_queue",
            "unknown_reference",
        ),
        (
            "properties/deskbell.guest.default_form",
            "nothing",
            "properties.deskbell.guest.default_form",
            "unknown_reference",
        ),
        (
            "properties/deskbell.agent.lease_seconds",
            20,
            "properties.deskbell.agent.lease_seconds",
            "out_of_range",
        ),
        ("properties/connect.support.idle.delay", 0, "properties.connect.support.idle.delay", "out_of_range"),
        (
            "properties/connect.support.idle.delay",
            "2 min",
            "properties.connect.support.idle.delay",
            "invalid_type",
        ),
        (
            "properties/connect.support.show_agent_avatar",
            1,
            "properties.connect.support.show_agent_avatar",
            "invalid_type",
        ),
        ("properties/connect.speed", 1, "properties.connect.speed", "unknown_property"),
        ("surveys", {}, "surveys", "invalid_type"),
        ("properties", [], "properties", "invalid_type"),
        ("triggers", [], "triggers", "unknown_field"),
    ],
)
def test_each_mistake_is_named_by_its_path(path: str, value: object, field: str, code: str) -> None:
    assert mistakes(changed(path, value)).get(field) == code


def test_mistakes_in_several_places_are_all_named() -> None:
    document = changed("queues/0/group", "nobody")
    document["matching-rules"][0]["queue"] = "nowhere"
    document["matching-rules"][1]["condition"] = "colour=red"

    assert set(mistakes(document)) == {
        "queues[0].group",
        "matching-rules[0].queue",
        "matching-rules[1].condition",
    }


def test_escalation_may_go_on_but_not_round() -> None:
    document = changed("queues/0/escalate_to", "billing")
    document["queues"][1]["escalate_to"] = "order"
    Configuration.from_document(document)

    document["queues"][2]["escalate_to"] = "billing"
    assert mistakes(document) == {"queues[1].escalate_to": "cycle", "queues[2].escalate_to": "cycle"}


@pytest.mark.parametrize("document", [None, [], "queues", 7, {"queues": {1, 2}}, {"queues": [float("nan")]}])
def test_what_is_not_a_document_is_refused(document: object) -> None:
    mistakes(document)


def test_a_document_has_a_size() -> None:
    assert mistakes({"groups": [{"id": "a", "name": "x" * 9_000_000}]}) == {"configuration": "too_large"}
    assert mistakes({"groups": [{}] * (MAX_ITEMS + 1)}) == {"groups": "too_long"}


def test_every_property_is_named_for_its_meaning_and_within_its_own_bounds() -> None:
    assert DEFINITIONS["connect.support.max_guest_sessions_per_hour"].default == 200
    assert (
        Configuration.shipped().properties.rate_limit_message
        == "Guest Chat is currently not available, please retry later."
    )
    for name, definition in DEFINITIONS.items():
        assert Configuration.shipped().properties[name] == definition.default
        Configuration.from_document({"properties": {name: definition.default}})


def test_the_format_is_raised_when_what_documents_may_say_changes() -> None:
    """Stored documents are trusted while FORMAT is the one they were saved under.

    If this fails, what documents may hold has changed: raise FORMAT unless every document that was valid still
    is and means the same, then pin the new digest.
    """
    schemas = {
        kind.__name__: TypeAdapter(kind).json_schema()
        for kind in (Form, Rule, Queue, Group, Survey, Schedule)
    }
    properties = {name: [it.least, it.most, type(it.default).__name__] for name, it in DEFINITIONS.items()}
    schema = _without_texts({"kinds": list(KINDS), **schemas, "properties": properties})
    digest = hashlib.sha256(json.dumps(schema, sort_keys=True).encode()).hexdigest()[:16]

    assert (FORMAT, digest) == (1, "4fe5bd362db4213e")


def _without_texts(schema: Any) -> Any:
    if isinstance(schema, dict):
        kept = copy.copy(schema)
        for name in ("description", "title"):
            if isinstance(kept.get(name), str):
                del kept[name]
        return {key: _without_texts(value) for key, value in kept.items()}
    return [_without_texts(value) for value in schema] if isinstance(schema, list) else schema
