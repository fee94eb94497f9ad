"""Timers: messages that come back at a moment and say what they expect to find, so that a stale one does nothing."""

from dataclasses import dataclass
from typing import Any


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


type Timer = InteractionDue | AgentDue | QueueAnnouncement

_KINDS: dict[str, tuple[type, str]] = {
    "interaction_due": (InteractionDue, "interaction"),
    "agent_due": (AgentDue, "agent"),
    "queue_announcement": (QueueAnnouncement, "queue"),
}
_NAMES = {kind: (name, subject) for name, (kind, subject) in _KINDS.items()}


def to_message(timer: Timer) -> dict[str, Any]:
    """Write a timer as the JSON object that travels through the timer queue."""
    name, subject = _NAMES[type(timer)]
    return {"kind": name, subject: getattr(timer, subject), "at": timer.at}


def from_message(message: dict[str, Any]) -> Timer:
    """Read a timer back; raises ValueError for a message that is none."""
    try:
        kind, subject = _KINDS[message["kind"]]
        timer: Timer = kind(str(message[subject]), int(message["at"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a timer: {message!r}") from error
    return timer
