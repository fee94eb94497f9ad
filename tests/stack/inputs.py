"""Frames and requests as no client of ours would send them, each with the answer it gets; docs/inputs.md lists them."""

import json
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "inputs.md"
MESSAGE = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


@dataclass(frozen=True, slots=True)
class Input:
    """What is sent, in words and in bytes; `code` is the refusal's, or how the socket is closed."""

    words: str
    sent: str | bytes
    code: str
    field: str = ""


def _frame(**fields: object) -> str:
    return json.dumps(fields)


def _send(**fields: object) -> str:
    return _frame(
        **{"action": "send", "interaction": "$chat", "id": MESSAGE, "text": "Hi", "after": 3, **fields}
    )


FRAMES = (
    Input("text that is not JSON", "hello", "malformed"),
    Input("nothing", " ", "malformed"),
    Input("JSON cut short", '{"action": "ping"', "malformed"),
    Input("an array", '["ping"]', "malformed"),
    Input("a string", '"ping"', "malformed"),
    Input("a number", "7", "malformed"),
    Input("null", "null", "malformed"),
    Input("NaN", '{"action": "ping", "ref": NaN}', "malformed"),
    Input("half a surrogate pair, escaped", _send(text="$half").replace("$half", "\\ud83d"), "malformed"),
    Input("33 levels of nesting", '{"action": "ping", "x": ' + "[" * 33 + "]" * 33 + "}", "malformed"),
    Input("5,000 levels of nesting", "[" * 5_000 + "]" * 5_000, "malformed"),
    Input("no action", _frame(ref="r"), "malformed"),
    Input("an action that is a number", _frame(action=7), "malformed"),
    Input("an action that does not exist", _frame(action="rm -rf"), "unknown_action"),
    Input("an action with other capitals", _frame(action="Ping"), "unknown_action"),
    Input("17 KB", _send(text="x" * 17_000), "too_large"),
    Input("5,000 characters", _send(text="x" * 5_000), "too_large"),
    Input("no text", _frame(action="send", interaction="$chat", id=MESSAGE), "invalid_field", "text"),
    Input("an empty text", _send(text=""), "invalid_field", "text"),
    Input("a text of spaces and line ends", _send(text=" \n\t "), "invalid_field", "text"),
    Input("a text that is a number", _send(text=7), "invalid_field", "text"),
    Input("a text that is null", _send(text=None), "invalid_field", "text"),
    Input("an id that is no ULID", _send(id="1"), "invalid_field", "id"),
    Input("an id that is too high for a ULID", _send(id="8" + MESSAGE[1:]), "invalid_field", "id"),
    Input("an `after` below 0", _send(after=-1), "invalid_field", "after"),
    Input("an `after` that is a text", _send(after="3"), "invalid_field", "after"),
    Input("an `after` with a fraction", _send(after=3.5), "invalid_field", "after"),
    Input("an `after` of 20 digits", _send(after=10**20), "invalid_field", "after"),
    Input("an `after` that the log has not reached", _send(after=99), "invalid_after"),
    Input("an unknown visibility", _send(visibility="secret"), "invalid_field", "visibility"),
    Input("an interaction that is an object", _send(interaction={}), "invalid_field", "interaction"),
    Input("an interaction with a #", _send(interaction="a#b"), "invalid_field", "interaction"),
    Input("somebody else's interaction", _send(interaction=MESSAGE), "not_found"),
    Input(
        "`on` that is a text",
        _frame(action="typing", interaction="$chat", on="yes"),
        "invalid_field",
        "on",
    ),
    Input(
        "an entry 0 that was read", _frame(action="read", interaction="$chat", seq=0), "invalid_field", "seq"
    ),
    Input(
        "an entry that was read before it was written",
        _frame(action="read", interaction="$chat", seq=999),
        "invalid_field",
        "seq",
    ),
    Input("a join `after` the end", _frame(action="join", after=999), "invalid_after"),
    Input("a sync `after` the end", _frame(action="sync", interaction="$chat", after=999), "invalid_after"),
    Input("an unknown log", _frame(action="sync", interaction="$chat", log="all"), "invalid_field", "log"),
    Input("a bytes frame", b'{"action": "ping"}', "closed with 1003"),
    Input("100 KB", _send(text="x" * 100_000), "closed with 1009"),
)

