"""Starts each function once, so that the first guest does not wait for a cold start."""

import json
from concurrent.futures import ThreadPoolExecutor

from local.stack import Stack


# Each function gets an event that changes nothing: an unsigned request, a frame of a guest whose token has expired,
# a message that says nothing.
def _unsigned(path: str, **parameters: str) -> dict[str, object]:
    return {
        "version": "2.0",
        "routeKey": f"GET {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {},
        "pathParameters": parameters,
        "requestContext": {
            "http": {"method": "GET", "path": path, "sourceIp": "127.0.0.1"},
            "requestId": "warm",
            "stage": "$default",
            "timeEpoch": 1,
        },
        "isBase64Encoded": False,
    }


_FRAME = {
    "requestContext": {
        "routeKey": "$default",
        "eventType": "MESSAGE",
        "connectionId": "warm",
        "requestId": "warm",
        "requestTimeEpoch": 1,
        "connectedAt": 1,
        "stage": "v1",
        "identity": {"sourceIp": "127.0.0.1"},
        "authorizer": {"principalId": "warm", "role": "guest", "id": "warm", "expires_at": "0"},
    },
    "body": "{}",
    "isBase64Encoded": False,
}
_HANDSHAKE = {
    "type": "REQUEST",
    "methodArn": "arn:aws:execute-api:::warm",
    "headers": {},
    "requestContext": {},
}
_BATCH = {"Records": [{"messageId": "warm", "body": "{}", "eventSource": "aws:sqs"}]}
_SCHEDULE: dict[str, object] = {}
_EVENTS = {
    "SubmitFormFunction": _unsigned("/v1/forms/{form}", form="default"),
    "RecordsFunction": _unsigned("/v1/interactions/{id}", id="warm"),
    "RouteFunction": _BATCH,
    "SweepFunction": _SCHEDULE,
    "AuthorizeFunction": _HANDSHAKE,
    "WsConnectFunction": _FRAME,
    "RelayFunction": _FRAME,
    "ActionsFunction": _FRAME,
}


def warm_up(stack: Stack) -> list[str]:
    """Invoke every function, two at a time; gives the names of those that failed, which are then still cold."""

    def fails(function: str) -> bool:
        answer = stack.functions.invoke(
            FunctionName=stack.function_name(function), Payload=json.dumps(_EVENTS[function])
        )
        return "FunctionError" in answer

    with ThreadPoolExecutor(max_workers=2) as pool:
        return [name for name, failed in zip(_EVENTS, pool.map(fails, _EVENTS), strict=True) if failed]
