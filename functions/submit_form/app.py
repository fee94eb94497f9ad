"""Serves forms and takes submissions."""

import json

from deskbell import __version__


def handler(event: dict[str, object], context: object) -> dict[str, object]:
    """Answers `GET /v1/health`."""
    if event.get("routeKey") == "GET /v1/health":
        body = {"status": "ok", "version": __version__}
        return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
    return {"statusCode": 404, "body": ""}
