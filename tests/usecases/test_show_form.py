"""Showing a form to a guest."""

import pytest

from deskbell.errors import ChatDisabledError, NotFoundError
from deskbell.usecases.show_form import show_form
from tests.builders.service import NOW, Service, document


def test_the_default_form_asks_for_name_email_issue_and_words() -> None:
    shown = show_form("default", NOW, configuration=Service().configuration)

    assert shown["title"] == "What can we help you with?"
    assert [field["name"] for field in shown["fields"]] == [
        "first_name",
        "last_name",
        "email",
        "issue_type",
        "description",
    ]


@pytest.mark.parametrize("name", ["glide.connect.support.enabled", "deskbell.guest.enabled"])
def test_while_chat_is_switched_off_no_form_is_shown(name: str) -> None:
    with pytest.raises(ChatDisabledError):
        show_form("default", NOW, configuration=Service(document(**{name: False})).configuration)


@pytest.mark.parametrize("flag", ["active", "public"])
def test_a_form_that_guests_may_not_fill_does_not_exist_for_them(flag: str) -> None:
    fields = [{"name": "words", "label": "Words", "type": "text", "maps_to": "short_description"}]
    forms = [
        {"id": "help", "title": "Help", "fields": fields},
        {"id": "inside", "title": "Inside", "fields": fields, flag: False},
    ]
    service = Service({**document(), "forms": forms})

    with pytest.raises(NotFoundError):
        show_form("inside", NOW, configuration=service.configuration)
    with service.refusing(NotFoundError):
        service.submit(form="inside")
