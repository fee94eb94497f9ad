"""Each function's adapters, made once in INIT from its environment.

An adapter, its client and its settings come into being when a handler first asks for them, which handlers do at
import; so a function builds what it uses, needs no other variables, and imports no other modules.
"""

# Adapters are imported where they are made: what a function does not ask for must not cost it a cold start.
# ruff: noqa: PLC0415

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger

from deskbell.aws.settings import Settings

if TYPE_CHECKING:
    from deskbell.admission import SeenWindows
    from deskbell.aws.edge.websocket import Entrance
    from deskbell.identity import Identity
    from deskbell.ports import (
        Agents,
        AgentTokens,
        Chats,
        Configurations,
        Cursors,
        Directory,
        FrameRates,
        Gateway,
        Lines,
        Meter,
        RateWindows,
        RouteQueue,
        Timers,
        Tokens,
    )
    from deskbell.usecases.switchboard import Switchboard


class Wiring:
    """The adapters of one function."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._session = boto3.Session()

    @classmethod
    def from_environment(cls) -> Wiring:
        """Wire the function that this process runs."""
        return cls(Settings(os.environ))

    @staticmethod
    def clock() -> int:
        """The present in epoch milliseconds, for events that do not carry their time."""
        return time.time_ns() // 1_000_000

    @cached_property
    def logger(self) -> Logger:
        """The function's log."""
        return Logger()

    @cached_property
    def meter(self) -> Meter:
        """Counts for operators."""
        from deskbell.aws.meter import LogMeter

        return LogMeter()

    @cached_property
    def chats(self) -> Chats:
        """Interactions and their logs."""
        from deskbell.aws.chats import DynamoChats

        return DynamoChats(self._dynamo, self.settings["CHATS_TABLE"])

    @cached_property
    def lines(self) -> Lines:
        """Queues as people stand in them."""
        from deskbell.aws.lines import DynamoLines

        return DynamoLines(self._dynamo, self.settings["CHATS_TABLE"])

    @cached_property
    def agents(self) -> Agents:
        """Agents at work."""
        from deskbell.aws.agents import DynamoAgents

        return DynamoAgents(self._dynamo, self.settings["CHATS_TABLE"])

    @cached_property
    def cursors(self) -> Cursors:
        """How far everybody has read."""
        from deskbell.aws.cursors import DynamoCursors

        return DynamoCursors(self._dynamo, self.settings["CHATS_TABLE"])

    @cached_property
    def configurations(self) -> Configurations:
        """The configuration."""
        from deskbell.aws.configuration import DynamoConfigurations

        return DynamoConfigurations(self._dynamo, self.settings["CONFIG_TABLE"])

    @cached_property
    def windows(self) -> RateWindows:
        """Rate windows."""
        from deskbell.aws.rate_windows import DynamoRateWindows

        return DynamoRateWindows(self._dynamo_once, self.settings["RATES_TABLE"])

    @cached_property
    def frame_rates(self) -> FrameRates:
        """The pace of connections."""
        from deskbell.aws.frame_rates import DynamoFrameRates

        return DynamoFrameRates(self._dynamo_once, self.settings["RATES_TABLE"])

    @cached_property
    def gateway(self) -> Gateway:
        """The sockets."""
        from deskbell.aws.gateway import BRISK, ApiGatewaySockets

        url = self.settings.management_url
        return ApiGatewaySockets(self._client("apigatewaymanagementapi", endpoint_url=url, config=BRISK))

    @cached_property
    def route_queue(self) -> RouteQueue:
        """Interactions to be routed."""
        from deskbell.aws.queues import SqsRouteQueue

        return SqsRouteQueue(self._sqs, self.settings["ROUTE_QUEUE_URL"])

    @cached_property
    def timers(self) -> Timers:
        """Messages that come back."""
        from deskbell.aws.queues import SqsTimers

        return SqsTimers(self._sqs, self.settings["TIMER_QUEUE_URL"])

    @cached_property
    def tokens(self) -> Tokens:
        """The keys of guest tokens."""
        from deskbell.aws.token_keys import SecretTokenKeys

        return SecretTokenKeys(self._client("secretsmanager"), self.settings["TOKEN_SECRET_ARN"])

    @cached_property
    def agent_tokens(self) -> AgentTokens:
        """The signatures of agents' tokens."""
        from deskbell.aws.agent_tokens import CognitoTokens

        settings = self.settings
        return CognitoTokens(settings.token_keys_url, settings.token_issuer, settings["USER_POOL_CLIENT_ID"])

    @cached_property
    def directory(self) -> Directory:
        """Agents' names."""
        from deskbell.aws.directory import CognitoDirectory

        return CognitoDirectory(self._client("cognito-idp"), self.settings["USER_POOL_ID"])

    @cached_property
    def switchboard(self) -> Callable[[int], Switchboard]:
        """Conversations, queues, sockets and timers, for what came at a moment."""
        from deskbell.usecases.switchboard import Switchboard

        configurations = self.configurations
        chats, gateway, timers, lines = self.chats, self.gateway, self.timers, self.lines

        def at_moment(at: int) -> Switchboard:
            return Switchboard(
                chats=chats,
                gateway=gateway,
                timers=timers,
                lines=lines,
                configuration=configurations.current(at),
                at=at,
            )

        return at_moment

    @cached_property
    def entrance(self) -> Entrance:
        """What every frame passes."""
        from deskbell.aws.edge.websocket import Entrance
        from deskbell.pacing import paces

        return Entrance(
            switchboard=self.switchboard,
            rates=self.frame_rates,
            paces=paces(),
            agents=self.agents,
            logger=self.logger,
        )

    @cached_property
    def authenticate(self) -> Callable[[str | None, int], Identity]:
        """Find out who bears a token."""
        from functools import partial

        from deskbell.usecases.authenticate import authenticate

        return partial(authenticate, tokens=self.tokens, agent_tokens=self.agent_tokens)

    @cached_property
    def seen_windows(self) -> SeenWindows:
        """What this process remembers of rate windows."""
        from deskbell.admission import seen_windows

        return seen_windows()

    @cached_property
    def _dynamo(self) -> Any:
        from deskbell.aws.dynamo import PATIENT

        return self._client("dynamodb", config=PATIENT)

    @cached_property
    def _dynamo_once(self) -> Any:
        from deskbell.aws.conditional_update import ONE_ATTEMPT

        return self._client("dynamodb", config=ONE_ATTEMPT)

    @cached_property
    def _sqs(self) -> Any:
        from deskbell.aws.queues import QUICK

        return self._client("sqs", config=QUICK)

    def _client(self, service: str, **options: Any) -> Any:
        make: Any = self._session.client
        return make(service, **options)
