"""WebSocket connections behave as on API Gateway, where that shapes the protocol.

- The handshake answers the `Sec-WebSocket-Protocol` header of `$connect`'s response.
- Frames of one connection run side by side.
- A binary frame ends the connection with 1003, an oversized one with 1009:
  https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-binary-media-types.html
  https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from ministack.services import apigateway

from local.emulator.invocations import turn

type Message = dict[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]

# The quota is on frames. Clients send a message of this size as one, and its frames are not told apart here.
LARGEST_FRAME = 32 * 1024

_answered: ContextVar[list[str]] = ContextVar("subprotocols that $connect answered")
_running: set[asyncio.Task[None]] = set()


def install() -> None:
    """Wraps the emulator's handling of a connection and of one event in it."""
    serve, invoke = apigateway.handle_websocket, apigateway._invoke_ws_lambda

    async def handle_websocket(
        scope: Message, receive: Receive, send: Send, *args: Any, **options: Any
    ) -> None:
        _answered.set([])
        await serve(scope, _refusing(receive, send), _answering(send), *args, **options)

    async def invoke_for_event(
        api_id: str,
        account: str,
        region: str,
        route: Message,
        stage: str,
        connection: str,
        event_type: str,
        *args: Any,
        **options: Any,
    ) -> Message | None:
        async def run() -> Message | None:
            async with turn(_integration(api_id, route)):
                result: Message | None = await invoke(
                    api_id, account, region, route, stage, connection, event_type, *args, **options
                )
                return result

        if event_type == "MESSAGE":
            task = asyncio.create_task(_answer(connection, run()))
            _running.add(task)
            task.add_done_callback(_running.discard)
            return None
        result = await run()
        if event_type == "CONNECT":
            headers = {name.lower(): value for name, value in ((result or {}).get("headers") or {}).items()}
            _answered.get().extend(filter(None, [headers.get("sec-websocket-protocol")]))
        return result

    apigateway.handle_websocket, apigateway._invoke_ws_lambda = handle_websocket, invoke_for_event


def _integration(api_id: str, route: Message) -> Message:
    integration: Message = apigateway._integrations[api_id][route["target"].rpartition("/")[2]]
    return integration


async def _answer(connection: str, run: Awaitable[Message | None]) -> None:
    body = ((await run) or {}).get("body")
    record = apigateway._ws_connections.get(connection)
    if body and record:
        await record["outbox"].put(body if isinstance(body, str) else json.dumps(body))


def _answering(send: Send) -> Send:
    async def send_with_subprotocol(message: Message) -> None:
        if message["type"] == "websocket.accept" and _answered.get():
            message = {**message, "subprotocol": _answered.get()[0]}
        await send(message)

    return send_with_subprotocol


def _refusing(receive: Receive, send: Send) -> Receive:
    async def receive_text() -> Message:
        message = await receive()
        if message["type"] != "websocket.receive":
            return message
        if message.get("text") is None:
            code = 1003
        elif len(message["text"].encode()) > LARGEST_FRAME:
            code = 1009
        else:
            return message
        await send({"type": "websocket.close", "code": code})
        return {"type": "websocket.disconnect", "code": code}

    return receive_text
