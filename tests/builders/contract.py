"""The contract documents, and their schemas closed: what they do not name is refused."""

from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

DOCS = Path(__file__).parents[2] / "docs"

type Json = dict[str, Any]


def document(name: str) -> Json:
    """`openapi.yaml` or `asyncapi.yaml`."""
    found: Json = yaml.safe_load((DOCS / name).read_text())
    return found


def resolved(found: Json, pointer: str) -> Any:
    """What a reference within a document points to, itself no reference."""
    target: Any = found
    for step in pointer.removeprefix("#/").split("/"):
        target = target[step.replace("~1", "/").replace("~0", "~")]
    return resolved(found, target["$ref"]) if isinstance(target, dict) and "$ref" in target else target


def whole(found: Json, part: Any) -> Any:
    """A part of a document with every reference in it replaced by what it points to."""
    if isinstance(part, list):
        return [whole(found, it) for it in part]
    if not isinstance(part, dict):
        return part
    rest = {name: whole(found, value) for name, value in part.items() if name != "$ref"}
    return {**whole(found, resolved(found, part["$ref"])), **rest} if "$ref" in part else rest


def closed(schema: Any) -> Any:
    """The schema without room for what it does not name, except where it says that there is."""
    if isinstance(schema, list):
        return [closed(it) for it in schema]
    if not isinstance(schema, dict):
        return schema
    if "allOf" in schema:
        named = {name: it for part in schema["allOf"] for name, it in part.get("properties", {}).items()}
        required = [name for part in schema["allOf"] for name in part.get("required", [])]
        return closed({"type": "object", "properties": named, "required": required})
    inner = {name: closed(value) for name, value in schema.items()}
    return {"additionalProperties": False, **inner} if "properties" in schema else inner


def validator(found: Json, schema: Json) -> Validator:
    """Holds values to a schema of a document, closed, formats included."""
    formats = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(closed(whole(found, schema)), format_checker=formats)


def complaints(checked: Validator, value: Any) -> list[str]:
    """What is wrong with a value, by path."""
    return [f"{error.json_path}: {error.message}" for error in checked.iter_errors(value)]
