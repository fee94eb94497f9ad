"""What changes a conversation's life: accept, end, reopen, stay."""

from typing import Any

from deskbell.aws.edge.websocket import Action, websocket
from deskbell.aws.wiring import Wiring
from deskbell.protocol import Accept, End, Reopen, Stay
from deskbell.usecases.accept import accept_chat
from deskbell.usecases.end import end_chat
from deskbell.usecases.reopen import reopen_chat
from deskbell.usecases.stay import stay

wiring = Wiring.from_environment()
queues: dict[str, Any] = {"switchboard": wiring.switchboard, "lines": wiring.lines}

handler = websocket(
    wiring.entrance,
    Action(Accept, accept_chat, **queues, agents=wiring.agents),
    Action(End, end_chat, **queues),
    Action(Reopen, reopen_chat, **queues),
    Action(Stay, stay, switchboard=wiring.switchboard),
)
