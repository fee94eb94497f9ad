"""Timers: messages that come back at a moment and say what they expect to find, so that a stale one does nothing."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class InteractionDue:
    """Look at a conversation, if it is still due at the moment this was set for."""

    interaction: str
    at: int


@dataclass(frozen=True, slots=True)
class AgentDue:
    """Look whether an agent is still there, if nothing was heard since this was set."""

    agent: str
    at: int


@dataclass(frozen=True, slots=True)
class QueueAnnouncement:
    """Tell a queue's guests and agents how it stands."""

    queue: str
    at: int


@dataclass(frozen=True, slots=True)
class SocketClosed:
    """Take a closed socket out of what it was in: of the guest of a conversation, or of an agent."""

    role: Literal["guest", "agent"]
    id: str
    connection: str
    at: int


type Timer = InteractionDue | AgentDue | QueueAnnouncement | SocketClosed

_KINDS: dict[str, type[Timer]] = {
    "interaction_due": InteractionDue,
    "agent_due": AgentDue,
    "queue_announcement": QueueAnnouncement,
    "socket_closed": SocketClosed,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def to_message(timer: Timer) -> dict[str, Any]:
    """Write a timer as the JSON object that travels through the timer queue."""
    return {"kind": _NAMES[type(timer)], **asdict(timer)}


def from_message(message: dict[str, Any]) -> Timer:
    """Read a timer back; raises ValueError for a message that is none."""
    try:
        kind = _KINDS[message["kind"]]
        values = {it.name: message[it.name] for it in fields(kind)}
        return kind(**{**values, "at": int(values["at"])})
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a timer: {message!r}") from error
