"""The pages for people name what there is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.template import read_template

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
TEMPLATE: dict[str, Any] = read_template()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_links_only_to_what_is_there(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text())
    local = [target for target in targets if "://" not in target]

    assert [target for target in local if not (page.parent / target).exists()] == []


def test_operations_name_every_parameter_with_its_default() -> None:
    rows = dict(re.findall(r"^\| (`[A-Z]\w+`(?:, `\w+`)?) \|([^|]*)\|", OPERATIONS, re.MULTILINE))
    named = {
        name: default.strip("` ")
        for names, defaults in rows.items()
        for name, default in zip(re.findall(r"\w+", names), defaults.split(", "), strict=False)
    }
    declared = {name: str(it["Default"]) for name, it in TEMPLATE["Parameters"].items()}

    assert {name: named.get(name) for name in declared} == declared


def test_operations_name_every_alarm() -> None:
    alarms = [name for name, it in TEMPLATE["Resources"].items() if it["Type"] == "AWS::CloudWatch::Alarm"]

    assert [alarm for alarm in alarms if f"`{alarm}`" not in OPERATIONS] == []


def test_operations_name_every_output_they_use() -> None:
    used = set(re.findall(r"<([A-Z][A-Za-z]+)>", OPERATIONS))

    assert used - TEMPLATE["Outputs"].keys() == set()


def test_operations_name_every_metric() -> None:
    metrics = set(_metrics())

    assert metrics
    assert [name for name in metrics if f"`{name}`" not in OPERATIONS] == []


def _metrics() -> Iterator[str]:
    for module in (ROOT / "layers" / "common" / "python" / "deskbell" / "usecases").glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "meter.count":
                yield str(ast.literal_eval(node.args[0]))


def test_decisions_are_numbered_once_and_short() -> None:
    pages = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [page.name[:4] for page in pages]

    assert len(set(numbers)) == len(numbers)
    assert [page.name for page in pages if not page.read_text().startswith(f"# {int(page.name[:4])}. ")] == []
