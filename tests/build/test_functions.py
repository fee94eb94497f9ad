"""Each function starts from its own artifact alone: its code, the layer, and the variables its template gives it."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.paths import ROOT
from local.template import read_template

TEMPLATE = read_template()
FUNCTIONS = {
    name: resource["Properties"]
    for name, resource in TEMPLATE["Resources"].items()
    if resource["Type"] == "AWS::Serverless::Function"
}
# What Lambda sets for every function:
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
OF_THE_RUNTIME = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_LAMBDA_FUNCTION_NAME": "function",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
    "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
    "LANG": "en_US.UTF-8",
    "TZ": ":UTC",
}
IN_ALL = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]


@pytest.fixture(params=FUNCTIONS)
def function(request: pytest.FixtureRequest) -> str:
    """Each function's logical id."""
    name: str = request.param
    return name


def test_it_starts_with_its_own_packages_and_variables_alone(
    function: str, built: Path, host_layer: Path
) -> None:
    paths = [str(built / function), str(host_layer / "python")]
    code = f"import sys; sys.path[:0] = {paths}; import app; assert callable(app.handler)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        env=OF_THE_RUNTIME | {name: _sample(name, host_layer) for name in IN_ALL | _variables(function)},
        cwd=built / function,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_its_artifact_is_its_code_alone(function: str, built: Path) -> None:
    assert {path.name for path in (built / function).iterdir()} - {"__pycache__"} == {"app.py"}


def test_its_handler_declares_and_nothing_more(function: str) -> None:
    tree = ast.parse((ROOT / FUNCTIONS[function]["CodeUri"] / "app.py").read_text())
    assert {module.partition(".")[0] for module in _imported(tree)} <= {"deskbell", "__future__", "typing"}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.If | ast.Try | ast.While)]


def test_every_folder_of_functions_is_in_the_template() -> None:
    folders = {path.parent.relative_to(ROOT).as_posix() for path in ROOT.glob("functions/*/app.py")}
    assert folders == {properties["CodeUri"] for properties in FUNCTIONS.values()}


def test_functions_run_on_this_python() -> None:
    assert TEMPLATE["Globals"]["Function"]["Runtime"] == "python{}.{}".format(*sys.version_info)
    assert (ROOT / ".python-version").read_text().strip() == "{}.{}".format(*sys.version_info)


def test_the_package_and_the_project_have_one_version() -> None:
    package = (ROOT / "layers/common/python/deskbell/__init__.py").read_text()
    project = (ROOT / "pyproject.toml").read_text()
    said = [
        re.search(r'^(?:__version__|version) = "(.+)"$', text, re.MULTILINE) for text in (package, project)
    ]
    assert said[0]
    assert said[1]
    assert said[0][1] == said[1][1]


def _variables(function: str) -> dict[str, Any]:
    variables: dict[str, Any] = FUNCTIONS[function]["Environment"]["Variables"]
    return variables


def _sample(name: str, layer: Path) -> str:
    samples = {
        "ALLOWED_ORIGINS": "https://desk.example",
        "AWS_CA_BUNDLE": str(
            layer / Path(TEMPLATE["Parameters"]["TrustStore"]["Default"]).relative_to("/opt")
        ),
        "LOG_LEVEL": "INFO",
        "TOKEN_SECRET_ARN": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:tokens-AbCdEf",
        "UNLIMITED_CLIENTS": "",
        "USER_POOL_ID": "eu-central-1_abcdefghi",
    }
    if name.endswith("_QUEUE_URL"):
        return f"https://sqs.eu-central-1.amazonaws.com/123456789012/{name.lower()}"
    return samples.get(name, name.lower().replace("_", "-"))


def _imported(tree: ast.Module) -> set[str]:
    modules: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules.add(node.module)
    return modules
