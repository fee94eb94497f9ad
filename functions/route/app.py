"""Messages of the route queue: matching rules put submitted conversations into queues."""

from typing import Any

from deskbell.aws.edge.sqs import sqs
from deskbell.aws.wiring import Wiring
from deskbell.usecases.route import route_interaction

wiring = Wiring.from_environment()
switchboard = wiring.switchboard
meter = wiring.meter


def route(message: dict[str, Any], at: int) -> None:
    """Route one interaction."""
    route_interaction(message["interaction"], switchboard=switchboard(at), meter=meter)


handler = sqs(route, wiring.clock, wiring.logger)
