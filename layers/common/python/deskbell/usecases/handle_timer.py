"""A timer has come back: look at what it was set for."""

from deskbell.configuration import Configuration
from deskbell.ports import Agents, Lines, RouteQueue
from deskbell.timers import AgentDue, InteractionDue, QueueAnnouncement, Timer
from deskbell.usecases.announce_queue import announce_queue
from deskbell.usecases.enforce_deadline import enforce_deadline
from deskbell.usecases.enforce_lease import enforce_lease
from deskbell.usecases.switchboard import Switchboard


def handle_timer(
    timer: Timer,
    at: int,
    *,
    configuration: Configuration,
    switchboard: Switchboard,
    lines: Lines,
    agents: Agents,
    route_queue: RouteQueue,
) -> bool:
    """Do what has come due; tells whether anything had."""
    match timer:
        case InteractionDue():
            return enforce_deadline(
                timer,
                at,
                configuration=configuration,
                switchboard=switchboard,
                lines=lines,
                route_queue=route_queue,
            )
        case AgentDue():
            return enforce_lease(
                timer, at, configuration=configuration, switchboard=switchboard, lines=lines, agents=agents
            )
        case QueueAnnouncement():
            announce_queue(timer.queue, at, configuration=configuration, switchboard=switchboard, lines=lines)
            return True
