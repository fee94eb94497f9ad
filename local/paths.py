"""Where things are in a checkout."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
TEMPLATE = ROOT / "template.yaml"
BUILD = ROOT / ".aws-sam" / "build"
WEB = ROOT / "web"
EMULATOR_PYTHON = ROOT / ".venv-emulator" / "bin" / "python"
SAM_BIN = ROOT / ".venv-sam" / "bin"
UV_BIN = ROOT / ".venv-uv" / "bin"
