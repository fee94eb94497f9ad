"""How interactions, entries and agents are kept as items of the chats table.

An entry's number is its sort key, and STATE sorts just behind the entries: one backward Query reads STATE and the tail
of the log. Attribute names are short because STATE is read with every message and an entry pays by the kilobyte.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

from deskbell.agents import Agent
from deskbell.aws.dynamo import Item, attribute, plain
from deskbell.interaction import Connection, Interaction, State
from deskbell.lifecycle import WaitingEntry
from deskbell.message_log import Entry, Visibility
from deskbell.usecases.sweep import SHARDS

STATE = "STATE"
AGENT = "AGENT"
DUE_INDEX = "due"
RETENTION_SECONDS = 400 * 86_400
"""How long items are kept; what ends a conversation does not have to touch its entries again."""

_LAST = 999_999_999

_STATE_NAMES: Mapping[str, str] = {
    "opened_at": "opened",
    "guest_name": "guest",
    "revision": "rev",
    "queue": "queue",
    "rule": "rule",
    "configuration": "conf",
    "waiting_since": "since",
    "queued_at": "queued",
    "accepted_at": "accepted",
    "closed_at": "closed",
    "reason": "reason",
    "ended": "ended",
    "agent": "agent",
    "agent_name": "agent_name",
    "guest_lost_at": "lost",
    "quiet_since": "quiet",
    "warned_at": "warned",
    "reopenings": "reopened",
    "route_again_at": "again",
    "last_event": "event",
    "due_at": "due_at",
}


def chat_key(interaction: str, log: Visibility = "comment") -> str:
    """Name the partition of a conversation's log; work notes have one of their own."""
    return f"{'chat' if log == 'comment' else 'notes'}#{interaction}"


def entry_key(seq: int) -> str:
    """Name an entry's place within its log, in the order of numbers."""
    return f"{seq:09d}"


LAST_ENTRY = entry_key(_LAST)


def due_shard(name: str) -> str:
    """Spread what comes due over the shards of the due index."""
    return f"due#{zlib.crc32(name.encode()) % SHARDS}"


def state_item(interaction: Interaction) -> dict[str, Any]:
    """Write STATE."""
    fields = {item: getattr(interaction, field) for field, item in _STATE_NAMES.items()}
    fields["event"] = interaction.last_event or None
    kept = {
        name: attribute(value) for name, value in fields.items() if value is not None and value is not False
    }
    heard = max(filter(None, (interaction.opened_at, interaction.accepted_at, interaction.closed_at)))
    item = {
        "pk": attribute(chat_key(interaction.id)),
        "sk": attribute(STATE),
        "state": attribute(interaction.state.value),
        "conns": {"M": {name: _connection(held) for name, held in interaction.connections.items()}},
        "ttl": attribute(heard // 1000 + RETENTION_SECONDS),
        **kept,
    }
    if interaction.due_at is not None:
        item["due_shard"] = attribute(due_shard(interaction.id))
    return item


def read_state(item: Item) -> Interaction:
    """Read STATE back."""
    found = {name: plain(value) for name, value in item.items()}
    fields = {field: found[name] for field, name in _STATE_NAMES.items() if name in found}
    connections = {name: _read_connection(text) for name, text in found["conns"].items()}
    return Interaction(
        id=found["pk"].partition("#")[2], state=State(found["state"]), connections=connections, **fields
    )


def entry_item(entry: Entry) -> dict[str, Any]:
    """Write an entry; its id is left out where it follows from its place."""
    derived = entry.id == f"{entry.interaction}.{entry.seq}"
    fields = {
        "id": None if derived else entry.id,
        "at": entry.at,
        "by": entry.author,
        "name": entry.name,
        "text": entry.text,
        "event": entry.event,
        "data": json.dumps(entry.data, ensure_ascii=False, separators=(",", ":")) if entry.data else None,
        "ttl": entry.at // 1000 + RETENTION_SECONDS,
    }
    return {
        "pk": attribute(chat_key(entry.interaction, entry.visibility)),
        "sk": attribute(entry_key(entry.seq)),
        **{name: attribute(value) for name, value in fields.items() if value is not None},
    }


def read_entry(item: Item) -> Entry:
    """Read an entry back."""
    found = {name: plain(value) for name, value in item.items()}
    log, _, interaction = found["pk"].partition("#")
    seq = int(found["sk"])
    return Entry(
        interaction=interaction,
        seq=seq,
        id=found.get("id", f"{interaction}.{seq}"),
        at=found["at"],
        author=found["by"],
        name=found.get("name"),
        visibility="comment" if log == "chat" else "work_note",
        text=found.get("text"),
        event=found.get("event"),
        data=json.loads(found["data"]) if "data" in found else None,
    )


def waiting_key(entry: WaitingEntry) -> dict[str, Any]:
    """Name a place in a queue: oldest first, then by interaction."""
    return {
        "pk": attribute(f"queue#{entry.queue}"),
        "sk": attribute(f"waiting#{entry.since:013d}#{entry.interaction}"),
    }


def read_waiting(item: Item) -> WaitingEntry:
    """Read a place in a queue back from its key."""
    _, since, interaction = str(plain(item["sk"])).split("#", 2)
    return WaitingEntry(str(plain(item["pk"])).partition("#")[2], int(since), interaction)


def agent_key(agent: str) -> dict[str, Any]:
    """Name an agent's item."""
    return {"pk": attribute(f"agent#{agent}"), "sk": attribute(AGENT)}


def read_agent(item: Item) -> Agent:
    """Read an agent back."""
    found = {name: plain(value) for name, value in item.items()}
    return Agent(
        id=found["pk"].partition("#")[2],
        name=found["name"],
        presence=found["presence"],
        lease_until=found["lease_until"],
        gone_since=found.get("gone_since"),
        lost=found.get("lost", False),
        due_at=found.get("due_at"),
        slots=found["slots"],
        connections=found["conns"],
    )


def _connection(held: Connection) -> dict[str, Any]:
    return attribute(f"{held.since} {held.participant}")


def _read_connection(text: str) -> Connection:
    since, _, participant = text.partition(" ")
    return Connection(participant, int(since))
