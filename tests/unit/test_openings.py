"""What a guest sees of a form: its questions, and which of its choices lead to an open queue."""

from datetime import UTC, datetime
from typing import Any

from deskbell.configuration import Configuration
from deskbell.openings import public_form

SUNDAY = int(datetime(2026, 2, 1, 12, tzinfo=UTC).timestamp()) * 1000
MONDAY = int(datetime(2026, 2, 2, 9, tzinfo=UTC).timestamp()) * 1000
TUESDAY = MONDAY + 86_400_000
MONDAY_MORNING, TUESDAY_MORNING = "2026-02-02T09:00:00.000Z", "2026-02-03T09:00:00.000Z"
MONDAYS = {"weekly": {"monday": [["09:00", "17:00"]]}}
TUESDAYS = {"weekly": {"tuesday": [["09:00", "17:00"]]}}


def document(**schedules: Any) -> dict[str, Any]:
    shipped = Configuration.shipped().to_document()
    for queue in shipped["queues"]:
        if queue["id"] in schedules:
            queue["schedule"] = schedules[queue["id"]]
            queue["not_available_html"] = f"<p>{queue['id']} is closed.</p>"
    return shipped


def seen(document: dict[str, Any], at: int = SUNDAY) -> dict[str, Any]:
    configuration = Configuration.from_document(document, 4)
    return public_form(configuration, configuration.form("default"), at)


def choices(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    (question,) = [it for it in view["fields"] if it["name"] == "issue_type"]
    return {
        it["value"]: {key: it[key] for key in it if key not in ("value", "label")}
        for it in question["choices"]
    }


def test_the_default_form_is_shown_with_its_questions() -> None:
    view = seen(document())

    assert (view["id"], view["version"], view["title"]) == ("help", 4, "What can we help you with?")
    assert view["open"] is True
    assert [(it["name"], it["type"], it["mandatory"]) for it in view["fields"]] == [
        ("first_name", "text", True),
        ("last_name", "text", True),
        ("email", "email", True),
        ("issue_type", "choice", True),
        ("description", "textarea", True),
    ]
    assert "maps_to" not in view["fields"][0]


def test_a_choice_whose_queue_is_closed_says_so_and_when_it_opens() -> None:
    view = seen(document(billing=MONDAYS))

    assert view["open"] is True
    assert choices(view) == {
        "product": {"open": True},
        "billing": {
            "open": False,
            "not_available_html": "<p>billing is closed.</p>",
            "next_opening": MONDAY_MORNING,
        },
        "order": {"open": True},
    }
    assert choices(seen(document(billing=MONDAYS), MONDAY))["billing"] == {"open": True}


def test_a_form_none_of_whose_choices_is_open_is_closed_until_the_first_opens() -> None:
    view = seen(document(product=TUESDAYS, billing=MONDAYS, order={"weekly": {}}))

    assert (view["open"], view["next_opening"]) == (False, MONDAY_MORNING)
    assert view["not_available_html"] == "<p>billing is closed.</p>"
    assert choices(view)["order"] == {"open": False, "not_available_html": "<p>order is closed.</p>"}


def test_a_choice_that_does_not_decide_alone_says_nothing() -> None:
    configured = document(billing=MONDAYS)
    configured["matching-rules"][1]["condition"] = "channel=chat^category=billing^emailENDSWITH@example.com"

    configured["matching-rules"].append({"id": "rest", "name": "Rest", "queue": "order", "order": 900})

    assert choices(seen(configured))["billing"] == {}
    assert choices(seen(configured))["order"] == {"open": True}


def test_a_form_with_its_own_queue_is_as_open_as_that_queue() -> None:
    configured = document(order=TUESDAYS)
    configured["forms"][0]["queue"] = "order"

    assert (seen(configured)["open"], seen(configured)["next_opening"]) == (False, TUESDAY_MORNING)
    assert seen(configured, TUESDAY)["open"] is True


def test_where_no_rule_asks_for_answers_the_default_queue_is_known_at_once() -> None:
    configured = document(order=TUESDAYS)
    configured["matching-rules"] = []
    configured["properties"] = {"deskbell.routing.default_queue": "order"}

    assert seen(configured)["open"] is False
