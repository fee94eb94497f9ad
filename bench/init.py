"""What a cold start costs before the first event: CPU time and memory of importing each function.

Every function is imported as Lambda does it, in fresh processes with its own package path: the layer, the function's
folder, the standard library, nothing else. Beside them, in the same shuffled rounds, what such a function usually
imports (bench/typical). Figures are of this machine; ratios carry over. The interpreter's own start and Lambda's
runtime client are in neither.
"""

import os
import platform
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from local.build import build
from local.deploy import host_architecture
from local.paths import BUILD, ROOT

ROUNDS = 9
TYPICAL = "typical"
# Linux: the peak of this process alone; getrusage would give that of its parent, if higher.
_CHILD = """
import sys, time
sys.path[:0] = sys.argv[1:]
began = time.process_time()
import app
cpu = (time.process_time() - began) * 1e3
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(cpu, int(peak) / 1024)
"""
_ENVIRONMENT = {
    "ALLOWED_ORIGINS": "https://chat.example.com",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "AWS_SECRET_ACCESS_KEY": "none",
    "CHATS_TABLE": "chats",
    "CONFIG_TABLE": "config",
    "LOG_LEVEL": "INFO",
    "POWERTOOLS_METRICS_NAMESPACE": "Deskbell",
    "POWERTOOLS_SERVICE_NAME": "bench",
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
    "RATES_TABLE": "rates",
    "ROUTE_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/route",
    "TIMER_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/timer",
    "TOKEN_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:token",
    "UNLIMITED_CLIENTS": "",
    "USER_POOL_CLIENT_ID": "client",
    "USER_POOL_ID": "us-east-1_pool",
    "WEBSOCKET_API_ID": "sockets",
    "WEBSOCKET_STAGE": "v1",
}


@dataclass(frozen=True, slots=True)
class Init:
    """One start: CPU milliseconds of the import, largest resident memory in MB after it."""

    cpu: float
    memory: float


def main() -> None:
    """Print the table."""
    build()
    found = measure(sides())
    typical = found[TYPICAL]
    print(
        "\nINIT in fresh processes: CPU ms, least and median; MB; both as ratios to what is typical (least)"
    )
    print(f"{'':16} {'least':>7} {'median':>7} {'MB':>6} {'CPU ratio':>10} {'memory ratio':>13}")
    for name, inits in sorted(found.items(), key=lambda side: least(side[1])):
        memory = min(init.memory for init in inits)
        print(
            f"{name:16} {least(inits):7.1f} {median(init.cpu for init in inits):7.1f} {memory:6.1f}"
            f" {least(inits) / least(typical):10.2f} {memory / min(init.memory for init in typical):13.2f}"
        )


def sides() -> dict[str, Sequence[Path]]:
    """The package path of every built function, and of the typical one."""
    layer = BUILD / ("CommonLayerX86" if host_architecture() == "x86_64" else "CommonLayerArm64") / "python"
    functions = {
        folder.name.removesuffix("Function"): (folder, layer) for folder in sorted(BUILD.glob("*Function"))
    }
    installed = Path(sys.prefix) / "lib" / f"python{'.'.join(platform.python_version_tuple()[:2])}"
    return {**functions, TYPICAL: (ROOT / "bench" / "typical", installed / "site-packages")}


def measure(paths: Mapping[str, Sequence[Path]], rounds: int = ROUNDS) -> dict[str, list[Init]]:
    """Start every side once a round, in another order each time; the first round fills caches and is dropped."""
    chance = random.Random(1)
    found: defaultdict[str, list[Init]] = defaultdict(list)
    for number in range(rounds + 1):
        for name in chance.sample(sorted(paths), len(paths)):
            init = _start(paths[name])
            if number:
                found[name].append(init)
    return dict(found)


def least(inits: Sequence[Init]) -> float:
    """The least CPU time, which is the one least disturbed."""
    return min(init.cpu for init in inits)


def _start(path: Sequence[Path]) -> Init:
    interpreter = Path(sys.executable).resolve()
    command = [str(interpreter), "-I", "-S", "-c", _CHILD, *map(str, path)]
    if hasattr(os, "sched_setaffinity"):
        processor = min(os.sched_getaffinity(0))
        command = ["taskset", "-c", str(processor), *command]
    printed = subprocess.run(command, env=_ENVIRONMENT, capture_output=True, text=True, check=True).stdout  # noqa: S603
    cpu, memory = map(float, printed.split())
    return Init(cpu, memory)
