"""The WebSocket API's authorizer: who may open a socket, and as whom."""

from deskbell.aws.edge.authorizer import authorizer
from deskbell.aws.wiring import Wiring

wiring = Wiring.from_environment()

handler = authorizer(
    wiring.authenticate, allowed_origins=wiring.settings.allowed_origins, logger=wiring.logger
)
