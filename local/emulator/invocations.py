"""Functions are invoked for frames as for everything else: side by side, logged, and without a wait for silence."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import apigateway, lambda_svc

# A worker is a process of its own and takes a second to start: more of them than this only wait for a processor.
WORKERS_PER_FUNCTION = 4

_turns: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(WORKERS_PER_FUNCTION))


def turn(integration: dict[str, Any]) -> asyncio.Semaphore:
    """What an API waits for before it invokes the integration's function."""
    return _turns[integration["integrationUri"]]


def install() -> None:
    """Replaces the one worker that handles all frames of a function in turn."""
    lambda_runtime.get_or_create_worker = FrameWorker
    # First line awaited for 2 ms instead of 50, so that a handler that logs nothing is not the slow one.
    lambda_runtime.Worker._drain_stderr_bounded.__defaults__ = (0.002, 0.001, 0.250)
    apigateway._invoke_lambda_proxy = _taking_turns(apigateway._invoke_lambda_proxy)


def _taking_turns(invoke: Callable[..., Any]) -> Callable[..., Any]:
    async def invoke_in_turn(integration: dict[str, Any], *args: Any, **options: Any) -> Any:
        async with turn(integration):
            return await invoke(integration, *args, **options)

    return invoke_in_turn


class FrameWorker:
    """Stands where the emulator expects a function's worker and passes the event to its general executor."""

    def __init__(self, name: str, config: dict[str, Any], *_code: object, **_qualifier: object) -> None:
        self._name = name
        self._config = config

    def invoke(self, event: dict[str, Any], _request_id: str) -> dict[str, Any]:
        """The handler's result, or what API Gateway tells a client whose handler failed."""
        function = lambda_svc._functions.get(self._name)
        record = lambda_svc._execution_record_for_config(function, self._config)
        outcome = lambda_svc._execute_function(record, event)
        context = event["requestContext"]
        if outcome.get("error") or outcome.get("throttle"):
            failure = {
                "message": "Internal server error",
                "connectionId": context["connectionId"],
                "requestId": context["requestId"],
            }
            return {"status": "error", "error": json.dumps(failure)}
        result = _document(outcome.get("body"))
        if context["eventType"] == "MESSAGE" and not _answers(context["apiId"], context["routeKey"]):
            result.pop("body", None)
        return {"status": "ok", "result": result}


def _document(body: object) -> dict[str, Any]:
    if isinstance(body, str | bytes):
        try:
            body = json.loads(body)
        except ValueError:
            return {}
    return dict(body) if isinstance(body, dict) else {}


def _answers(api_id: str, route_key: str) -> bool:
    route = apigateway._match_ws_route(api_id, route_key) or {}
    return bool(apigateway._route_responses.get(api_id, {}).get(route.get("routeId")))
