"""Sockets open and close, people take their seats, agents choose their presence."""

from deskbell.aws.edge.websocket import Action, socket_events, websocket
from deskbell.aws.wiring import Wiring
from deskbell.protocol import Join, SetPresence
from deskbell.usecases.disconnect import disconnect
from deskbell.usecases.join import join
from deskbell.usecases.set_presence import set_presence

wiring = Wiring.from_environment()
agents = wiring.agents

frames = websocket(
    wiring.entrance,
    Action(
        Join, join, agents=agents, cursors=wiring.cursors, directory=wiring.directory, tokens=wiring.tokens
    ),
    Action(SetPresence, set_presence, agents=agents),
)
handler = socket_events(frames, wiring.entrance, disconnect, agents=agents)
