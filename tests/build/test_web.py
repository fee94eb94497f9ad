"""The web pages pass their own checks and tests, which Node runs."""

import pytest

from local.web_build import run_script


@pytest.mark.parametrize("script", ["check", "test"])
def test_the_pages_pass_their_own(script: str) -> None:
    run_script(script)
