"""What `sam build` makes, built once if sources changed."""

from pathlib import Path

import pytest

from local.build import build
from local.deploy import host_architecture
from local.paths import BUILD

LAYERS = {"arm64": "CommonLayerArm64", "x86_64": "CommonLayerX86"}


@pytest.fixture(scope="session")
def built() -> Path:
    """The folder of the built functions and layers."""
    build()
    return BUILD


@pytest.fixture(params=LAYERS)
def architecture(request: pytest.FixtureRequest) -> str:
    """Each processor that the template offers."""
    name: str = request.param
    return name


@pytest.fixture
def layer(built: Path, architecture: str) -> Path:
    """The built layer for the processor."""
    return built / LAYERS[architecture]


@pytest.fixture(scope="session")
def host_layer(built: Path) -> Path:
    """The built layer that runs on this machine."""
    return built / LAYERS[host_architecture()]
