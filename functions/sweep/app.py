"""Timers that have come back, and each minute what a lost one left behind."""

from typing import Any

from deskbell.aws.edge.sqs import sqs, sqs_or_schedule
from deskbell.aws.wiring import Wiring
from deskbell.timers import Timer, from_message
from deskbell.usecases.handle_timer import handle_timer
from deskbell.usecases.sweep import sweep

wiring = Wiring.from_environment()
switchboard = wiring.switchboard
agents = wiring.agents
route_queue = wiring.route_queue
chats = wiring.chats
meter = wiring.meter


def enforce(timer: Timer, at: int) -> bool:
    """Do what has come due."""
    return handle_timer(timer, switchboard=switchboard(at), agents=agents, route_queue=route_queue)


def on_message(message: dict[str, Any], at: int) -> None:
    """Handle one timer."""
    enforce(from_message(message), at)


def on_schedule(at: int) -> int:
    """Do what is overdue."""
    return sweep(at, chats=chats, enforce=enforce, meter=meter)


handler = sqs_or_schedule(sqs(on_message, wiring.clock, wiring.logger), on_schedule, wiring.clock)
