"""What guests and agents say to each other, with its acknowledgements, cursors and signs of life.

Also answers frames that name no action we know: API Gateway sends them to `$default`.
"""

from deskbell.aws.edge.websocket import Action, websocket
from deskbell.aws.wiring import Wiring
from deskbell.protocol import Ping, Read, Send, Sync, Typing
from deskbell.usecases.mark_read import mark_read
from deskbell.usecases.ping import ping
from deskbell.usecases.send_message import send_message
from deskbell.usecases.show_typing import show_typing
from deskbell.usecases.sync import sync

wiring = Wiring.from_environment()

handler = websocket(
    wiring.entrance,
    Action(Send, send_message),
    Action(Sync, sync),
    Action(Typing, show_typing, silent=True),
    Action(Read, mark_read, silent=True, cursors=wiring.cursors),
    Action(Ping, ping),
)
