"""HTTP APIs come from CloudFormation as an OpenAPI `Body`, which the emulator ignores; here it becomes routes."""

from collections.abc import Callable
from typing import Any

from ministack.services import apigateway
from ministack.services.cloudformation import provisioners

from local.emulator.answers import accepted

type Document = dict[str, Any]

_VERBS = {"get", "put", "post", "delete", "options", "head", "patch", "x-amazon-apigateway-any-method"}


def install() -> None:
    """Imports the body whenever a stack creates or updates an HTTP API."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Api"]
    handlers["create"] = _importing(handlers["create"], properties_at=1)
    handlers["update"] = _importing(handlers["update"], properties_at=2)


def _importing(provision: Callable[..., Any], properties_at: int) -> Callable[..., Any]:
    def provision_and_import(*args: Any, **options: Any) -> tuple[str, Document]:
        api_id, attributes = provision(*args, **options)
        properties: Document = args[properties_at]
        body: Document = properties.get("Body") or {}
        if body:
            _import(api_id, body)
        cors = body.get("x-amazon-apigateway-cors") or properties.get("CorsConfiguration")
        if cors:
            apigateway._apis[api_id]["corsConfiguration"] = _lower_first(cors)
        return api_id, attributes

    return provision_and_import


def _import(api_id: str, body: Document) -> None:
    for store in (apigateway._routes, apigateway._integrations):
        store[api_id] = {}
    for path, operations in body.get("paths", {}).items():
        for verb, operation in operations.items():
            if verb.lower() in _VERBS:
                _import_route(api_id, path, verb, operation)


def _import_route(api_id: str, path: str, verb: str, operation: Document) -> None:
    if operation.get("security"):
        raise ValueError(f"{verb} {path}: authorizers of HTTP APIs are not emulated")
    declared = operation["x-amazon-apigateway-integration"]
    integration = {
        "integrationType": declared["type"].upper(),
        "integrationUri": declared["uri"],
        "integrationMethod": declared["httpMethod"],
        "payloadFormatVersion": declared["payloadFormatVersion"],
    }
    integration_id = accepted(apigateway._create_integration(api_id, integration))["integrationId"]
    method = "ANY" if verb.startswith("x-") else verb.upper()
    key = "$default" if path == "/$default" else f"{method} {path}"
    accepted(apigateway._create_route(api_id, {"routeKey": key, "target": f"integrations/{integration_id}"}))


def _lower_first(properties: Document) -> Document:
    # Stored as CloudFormation spells them, read as the API does.
    return {name[:1].lower() + name[1:]: value for name, value in properties.items()}
