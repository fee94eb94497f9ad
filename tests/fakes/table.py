"""The chats table in memory: what interactions, queues, agents and cursors keep side by side."""

from dataclasses import dataclass, field

from deskbell.agents import Agent
from deskbell.interaction import Interaction
from deskbell.lifecycle import WaitingEntry
from deskbell.message_log import Entry, Visibility
from deskbell.ports import Watcher


@dataclass
class ChatsTable:
    """One table for any number of processes."""

    states: dict[str, Interaction] = field(default_factory=dict)
    states_before_commit: dict[str, Interaction] = field(default_factory=dict)
    logs: dict[tuple[str, Visibility], dict[int, Entry]] = field(default_factory=dict)
    waiting: set[WaitingEntry] = field(default_factory=set)
    agents: dict[str, Agent] = field(default_factory=dict)
    watchers: dict[tuple[str, Watcher], int] = field(default_factory=dict)
    waits: dict[str, list[int]] = field(default_factory=dict)
    pending: dict[str, int] = field(default_factory=dict)
    begun: dict[str, int] = field(default_factory=dict)
    announced: dict[str, tuple[str, ...]] = field(default_factory=dict)
    cursors: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
