"""The tables of `docs/inputs` say what the code does."""

import re
from pathlib import Path

import pytest

from deskbell.conditions import INTERACTION_FIELDS, parse
from deskbell.errors import InvalidFieldError
from deskbell.properties import DEFINITIONS

INPUTS = Path(__file__).parents[2] / "docs" / "inputs"
REFUSALS = re.findall(
    r"^\| `(.+)` \| `(\w+)` \| (.+) \|$", (INPUTS / "conditions.md").read_text(), re.MULTILINE
)
PROPERTIES = re.findall(
    r"^\| `(\S+\.\S+)` \| (.+?) \| (.+) \|$", (INPUTS / "configuration.md").read_text(), re.MULTILINE
)


@pytest.mark.parametrize(("query", "code", "says"), REFUSALS)
def test_a_condition_is_refused_as_documented(query: str, code: str, says: str) -> None:
    with pytest.raises(InvalidFieldError) as caught:
        parse(query, INTERACTION_FIELDS)

    (error,) = caught.value.errors
    assert (error.code, error.detail) == (code, says)


def test_every_property_is_documented_with_its_default() -> None:
    assert len(REFUSALS) > 10
    shown = {True: "true", False: "false", "": "empty"}
    assert [(name, default, description) for name, default, description in PROPERTIES] == [
        (it.name, shown.get(it.default, str(it.default)), it.description) for it in DEFINITIONS.values()
    ]
