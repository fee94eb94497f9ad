"""Find what a lost timer, a lost push or a crash left behind, and do it now."""

from collections.abc import Callable

from deskbell.ports import Chats, Meter, Overdue
from deskbell.timers import AgentDue, InteractionDue, Timer

SHARDS = 8
MINUTE = 60_000
PATIENCE = MINUTE
"""How long a timer may be late before the sweeper does its work, in milliseconds."""


def sweep(at: int, *, chats: Chats, enforce: Callable[[Timer, int], bool], meter: Meter) -> int:
    """Do everything that is a minute overdue; returns how much there was, a count that should be zero.

    What fails stops nothing else: it is raised at the end, as an ExceptionGroup, and found again next time.
    """
    repaired = 0
    failures: list[Exception] = []
    # Another shard is first each minute, so that a full one cannot starve the rest.
    for shard in ((at // MINUTE + turn) % SHARDS for turn in range(SHARDS)):
        for overdue in chats.overdue(at - PATIENCE, shard):
            try:
                repaired += enforce(_timer_of(overdue), at)
            except Exception as failure:  # whatever it is, the others are still owed
                failures.append(failure)
    if repaired:
        meter.count("RepairedBySweeper", repaired)
    if failures:
        meter.count("SweeperFailures", len(failures))
        raise ExceptionGroup("not everything that was overdue could be done", failures)
    return repaired


def _timer_of(overdue: Overdue) -> Timer:
    if overdue.kind == "agent":
        return AgentDue(overdue.id, overdue.due_at)
    return InteractionDue(overdue.id, overdue.due_at)
