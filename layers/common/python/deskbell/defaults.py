"""The configuration that ships: the original's form, its three matching rules, and a queue for each."""

from typing import Any

_ISSUES = (("product", "Product"), ("billing", "Billing"), ("order", "Order"))


def shipped_document() -> dict[str, Any]:
    """A new document with everything that is not configured otherwise."""
    return {
        "forms": [_form()],
        "matching-rules": [
            {
                "id": value,
                "name": f"Anonymous Connect - {name} Support",
                "order": 100,
                "condition": f"channel=chat^category={value}",
                "queue": value,
            }
            for value, name in _ISSUES
        ],
        "queues": [{"id": value, "name": f"{name} Support", "group": value} for value, name in _ISSUES],
        "groups": [{"id": value, "name": f"{name} Support"} for value, name in _ISSUES],
        "surveys": [],
        "properties": {},
    }


def _form() -> dict[str, Any]:
    return {
        "id": "help",
        "title": "What can we help you with?",
        "fields": [
            _text("first_name", "First name", 100),
            _text("last_name", "Last name", 100),
            {"name": "email", "label": "Email", "type": "email", "mandatory": True, "maps_to": "email"},
            {
                "name": "issue_type",
                "label": "Type of issue",
                "type": "choice",
                "mandatory": True,
                "choices": [{"value": value, "label": f"{name} Issue"} for value, name in _ISSUES],
                "maps_to": "category",
            },
            {
                "name": "description",
                "label": "How can we help you?",
                "type": "textarea",
                "mandatory": True,
                "max_length": 4_000,
                "maps_to": "short_description",
            },
        ],
    }


def _text(name: str, label: str, max_length: int) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "type": "text",
        "mandatory": True,
        "max_length": max_length,
        "maps_to": name,
    }
