"""SAM expands a template knowing the parameters' values; the emulator gives it the defaults only."""

from contextvars import ContextVar
from typing import Any

from ministack.services.cloudformation import changesets, engine, handlers
from samtranslator.translator import transform

_values: ContextVar[dict[str, Any]] = ContextVar("parameters of the stack being expanded")


def install() -> None:
    """Hands a stack's parameters to the SAM transform."""
    expand, expand_sam = engine._apply_transforms, transform.transform

    def expand_with_parameters(template: dict[str, Any], provided: Any = None, previous: Any = None) -> Any:
        _values.set(engine._transform_parameters(template, provided, previous))
        return expand(template, provided, previous)

    def expand_sam_with_parameters(template: dict[str, Any], _none: Any, policies: Any) -> Any:
        return expand_sam(template, dict(_values.get()), policies)

    transform.transform = expand_sam_with_parameters
    for module in (engine, changesets, handlers):
        module._apply_transforms = expand_with_parameters
