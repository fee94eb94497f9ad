"""What a conversation waits for, and until when, so that nothing waits for ever.

Each state that is not final names one moment, `due_at`, at which somebody looks at it again. A timer message comes
then; the sweeper comes when the timer was lost.
"""

from dataclasses import dataclass
from enum import StrEnum

from deskbell.interaction import Interaction, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long each kind of waiting may last, in seconds."""

    guest_grace: int = 120
    maximum_wait: int = 1800
    reopen: int = 900
    idle_delay: int = 120
    idle_countdown: int = 60
    routing: int = 30


class Due(StrEnum):
    """What has come due."""

    ROUTE = "route"
    GUEST_LOST = "guest_lost"
    MAXIMUM_WAIT = "maximum_wait"
    IDLE = "idle"
    ABANDONED = "abandoned"


def next_due(interaction: Interaction, limits: Limits) -> tuple[int, Due] | None:
    """Tell when the conversation needs looking at next, and why; None when it has ended for good."""
    candidates: list[tuple[int, Due]] = []
    state = interaction.state
    if state is State.NEW:
        candidates.append((interaction.opened_at + limits.routing * 1000, Due.ROUTE))
    elif state is State.WAITING:
        queued_at = interaction.queued_at or interaction.opened_at
        candidates.append((queued_at + limits.maximum_wait * 1000, Due.MAXIMUM_WAIT))
    elif state is State.WORK_IN_PROGRESS:
        candidates.append((_idle_due(interaction, limits), Due.IDLE))
    elif interaction.reopenable:
        return (interaction.closed_at or 0) + limits.reopen * 1000, Due.ABANDONED
    if not candidates:
        return None
    if interaction.guest_lost_at is not None and state is not State.NEW:
        candidates.append((interaction.guest_lost_at + limits.guest_grace * 1000, Due.GUEST_LOST))
    return min(candidates)


def _idle_due(interaction: Interaction, limits: Limits) -> int:
    if interaction.warned_at is not None:
        return interaction.warned_at + limits.idle_countdown * 1000
    quiet_since = interaction.quiet_since or interaction.accepted_at or interaction.opened_at
    return quiet_since + limits.idle_delay * 1000
