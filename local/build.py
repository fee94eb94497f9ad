"""Builds the functions and the layer, once per state of their sources."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from local import environment
from local.failure import SetupError
from local.paths import BUILD, ROOT

_SOURCES = ("template.yaml", "pyproject.toml", "uv.lock", "functions", "layers")
_MARK = BUILD.parent / "sources.sha256"


def build() -> bool:
    """Runs `sam build`; false if what is built is current. Raises SetupError with the end of its output if it fails."""
    fingerprint = _fingerprint()
    if BUILD.is_dir() and _MARK.is_file() and _MARK.read_text() == fingerprint:
        return False
    _MARK.unlink(missing_ok=True)
    result = subprocess.run(
        ["sam", "build"], cwd=ROOT, env=environment.for_sam(), capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise SetupError(f"sam build failed:\n{result.stderr.strip()[-3000:]}")
    _MARK.write_text(fingerprint)
    return True


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for file in sorted(_source_files()):
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _source_files() -> Iterator[Path]:
    for name in _SOURCES:
        path = ROOT / name
        if path.is_file():
            yield path
        else:
            yield from (
                file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts
            )


if __name__ == "__main__":
    try:
        print("Built into .aws-sam/build." if build() else "Nothing changed since the last build.")
    except SetupError as error:
        sys.exit(f"make build: {error}")
