"""The contract documents say what the template declares and the code accepts, and nothing else."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft7Validator, Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from deskbell import protocol
from deskbell.agents import Presence
from deskbell.errors import DeskbellError
from deskbell.forms import Widget
from deskbell.identity import Role
from deskbell.interaction import State
from deskbell.message_log import Event, Visibility
from local.template import read_template
from tests.builders.contract import Json, complaints, document, resolved, validator, whole

ROOT = Path(__file__).parents[2]
OPENAPI = document("openapi.yaml")
ASYNCAPI = document("asyncapi.yaml")
CLIENT_FRAMES = {frame.__name__: frame for frame in protocol.ClientFrame.__subclasses__()}
RESOURCES: Json = read_template()["Resources"]
SERVER_FRAMES = [
    message["payload"]["$ref"].rsplit("/", 1)[1]
    for message in ASYNCAPI["components"]["messages"].values()
    if not message["payload"]["$ref"].endswith(tuple(f"/{name}" for name in CLIENT_FRAMES))
]


def _calls(function: str) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse((ROOT / "functions" / function / "app.py").read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id, node


FUNCTIONS = sorted(folder.name for folder in (ROOT / "functions").iterdir() if (folder / "app.py").is_file())


@pytest.mark.parametrize("found", [OPENAPI, ASYNCAPI], ids=["openapi", "asyncapi"])
def test_no_word_was_lost_to_a_comma(found: Json) -> None:
    """In YAML's short form `{a: b, c}` the c is a name of its own."""
    assert list(_names_of_nothing(found)) == []


def _names_of_nothing(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for it in part:
            yield from _names_of_nothing(it)
    elif isinstance(part, dict):
        for name, it in part.items():
            if it is None:
                yield name
            yield from _names_of_nothing(it)


# HTTP


def test_openapi_is_valid() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(OPENAPI).iter_errors()] == []


def test_http_routes_are_those_of_the_template_and_of_the_handlers() -> None:
    documented = {f"{method.upper()} {path}" for path, _, method, _ in _http_operations()}
    events = [
        event["Properties"]
        for resource in RESOURCES.values()
        for event in resource["Properties"].get("Events", {}).values()
        if event["Type"] == "HttpApi"
    ]
    served = {
        str(ast.literal_eval(key))
        for function in FUNCTIONS
        for name, call in _calls(function)
        if name == "http" and isinstance(call.args[0], ast.Dict)
        for key in call.args[0].keys
        if key is not None
    }

    assert documented == {f"{event['Method']} {event['Path']}" for event in events} == served


def test_every_http_refusal_is_a_problem_document() -> None:
    for path, _, method, operation in _http_operations():
        for status, response in operation["responses"].items():
            expected = "application/json" if status.startswith("2") else "application/problem+json"
            assert list(response["content"]) == [expected], f"{method} {path} {status}"


def _http_operations() -> Iterator[tuple[str, Json, str, Json]]:
    for path, item in whole(OPENAPI, OPENAPI["paths"]).items():
        for method, operation in item.items():
            if method != "parameters":
                yield path, item, method, operation


# The socket


def test_asyncapi_refers_only_to_what_it_holds_and_its_schemas_are_valid() -> None:
    """AsyncAPI 3.0's own schemas are a superset of JSON Schema draft 7."""
    whole(ASYNCAPI, ASYNCAPI)
    for schema in ASYNCAPI["components"]["schemas"].values():
        Draft7Validator.check_schema(schema)
        Draft202012Validator.check_schema(schema)


def test_every_schema_and_message_of_asyncapi_is_used() -> None:
    used = set(_references(ASYNCAPI))

    for kind in ("schemas", "messages", "securitySchemes"):
        unused = {f"#/components/{kind}/{name}" for name in ASYNCAPI["components"][kind]} - used
        assert unused == set()
    assert {
        f"#/channels/socket/messages/{name}" for name in ASYNCAPI["channels"]["socket"]["messages"]
    } <= used


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for it in part:
            yield from _references(it)
    elif isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for it in part.values():
            yield from _references(it)


def test_actions_are_the_routes_of_the_template_in_the_function_that_carries_them_out() -> None:
    declared = {
        name: route["FunctionArn"].removesuffix("Function.Arn")
        for name, route in RESOURCES["WebSocketApi"]["Properties"]["Routes"].items()
        if not name.startswith("$")
    }
    carried_out = {
        action: function.title().replace("_", "")
        for function in FUNCTIONS
        for action, _silent in _actions(function)
    }

    assert declared == carried_out
    assert set(declared) == set(_received()) == {_action_of(frame) for frame in CLIENT_FRAMES.values()}


def test_what_has_a_reply_has_a_route_response() -> None:
    documented = {name for name, operation in _received().items() if "reply" in operation}
    routes = RESOURCES["WebSocketApi"]["Properties"]["Routes"]
    selecting = {name for name, route in routes.items() if "RouteResponseSelectionExpression" in route}
    responses = [it for it in RESOURCES.values() if it["Type"] == "AWS::ApiGatewayV2::RouteResponse"]
    answered = {
        it["Properties"]["RouteId"].removeprefix("WebSocketApi").removesuffix("Route").lower()
        for it in responses
    }
    loud = {action for function in FUNCTIONS for action, silent in _actions(function) if not silent}

    assert documented == loud == selecting - {"$default"} == answered - {"default"}
    assert "$default" in selecting
    assert "default" in answered


