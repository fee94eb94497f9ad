"""A stack of its own for a test run or a measurement, gone afterwards."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from local.build import build
from local.demo import configure
from local.deploy import deploy, local_parameters
from local.instance import Emulator
from local.paths import WEB
from local.people import DEMO_PEOPLE, create_people
from local.ports import HOST, free_port
from local.stack import Stack
from local.warm import warm_up
from local.web_build import DIST, build_web
from local.web_server import WebServer, security_headers


@contextmanager
def temporary_stack(
    folder: Path, parameters: Mapping[str, str] | None = None, *, chaos: Path | None = None
) -> Iterator[Stack]:
    """Build if sources changed, deploy to a fresh emulator with its state in `folder`, configure, warm up.

    `parameters` are the template's, where they differ from those of `make run`. Serves the web pages too. `chaos` is
    where the emulator looks for faults to inject (local/emulator/chaos.py).
    Raises SetupError.
    """
    build()
    web_port = free_port()
    web_url = f"http://{HOST}:{web_port}"
    wire = folder / "wire.jsonl"
    emulator = Emulator(free_port(), folder, chaos, wire)
    with ExitStack() as at_the_end:
        at_the_end.callback(emulator.stop)
        emulator.start()
        deploy(emulator, local_parameters([web_url]) | dict(parameters or {}))
        stack = Stack.deployed(emulator.endpoint, web_url, DEMO_PEOPLE, wire)
        create_people(stack.cognito, stack.outputs["UserPoolId"], DEMO_PEOPLE)
        configure(stack, DEMO_PEOPLE)
        warm_up(stack)
        if (WEB / "package.json").is_file():
            build_web()
            server = WebServer(web_port, DIST, security_headers(stack), stack.web_config())
            server.start()
            at_the_end.callback(server.stop)
        yield stack
