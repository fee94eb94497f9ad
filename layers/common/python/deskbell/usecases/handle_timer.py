"""A timer has come back: look at what it was set for."""

from deskbell.ports import Agents, RouteQueue
from deskbell.timers import AgentDue, InteractionDue, QueueAnnouncement, SocketClosed, Timer
from deskbell.usecases.announce_queue import announce_queue
from deskbell.usecases.disconnect import forget_socket, identity_of
from deskbell.usecases.enforce_deadline import enforce_deadline
from deskbell.usecases.enforce_lease import enforce_lease
from deskbell.usecases.switchboard import Switchboard


def handle_timer(timer: Timer, *, switchboard: Switchboard, agents: Agents, route_queue: RouteQueue) -> bool:
    """Do what has come due; tells whether anything had."""
    match timer:
        case InteractionDue():
            return enforce_deadline(timer, switchboard=switchboard, route_queue=route_queue)
        case AgentDue():
            return enforce_lease(timer, switchboard=switchboard, agents=agents)
        case QueueAnnouncement():
            announce_queue(timer.queue, switchboard=switchboard)
            return True
        case SocketClosed():
            identity = identity_of(timer)
            return forget_socket(identity, timer.connection, switchboard=switchboard, agents=agents)
