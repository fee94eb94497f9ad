"""`make run`: the whole of Deskbell on this machine, until Ctrl-C."""

import signal
import sys
import threading
from contextlib import ExitStack
from types import FrameType

from local.build import build
from local.demo import configure
from local.deploy import deploy, local_parameters
from local.failure import SetupError
from local.instance import Emulator
from local.paths import LOCAL, WEB
from local.people import DEMO_PEOPLE, create_people
from local.ports import HOST, chosen_port, require_free
from local.progress import step
from local.stack import STACK_FILE, Stack
from local.warm import warm_up
from local.web_build import DIST, build_web
from local.web_server import WebServer, security_headers


class _Stop(BaseException):
    """Someone asked the run to end."""


def main() -> int:
    """Run until asked to stop; the exit status."""
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        # Once only: what is being stopped must not be interrupted again.
        if not stopping.is_set():
            stopping.set()
            raise _Stop

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        _run()
    except SetupError as error:
        print(f"make run: {error}", file=sys.stderr)
        return 1
    except _Stop:
        return 0
    return 0


def _run() -> None:
    port = chosen_port("DESKBELL_PORT", 4566)
    web_port = chosen_port("DESKBELL_WEB_PORT", 8080)
    require_free(port, "DESKBELL_PORT")
    require_free(web_port, "DESKBELL_WEB_PORT")
    web_url = f"http://{HOST}:{web_port}"
    # The addresses of queues hold the port, so what is kept belongs to it.
    emulator = Emulator(port, LOCAL / f"emulator-{port}")
    with ExitStack() as at_the_end:
        at_the_end.callback(print, "Stopped; what was there comes back with the next `make run`.")
        with step("build") as this:
            this.note("functions and layer" if build() else "unchanged")
        with step("emulator") as this:
            at_the_end.callback(emulator.stop)
            at_the_end.callback(print, "\nStopping …", flush=True)
            emulator.start()
            this.note(emulator.endpoint)
        with step("deploy") as this:
            origins = [web_url, f"http://localhost:{web_port}"]
            deploy(emulator, local_parameters(origins))
            stack = Stack.deployed(emulator.endpoint, web_url, DEMO_PEOPLE)
            this.note(f"{len(stack.outputs)} outputs")
        with step("demo data") as this:
            create_people(stack.cognito, stack.outputs["UserPoolId"], DEMO_PEOPLE)
            fresh = configure(stack, DEMO_PEOPLE)
            this.note(f"{len(DEMO_PEOPLE)} people, " + ("configured" if fresh else "configuration kept"))
        with step("warm-up") as this:
            failed = warm_up(stack)
            this.note("still cold: " + ", ".join(failed) if failed else "all functions answer")
        if (WEB / "package.json").is_file():
            with step("web") as this:
                this.note("built" if build_web() else "unchanged")
                server = WebServer(web_port, DIST, security_headers(stack), stack.web_config())
                server.start()
                at_the_end.callback(server.stop)
        stack.write()
        _tell(stack)
        _wait_while(emulator)


def _tell(stack: Stack) -> None:
    print(f"""
Deskbell runs.

  Guests   {stack.web_url}/
  Agents   {stack.web_url}/desk/
  HTTP     {stack.http_url}
  Socket   {stack.websocket_url}
  For programs: {STACK_FILE.relative_to(STACK_FILE.parent.parent)}
""")
    for person in stack.people:
        serves = f"serves {', '.join(person.queues)}" if person.queues else ""
        print(f"  {person.role[:-1]:<8} {person.username:<6} {person.password}   {serves}")
    print("\nCtrl-C stops.", flush=True)


def _wait_while(emulator: Emulator) -> None:
    ended = threading.Event()
    while emulator.running:
        ended.wait(1)
    raise SetupError(f"the emulator ended by itself; its last words are in {emulator.log}")


if __name__ == "__main__":
    sys.exit(main())
