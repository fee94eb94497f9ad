"""What changes a conversation's life: accept, end, reopen, stay."""

from deskbell.aws.edge.websocket import Action, websocket
from deskbell.aws.wiring import Wiring
from deskbell.protocol import Accept, End, Reopen, Stay
from deskbell.usecases.accept import accept_chat
from deskbell.usecases.end import end_chat
from deskbell.usecases.reopen import reopen_chat
from deskbell.usecases.stay import stay

wiring = Wiring.from_environment()

handler = websocket(
    wiring.entrance,
    Action(Accept, accept_chat, agents=wiring.agents),
    Action(End, end_chat),
    Action(Reopen, reopen_chat),
    Action(Stay, stay),
)