def _received() -> dict[str, Json]:
    return {name: it for name, it in ASYNCAPI["operations"].items() if it["action"] == "receive"}


def _actions(function: str) -> Iterator[tuple[str, bool]]:
    for name, call in _calls(function):
        if name == "Action":
            model = call.args[0]
            assert isinstance(model, ast.Name)
            silent = any(it.arg == "silent" and ast.literal_eval(it.value) for it in call.keywords)
            yield _action_of(CLIENT_FRAMES[model.id]), silent


def _action_of(frame: type[protocol.ClientFrame]) -> str:
    (action,) = get_args(frame.model_fields["action"].annotation)
    return str(action)


@pytest.mark.parametrize("name", CLIENT_FRAMES)
def test_a_client_frame_is_documented_as_it_is_validated(name: str) -> None:
    schema = CLIENT_FRAMES[name].model_json_schema()

    assert _bounds(ASYNCAPI, ASYNCAPI["components"]["schemas"][name]) == _bounds(schema, schema)


def _bounds(found: Json, part: Any) -> Any:
    """A schema's fields and limits without its words.

    The contract leaves out what is missing, so `null` is taken but not promised.
    """
    if isinstance(part, list):
        return [_bounds(found, it) for it in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _bounds(found, {**resolved(found, part["$ref"]), **_without(part, "$ref")})
    choices = [it for it in part.get("anyOf", []) if it != {"type": "null"}]
    if len(choices) == 1:
        return _bounds(found, {**choices[0], **_without(part, "anyOf")})
    kept = {**part, "anyOf": choices} if choices else part
    if kept.get("default", "") is None:
        kept = _without(kept, "default")
    if "properties" in kept:
        fields = {name: _bounds(found, it) for name, it in kept["properties"].items()}
        return {"type": kept["type"], "required": set(kept.get("required", ())), "properties": fields}
    return {
        name: _bounds(found, it) for name, it in kept.items() if name not in ("title", "description", "$defs")
    }


def _without(part: Json, name: str) -> Json:
    return {key: value for key, value in part.items() if key != name}


# The page for those who write a client

_EXAMPLES = re.findall(
    r"^([→←]) (?:201 )?(\{.+\})$", (ROOT / "docs" / "protocol.md").read_text(), re.MULTILINE
)


@pytest.mark.parametrize("frame", [text for way, text in _EXAMPLES if way == "→" and '"action"' in text])
def test_an_example_of_a_clients_frame_is_accepted(frame: str) -> None:
    named = {_action_of(it): it for it in CLIENT_FRAMES.values()}
    sent = json.loads(frame)

    accepted = named[sent["action"]].model_validate(sent)

    assert set(sent) <= accepted.model_fields_set


@pytest.mark.parametrize("frame", [text for way, text in _EXAMPLES if way == "←" and '"type"' in text])
def test_an_example_of_a_servers_frame_is_one(frame: str) -> None:
    schemas = ASYNCAPI["components"]["schemas"]
    said = json.loads(frame)

    assert any(not complaints(validator(ASYNCAPI, schemas[name]), said) for name in SERVER_FRAMES)


def test_the_example_of_a_submission_is_one() -> None:
    (answer,) = [json.loads(text) for way, text in _EXAMPLES if way == "←" and '"type"' not in text]

    assert complaints(validator(OPENAPI, OPENAPI["components"]["schemas"]["Submitted"]), answer) == []
    assert len(_EXAMPLES) > 15


# Both


def _codes(error: type[DeskbellError]) -> Iterator[str]:
    for kind in error.__subclasses__():
        if kind.__module__ == error.__module__:
            yield kind.code
            yield from _codes(kind)


@pytest.mark.parametrize("found", [OPENAPI, ASYNCAPI], ids=["openapi", "asyncapi"])
def test_error_codes_are_those_of_the_error_tree(found: Json) -> None:
    codes = list(_codes(DeskbellError))

    assert sorted(found["components"]["schemas"]["Code"]["enum"]) == sorted(codes)


@pytest.mark.parametrize("found", [OPENAPI, ASYNCAPI], ids=["openapi", "asyncapi"])
def test_what_both_documents_name_is_what_the_code_names(found: Json) -> None:
    schemas = found["components"]["schemas"]
    entry = whole(found, schemas["Entry"])["properties"]

    assert schemas["State"]["enum"] == [state.value for state in State]
    assert entry["event"]["enum"] == list(get_args(Event.__value__))
    assert entry["role"]["enum"] == list(get_args(Role.__value__))
    assert entry["visibility"]["enum"] == list(get_args(Visibility.__value__))


def test_what_one_document_names_is_what_the_code_names() -> None:
    assert ASYNCAPI["components"]["schemas"]["Presence"]["enum"] == list(get_args(Presence.__value__))
    widgets = OPENAPI["components"]["schemas"]["FormField"]["properties"]["type"]["enum"]
    assert widgets == list(get_args(Widget.__value__))


@pytest.mark.parametrize("name", ["Entry", "GuestRecord", "Record", "Participant", "FieldError"])
def test_the_documents_agree_about_what_they_share(name: str) -> None:
    over_http = set(OPENAPI["components"]["schemas"][name]["properties"])

    assert over_http == set(ASYNCAPI["components"]["schemas"][name]["properties"])