_ADA = '"first_name": "Ada", "last_name": "L", "email": "a@example.org", "issue_type": "billing"'
SUBMISSIONS = (
    Input("no body", b"", "400 malformed"),
    Input("text that is not JSON", b"hello", "400 malformed"),
    Input("an array", b"[]", "400 malformed"),
    Input("no answers", b"{}", "422 invalid_field", "answers"),
    Input("answers that are an array", b'{"answers": []}', "422 invalid_field", "answers"),
    Input(
        "one of five answers",
        b'{"answers": {"first_name": "Ada"}}',
        "422 invalid_field",
        "last_name, email, issue_type, description",
    ),
    Input(
        "an unknown choice",
        f'{{"answers": {{{_ADA.replace("billing", "gold")}, "description": "x"}}}}'.encode(),
        "422 invalid_field",
        "issue_type",
    ),
    Input(
        "an answer that is an object",
        f'{{"answers": {{{_ADA}, "description": {{}}}}}}'.encode(),
        "422 invalid_field",
        "description",
    ),
    Input(
        "an address that is none",
        f'{{"answers": {{{_ADA.replace("a@example.org", "ada")}, "description": "x"}}}}'.encode(),
        "422 invalid_field",
        "email",
    ),
    Input(
        "a NUL character",
        f'{{"answers": {{{_ADA}, "description": "a\\u0000b"}}}}'.encode(),
        "422 invalid_field",
        "description",
    ),
    Input(
        "characters that turn the reading direction",
        f'{{"answers": {{{_ADA}, "description": "a\\u202eb"}}}}'.encode(),
        "422 invalid_field",
        "description",
    ),
    Input(
        "half a surrogate pair, escaped",
        f'{{"answers": {{{_ADA}, "description": "a\\ud83d"}}}}'.encode(),
        "400 malformed",
    ),
    Input("70 KB", b'{"answers": {"description": "' + b"x" * 70_000 + b'"}}', "413 too_large"),
)

REQUESTS = (
    Input("a form that does not exist", "GET /v1/forms/nothing", "404 not_found"),
    Input("a form's name with a space behind it", "GET /v1/forms/default%20", "404 not_found"),
    Input("no token", "GET /v1/interactions/x", "401 unauthenticated"),
    Input(
        "messages after a word", "GET /v1/interactions/$chat/messages?after=x", "422 invalid_field", "after"
    ),
    Input("messages after -1", "GET /v1/interactions/$chat/messages?after=-1", "422 invalid_field", "after"),
    Input(
        "messages of an unknown log", "GET /v1/interactions/$chat/messages?log=x", "422 invalid_field", "log"
    ),
    Input("messages after the end", "GET /v1/interactions/$chat/messages?after=999", "400 invalid_after"),
)


def document() -> str:
    """docs/inputs.md, written from the cases."""
    parts = [
        "# Bad input and its answers",
        "",
        "Written from `tests/stack/inputs.py`; `tests/stack/test_inputs.py` sends every line of it to the deployed",
        "stack. Nothing of it changes anything, and an answer holds the code, the fields and a sentence for people.",
        "What configurations and conditions refuse is listed in `docs/inputs/`.",
        "",
    ]
    for title, inputs in (
        ("Frames from a guest", FRAMES),
        ("Submissions of a form", SUBMISSIONS),
        ("Other requests", REQUESTS),
    ):
        parts += [f"## {title}", "", "| sent | answered | fields named |", "|---|---|---|"]
        parts += [f"| {it.words} | `{it.code}` | {it.field} |" for it in inputs]
        parts.append("")
    return "\n".join(parts)


if __name__ == "__main__":
    DOCUMENT.write_text(document())
