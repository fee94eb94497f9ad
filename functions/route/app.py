"""Messages of the route queue: matching rules put submitted conversations into queues."""

from typing import Any

from deskbell.aws.edge.sqs import sqs
from deskbell.aws.wiring import Wiring
from deskbell.usecases.route import route_interaction

wiring = Wiring.from_environment()
configurations = wiring.configurations
ports: dict[str, Any] = {"switchboard": wiring.switchboard, "lines": wiring.lines, "meter": wiring.meter}


def route(message: dict[str, Any], at: int) -> None:
    """Route one interaction."""
    route_interaction(message["interaction"], at, configuration=configurations.current(at), **ports)


handler = sqs(route, wiring.clock)
