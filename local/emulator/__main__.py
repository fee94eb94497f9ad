"""Starts the emulator; its settings are environment variables, set by local/instance.py."""

import os
import signal
import sys
import threading

from ministack import app

from local.emulator import chaos, http_apis, invocations, route_responses, sockets, tables, transforms, wire

transforms.install()
http_apis.install()
tables.install()
route_responses.install()
invocations.install()
sockets.install()
wire.install()
chaos.install()


def _end_with_launcher() -> None:
    # Unbuffered: a thread inside a buffered read would break the interpreter's own end.
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=_end_with_launcher, daemon=True).start()
app.main()
