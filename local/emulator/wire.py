"""Records what arrives at the emulator from functions, and their invocations: one JSON object a line.

Only where DESKBELL_WIRE_LOG names the file. Units are computed here from the stored items, before and after each call.
What programs with the operator's rights ask for (deployment, tests) is left out.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ministack.core.router import extract_access_key_id
from ministack.services import apigateway, cognito, dynamodb, lambda_svc, secretsmanager, sqs, sts

from local.emulator.capacity import index_units, item_size, read_units, write_units

VARIABLE = "DESKBELL_WIRE_LOG"

type Document = dict[str, Any]
type Keys = list[tuple[str, Document]]


def install() -> None:
    """Records from now on, if a file was named."""
    if VARIABLE in os.environ:
        _Recorder(Path(os.environ[VARIABLE])).install()


class _Recorder:
    def __init__(self, path: Path) -> None:
        # The emulator runs as long as the file is open.
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def install(self) -> None:
        dynamodb.handle_request = self._watching_tables(dynamodb.handle_request)
        sqs.handle_request = self._watching("sqs", sqs.handle_request)
        secretsmanager.handle_request = self._watching("secretsmanager", secretsmanager.handle_request)
        cognito.handle_request = self._watching("cognito-idp", cognito.handle_request)
        apigateway.handle_connections_api = self._watching_pushes(apigateway.handle_connections_api)
        lambda_svc._execute_function_dispatch = self._watching_invocations(
            lambda_svc._execute_function_dispatch
        )

    def _write(self, record: Document) -> None:
        line = json.dumps({"at": time.time_ns() // 1_000_000, **record}, ensure_ascii=False)
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()

    def _watching_tables(self, handle: Callable[..., Any]) -> Callable[..., Any]:
        async def handle_request(
            method: str, path: str, headers: Document, body: bytes, query: Document
        ) -> Any:
            by = _function(headers)
            if by is None:
                return await handle(method, path, headers, body, query)
            operation = headers["x-amz-target"].rpartition(".")[2]
            request = json.loads(body)
            written = list(_written(operation, request))
            before = [_stored(table, key) for table, key in written]
            # Nothing else runs in between: the emulator handles a call to a table in one go.
            answer = await handle(method, path, headers, body, query)
            after = [_stored(table, key) for table, key in written]
            response = json.loads(answer[2])
            if written:
                billed = _write_billed(operation, written, before, after)
            else:
                billed = _read_billed(operation, request, response)
            failure = str(response.get("__type", "")).rpartition("#")[2] or None
            self._write(
                {
                    "kind": "dynamodb",
                    "by": by,
                    "operation": operation,
                    "update": request.get("UpdateExpression"),
                    "failure": failure,
                    **billed,
                }
            )
            return answer

        return handle_request

    def _watching(self, service: str, handle: Callable[..., Any]) -> Callable[..., Any]:
        async def handle_request(
            method: str, path: str, headers: Document, body: bytes, query: Document
        ) -> Any:
            by = _function(headers)
            if by is not None:
                operation = headers.get("x-amz-target", "").rpartition(".")[2]
                queue = json.loads(body).get("QueueUrl", "").rpartition("/")[2] if service == "sqs" else None
                self._write({"kind": service, "by": by, "operation": operation, "queue": queue})
            return await handle(method, path, headers, body, query)

        return handle_request

    def _watching_pushes(self, handle: Callable[..., Any]) -> Callable[..., Any]:
        async def handle_connections_api(
            method: str, api: str, stage: str, connection: str, body: bytes, headers: Document
        ) -> Any:
            answer = await handle(method, api, stage, connection, body, headers)
            kind = "push" if method == "POST" else "socket"
            self._write(
                {
                    "kind": kind,
                    "by": _function(headers),
                    "method": method,
                    "status": answer[0],
                    "bytes": len(body or b""),
                }
            )
            return answer

        return handle_connections_api

    def _watching_invocations(self, execute: Callable[..., Any]) -> Callable[..., Any]:
        def execute_function(func: Document, config: Document, event: Any, *rest: Any) -> Any:
            started = time.time_ns()
            result = execute(func, config, event, *rest)
            self._write(
                {
                    "kind": "invocation",
                    "by": config["FunctionName"],
                    "source": _source(event),
                    "milliseconds": (time.time_ns() - started) / 1e6,
                    "failed": bool(result.get("error")),
                }
            )
            return result

        return execute_function


def _function(headers: Document) -> str | None:
    """The function whose role signed a call."""
    session = sts._sessions.get(extract_access_key_id(headers))
    if session is None or ":assumed-role/" not in session["Arn"]:
        return None
    return str(session["Arn"]).rpartition("/")[2]


def _source(event: Any) -> str:
    if not isinstance(event, dict):
        return "other"
    if event.get("Records"):
        return "sqs"
    context = event.get("requestContext") or {}
    if "connectionId" in context:
        return f"socket {context.get('routeKey')}"
    if "http" in context:
        return f"http {event.get('routeKey')}"
    return "other"


def _written(operation: str, request: Document) -> Iterator[tuple[str, Document]]:
    """The table and key of everything that a call may write."""
    match operation:
        case "PutItem":
            yield request["TableName"], request["Item"]
        case "UpdateItem" | "DeleteItem":
            yield request["TableName"], request["Key"]
        case "TransactWriteItems":
            for action in request["TransactItems"]:
                ((_, what),) = action.items()
                yield what["TableName"], what.get("Key") or what["Item"]


def _write_billed(
    operation: str, written: Keys, before: list[Document | None], after: list[Document | None]
) -> Document:
    # A transaction prepares and commits each item; its indexes are written once.
    times = 2 if operation == "TransactWriteItems" else 1
    versions = list(zip(written, before, after, strict=True))
    return {
        "table": written[0][0],
        "write": times * sum(write_units(old, new, key) for (_, key), old, new in versions),
        "index": sum(_index_units(table, old, new) for (table, _), old, new in versions),
        "read": 0,
        "items": {_name(key): item_size(new or old or {}) for (_, key), old, new in versions},
    }


def _read_billed(operation: str, request: Document, response: Document) -> Document:
    match operation:
        case "GetItem":
            table = request["TableName"]
            items = [_stored(table, request["Key"]) or request["Key"]]
            units = read_units(items, consistent=request.get("ConsistentRead", False))
        case "BatchGetItem":
            ((table, wanted),) = request["RequestItems"].items()
            items = [_stored(table, key) or key for key in wanted["Keys"]]
            consistent = wanted.get("ConsistentRead", False)
            units = sum(read_units([item], consistent=consistent) for item in items)
        case "Query":
            table = request["TableName"]
            items = _queried(request, response)
            units = read_units(items, consistent=request.get("ConsistentRead", False))
        case _:
            raise ValueError(f"no units are known for {operation}")
    return {
        "table": table,
        "write": 0,
        "index": 0,
        "read": units,
        "items": {_name(item): item_size(item) for item in items},
    }


def _queried(request: Document, response: Document) -> list[Document]:
    if "FilterExpression" in request or "ProjectionExpression" in request:
        raise ValueError("no units are known for queries that filter or project")
    if request.get("Select") == "COUNT":
        whole = {name: value for name, value in request.items() if name != "Select"}
        response = json.loads(dynamodb._query(whole)[2])
    items: list[Document] = response.get("Items", [])
    return items


def _index_units(table: str, before: Document | None, after: Document | None) -> int:
    units = 0
    for index in dynamodb._tables[table].get("GlobalSecondaryIndexes") or []:
        if index["Projection"]["ProjectionType"] != "KEYS_ONLY":
            raise ValueError("no units are known for indexes that project more than keys")
        first, second = (key["AttributeName"] for key in index["KeySchema"])
        units += index_units(
            _entry(table, before, (first, second)), _entry(table, after, (first, second)), (first, second)
        )
    return units


def _entry(table: str, item: Document | None, keys: tuple[str, str]) -> Document | None:
    if item is None or not all(key in item for key in keys):
        return None
    names = {dynamodb._tables[table]["pk_name"], dynamodb._tables[table]["sk_name"], *keys}
    return {name: item[name] for name in names if name in item}


def _stored(table: str, key: Document) -> Document | None:
    schema = dynamodb._tables[table]
    sort = schema["sk_name"]
    found: Document | None = (
        schema["items"]
        .get(dynamodb._extract_key_val(key[schema["pk_name"]]), {})
        .get(dynamodb._extract_key_val(key[sort]) if sort else "__no_sort__")
    )
    return dict(found) if found else None


def _name(key: Document) -> str:
    return "/".join(next(iter(key[part].values())) for part in ("pk", "sk") if part in key)
