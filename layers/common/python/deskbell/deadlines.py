"""What a conversation waits for, and until when, so that nothing waits for ever.

Each state that is not final names one moment, `due_at`, at which somebody looks at it again. A timer message comes
then; the sweeper comes when the timer was lost.
"""

from dataclasses import dataclass
from enum import StrEnum

from deskbell.configuration import Configuration
from deskbell.interaction import Interaction, State
from deskbell.queues import limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long each kind of waiting may last, in seconds."""

    guest_grace: int = 120
    maximum_wait: int = 1800
    reopen: int = 900
    idle_delay: int = 120
    idle_countdown: int = 60
    routing: int = 30


def deadlines_for(interaction: Interaction, configuration: Configuration) -> Deadlines:
    """Give a conversation's deadlines: its queue's own where it has them, the properties elsewhere."""
    properties = configuration.properties
    queue = configuration.queues.get(interaction.queue or "")
    terms = limits(queue, properties) if queue else properties
    return Deadlines(
        guest_grace=properties.guest_grace,
        maximum_wait=terms.maximum_wait,
        reopen=properties.reopen_window,
        idle_delay=terms.idle_delay,
        idle_countdown=terms.idle_count_down,
    )


class Due(StrEnum):
    """What has come due."""

    ROUTE = "route"
    GUEST_LOST = "guest_lost"
    MAXIMUM_WAIT = "maximum_wait"
    IDLE = "idle"
    ABANDONED = "abandoned"


def next_due(interaction: Interaction, deadlines: Deadlines) -> tuple[int, Due] | None:
    """Tell when the conversation needs looking at next, and why; None when it has ended for good."""
    candidates: list[tuple[int, Due]] = []
    state = interaction.state
    if state is State.NEW:
        again_at = interaction.route_again_at or interaction.opened_at + deadlines.routing * 1000
        candidates.append((again_at, Due.ROUTE))
    elif state is State.WAITING:
        queued_at = interaction.queued_at or interaction.opened_at
        candidates.append((queued_at + deadlines.maximum_wait * 1000, Due.MAXIMUM_WAIT))
    elif state is State.WORK_IN_PROGRESS:
        candidates.append((_idle_due(interaction, deadlines), Due.IDLE))
    elif interaction.reopenable:
        return (interaction.closed_at or 0) + deadlines.reopen * 1000, Due.ABANDONED
    if not candidates:
        return None
    if interaction.guest_lost_at is not None and state is not State.NEW:
        candidates.append((interaction.guest_lost_at + deadlines.guest_grace * 1000, Due.GUEST_LOST))
    return min(candidates)


def _idle_due(interaction: Interaction, deadlines: Deadlines) -> int:
    if interaction.warned_at is not None:
        return interaction.warned_at + deadlines.idle_countdown * 1000
    quiet_since = interaction.quiet_since or interaction.accepted_at or interaction.opened_at
    return quiet_since + deadlines.idle_delay * 1000
