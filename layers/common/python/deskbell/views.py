"""What the server says, as the JSON objects that go out: records, log entries and frames for one kind of reader.

Guests see agents by name and never by id; that rule lives here.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from deskbell.identity import GUEST, SYSTEM, agent_of
from deskbell.ids import number_of
from deskbell.interaction import Connection, Interaction
from deskbell.message_log import Entry, Page
from deskbell.times import rfc3339

MAX_REPLY_BYTES = 24 * 1024
"""No frame of ours is larger; API Gateway cuts a connection at 32 KB."""

type Reader = Literal["guest", "agent"]


def encode(frame: Mapping[str, Any]) -> str:
    """Write a frame as the raw UTF-8 JSON text that goes over the wire."""
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


def participant_view(participant: str, name: str | None, reader: Reader) -> dict[str, Any]:
    """Show who somebody is, to a guest without an agent's id."""
    shown: dict[str, Any] = {"name": name or ("System" if participant == SYSTEM else "Guest")}
    agent = agent_of(participant)
    if agent is not None and reader == "agent":
        shown["id"] = agent
    return shown


def entry_view(entry: Entry, reader: Reader) -> dict[str, Any]:
    """Show a log entry."""
    shown: dict[str, Any] = {
        "interaction": entry.interaction,
        "seq": entry.seq,
        "id": entry.id,
        "at": rfc3339(entry.at),
        "from": participant_view(entry.author, entry.name, reader),
        "role": entry.role,
        "visibility": entry.visibility,
    }
    optional = {"text": entry.text, "event": entry.event, "data": entry.data}
    return shown | {key: value for key, value in optional.items() if value is not None}


def page_view(page: Page, reader: Reader, most_bytes: int) -> tuple[list[dict[str, Any]], bool]:
    """Show as many entries of a page as fit into a number of bytes, at least one; tells whether there are more."""
    shown: list[dict[str, Any]] = []
    size = 0
    for entry in page.items:
        view = entry_view(entry, reader)
        size += len(encode(view).encode()) + 1
        if shown and size > most_bytes:
            return shown, True
        shown.append(view)
    return shown, page.more


def record(interaction: Interaction, opening: Entry | None) -> dict[str, Any]:
    """Give the interaction's record: the fields that agents see and that conditions may use."""
    mapped = dict((opening.data or {}).get("fields", {})) if opening else {}
    fields: dict[str, Any] = {
        **mapped,
        "id": interaction.id,
        "number": number_of(interaction.id),
        "state": interaction.state.value,
        "opened_at": rfc3339(interaction.opened_at),
        "queue": interaction.queue,
        "rule": interaction.rule,
        "waiting_since": rfc3339(interaction.waiting_since) if interaction.waiting_since else None,
        "assigned_to": interaction.agent,
        "closed_at": rfc3339(interaction.closed_at) if interaction.closed_at else None,
        "reason": interaction.reason,
    }
    return {key: value for key, value in fields.items() if value is not None}


_GUEST_FIELDS = ("id", "number", "state", "opened_at", "closed_at", "reason", "category", "short_description")


def guest_record(
    interaction: Interaction, opening: Entry | None, queue_name: str | None = None
) -> dict[str, Any]:
    """Give what a guest may see of its own interaction's record."""
    full = record(interaction, opening)
    shown = {key: full[key] for key in _GUEST_FIELDS if key in full}
    if interaction.agent_name is not None:
        shown["agent"] = {"name": interaction.agent_name}
    if queue_name is not None:
        shown["queue"] = queue_name
    shown["reopenable"] = interaction.reopenable
    return shown


def lifecycle_frame(entry: Entry, reader: Reader) -> dict[str, Any]:
    """Make the push of a lifecycle entry: typed by its event where the contract has a type, else a message.

    It carries everything the entry holds, so that a client can show it without asking again.
    """
    view = entry_view(entry, reader)
    if entry.event == "accepted" and reader == "guest":
        return {"type": "accepted", **view, "agent": view["from"]}
    if entry.event in ("ended", "transferred", "agent_left"):
        return {"type": entry.event, **view, **(entry.data or {})}
    return {"type": "message", **view}


def message_frame(entry: Entry, reader: Reader) -> dict[str, Any]:
    """Make the push of an entry to one kind of reader."""
    return lifecycle_frame(entry, reader) if entry.event else {"type": "message", **entry_view(entry, reader)}


def reader_of(participant: str) -> Reader:
    """Tell as what a participant reads."""
    return "guest" if participant == GUEST else "agent"


def push_to_all(
    connections: Mapping[str, Connection], entries: Iterable[Entry], *, but: str | None = None
) -> list[tuple[str, dict[str, Any]]]:
    """Lay out which socket is to be sent which frame when entries have been added, leaving out one socket."""
    listed = list(entries)
    return [
        (connection, message_frame(entry, reader_of(held.participant)))
        for connection, held in connections.items()
        if connection != but
        for entry in listed
        if held.participant != GUEST or entry.visibility == "comment"
    ]


def push_to_others(
    interaction: Interaction, me: str, sign: Mapping[str, Any]
) -> list[tuple[str, dict[str, Any]]]:
    """Lay out a sign of one participant, such as typing, for the sockets of the others."""
    name = interaction.name_of(me)
    return [
        (
            connection,
            {
                **sign,
                "interaction": interaction.id,
                "from": participant_view(me, name, reader_of(held.participant)),
            },
        )
        for connection, held in interaction.connections.items()
        if held.participant != me
    ]
