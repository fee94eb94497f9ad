"""Stacks may hold `AWS::ApiGatewayV2::RouteResponse`, a type that the emulator's CloudFormation does not know."""

from typing import Any

from ministack.services import apigateway
from ministack.services.cloudformation import provisioners

from local.emulator.answers import accepted


def install() -> None:
    """Lets stacks create and delete route responses."""
    provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::RouteResponse"] = {
        "create": _create,
        "delete": _delete,
    }


def _create(_logical_id: str, properties: dict[str, Any], _stack: str) -> tuple[str, dict[str, Any]]:
    key = {"routeResponseKey": properties["RouteResponseKey"]}
    made = accepted(apigateway._create_route_response(properties["ApiId"], _route(properties), key))
    return made["routeResponseId"], {}


def _delete(physical_id: str, properties: dict[str, Any]) -> None:
    responses = apigateway._route_responses.get(properties["ApiId"], {})
    responses.get(_route(properties), {}).pop(physical_id, None)


def _route(properties: dict[str, Any]) -> str:
    return str(properties["RouteId"]).rpartition("/")[2]
