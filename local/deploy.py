"""Deploys the built template to an emulator, as `sam deploy` would to AWS."""

import platform
import subprocess
from collections.abc import Mapping

from local import environment
from local.failure import SetupError
from local.instance import Emulator
from local.paths import BUILD, ROOT

STACK_NAME = "deskbell"


def host_architecture() -> str:
    """This machine's processor as Lambda names it; raises SetupError if Lambda has no such."""
    machine = platform.machine().lower()
    names = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
    if machine not in names:
        raise SetupError(f"this machine's processor is {machine}; functions run on x86_64 or arm64")
    return names[machine]


def local_parameters(origins: list[str]) -> dict[str, str]:
    """All that a local stack has different: processor, web origins, password sign-in, plain HTTP, loopback."""
    return {
        "Architecture": host_architecture(),
        "AllowedOrigins": ",".join(origins),
        "SignIn": "password",
        "TrustStore": "",
        "UnlimitedClients": "127.0.0.0/8,::1/128",
    }


def deploy(emulator: Emulator, parameters: Mapping[str, str]) -> None:
    """Creates or updates the stack; raises SetupError with the end of the output if that fails."""
    # An empty value has no other spelling on the command line.
    overrides = [f'ParameterKey={name},ParameterValue="{value}"' for name, value in parameters.items()]
    command = [
        "sam",
        "deploy",
        "--config-env",
        "local",
        "--template-file",
        str(BUILD / "template.yaml"),
        "--config-file",
        str(ROOT / "samconfig.toml"),
        "--stack-name",
        STACK_NAME,
        "--parameter-overrides",
        *overrides,
    ]
    env = environment.for_sam(emulator.endpoint)
    result = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if result.returncode:
        raise SetupError(f"sam deploy failed:\n{(result.stdout + result.stderr).strip()[-3000:]}")
