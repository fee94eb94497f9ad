"""Show a guest the form that starts a conversation, and whether anybody is there for it."""

from typing import Any

from deskbell.configuration import Configuration
from deskbell.errors import ChatDisabledError, NotFoundError
from deskbell.forms import Form
from deskbell.openings import public_form


def show_form(form: str, at: int, *, configuration: Configuration) -> dict[str, Any]:
    """Give a form as guests see it; raises ChatDisabledError, NotFoundError."""
    check_enabled(configuration)
    return public_form(configuration, find_form(form, configuration), at)


def check_enabled(configuration: Configuration) -> None:
    """Refuse new conversations while chat is switched off; raises ChatDisabledError."""
    properties = configuration.properties
    if not (properties.support_enabled and properties.guest_enabled):
        raise ChatDisabledError(properties.disabled_message)


def find_form(form: str, configuration: Configuration) -> Form:
    """Find a form that guests may fill; raises NotFoundError."""
    found = configuration.form(form)
    if not found.public:
        raise NotFoundError("There is no such form.")
    return found
