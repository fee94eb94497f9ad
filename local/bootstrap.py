"""Makes the environments everything else runs in: uv, then Python 3.13 with the project, the emulator and the SAM CLI.

Run by `make` with the system's Python, 3.10 or newer, before anything is installed: it and what it imports use the
standard library, and no syntax that came later.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from local import environment
from local.failure import SetupError
from local.paths import LOCAL, ROOT, UV_BIN
from local.progress import step

UV_VERSION = "0.13.9"
_ENVIRONMENTS = {
    ".venv": ".",
    ".venv-emulator": "local/environments/emulator",
    ".venv-sam": "local/environments/sam",
}


def main(arguments: list[str]) -> int:
    """Make what is missing; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--browser", action="store_true", help="also look for Chromium, and install Debian's")
    chosen = parser.parse_args(arguments)
    try:
        with step("environment") as this:
            install_uv()
            python = find_python() or download_python()
            for folder, project in _ENVIRONMENTS.items():
                synchronise(folder, ROOT / project, python)
            this.note(f"uv {UV_VERSION}, {python}")
        if chosen.browser:
            find_browser()
    except SetupError as error:
        print(f"make: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def install_uv() -> None:
    """Put the pinned uv into .venv-uv, by whichever of venv and pip this machine's Python has."""
    uv = UV_BIN / "uv"
    if uv.exists() and _output([str(uv), "--version"]).split()[1:2] == [UV_VERSION]:
        return
    folder = UV_BIN.parent
    shutil.rmtree(folder, ignore_errors=True)
    requirement = f"uv=={UV_VERSION}"
    if not _has_module("ensurepip") and not _has_module("pip"):
        _install_debian("python3-venv")
    if _has_module("ensurepip"):
        _run([sys.executable, "-m", "venv", str(folder)])
        _run([str(UV_BIN / "python"), "-m", "pip", "install", "--quiet", requirement])
    elif _has_module("pip"):
        target = folder / "packages"
        _run([sys.executable, "-m", "pip", "install", "--quiet", "--target", str(target), requirement])
        UV_BIN.mkdir(parents=True)
        uv.symlink_to(target / "bin" / "uv")
    else:
        raise SetupError(
            "this Python can neither make environments nor install packages: apt-get install python3-venv"
        )


def find_python() -> str | None:
    """A Python 3.13 that starts: on the PATH, among pyenv's, or one that uv has downloaded before."""
    for candidate in _candidates():
        if (
            _output([str(candidate), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).strip()
            == "3.13"
        ):
            return str(candidate)
    return _managed_python()


def _candidates() -> Iterator[Path]:
    # A shim of pyenv is on the PATH under this name even where its Python is not active; then it fails to start.
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        yield Path(folder) / "python3.13"
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for version in sorted(pyenv.glob("versions/3.13.*"), reverse=True):
        yield version / "bin" / "python3.13"


def _managed_python() -> str | None:
    return (
        _output([str(UV_BIN / "uv"), "python", "find", "--no-config", "--managed-python", "3.13"]).strip()
        or None
    )


def download_python() -> str:
    """Have uv download Python 3.13; raises SetupError where the network does not allow it."""
    command = [str(UV_BIN / "uv"), "python", "install", "--no-config", "--quiet", "3.13"]
    done = subprocess.run(
        command, env=environment.for_packages(), capture_output=True, text=True, check=False
    )
    found = _managed_python()
    if done.returncode or not found:
        raise SetupError(
            "Python 3.13 is neither on the PATH nor pyenv's, and uv cannot download it here: install it"
        )
    return found


def synchronise(folder: str, project: Path, python: str) -> None:
    """Bring one environment to exactly what its lock file says."""
    settings = {"UV_PROJECT_ENVIRONMENT": str(ROOT / folder), "UV_PYTHON_DOWNLOADS": "never"}
    command = [
        str(UV_BIN / "uv"),
        "sync",
        "--quiet",
        "--frozen",
        "--python",
        python,
        "--project",
        str(project),
    ]
    _run(command, settings)


def find_browser() -> None:
    """Install Debian's Chromium where there is none and this user may; else say what that costs."""
    if shutil.which("chromium") or shutil.which("chromium-browser"):
        return
    try:
        with step("chromium"):
            _install_debian("chromium")
    except SetupError as error:
        print(f"\n  *** Browser tests will be SKIPPED: there is no Chromium. {error} ***\n", file=sys.stderr)


def _install_debian(package: str) -> None:
    if not shutil.which("apt-get") or os.geteuid() != 0:
        raise SetupError(f"{package} is missing, and only root may install it: apt-get install {package}")
    settings = {"DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "update", "-qq"], settings)
    _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], settings)


def _has_module(name: str) -> bool:
    return (
        subprocess.run([sys.executable, "-c", f"import {name}"], capture_output=True, check=False).returncode
        == 0
    )


def _run(command: list[str], settings: dict[str, str] | None = None) -> None:
    env = {**environment.for_packages(), **(settings or {})}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        LOCAL.mkdir(exist_ok=True)
        raise SetupError(f"{' '.join(command)} failed: {(done.stderr or done.stdout).strip()[-1500:]}")


def _output(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
