"""Serves web/dist as the distribution does: same headers, same addresses of folders."""

import json
import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from local.ports import HOST
from local.stack import Stack
from local.template import read_template


def security_headers(stack: Stack) -> dict[str, str]:
    """The template's response headers policy, with the local addresses where it names those on AWS.

    Leaves out Strict-Transport-Security: it means nothing over plain HTTP.
    """
    resource = read_template()["Resources"]["WebHeaders"]
    policy = resource["Properties"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    text, _variables = policy["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    socket = stack.endpoint.replace("http", "ws", 1)
    local = {"Http": stack.endpoint, "WebSocket": socket, "Cognito": stack.endpoint}
    return {
        "Content-Security-Policy": re.sub(r"\$\{(\w+)\}", lambda found: local[found[1]], text),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": policy["FrameOptions"]["FrameOption"],
        "Referrer-Policy": policy["ReferrerPolicy"]["ReferrerPolicy"],
    }


class WebServer:
    """A server of one folder on this machine, in a thread; `config` is what it answers as `/config.json`."""

    def __init__(self, port: int, folder: Path, headers: dict[str, str], config: dict[str, object]) -> None:
        document = json.dumps(config, indent=2).encode()
        handler = partial(_Handler, directory=str(folder), security=headers, config=document)
        self._server = ThreadingHTTPServer((HOST, port), handler)
        self.url = f"http://{HOST}:{self._server.server_port}"

    def start(self) -> None:
        """Serve until `stop`."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """End serving and free the port."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: Any, security: dict[str, str], config: bytes, **options: Any) -> None:
        self._security = security
        self._config = config
        super().__init__(*args, **options)

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/config.json":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self._config)))
        self.end_headers()
        self.wfile.write(self._config)

    def end_headers(self) -> None:
        for name, value in self._security.items():
            self.send_header(name, value)
        # Pages are rebuilt under the same names here.
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def list_directory(self, path: Any) -> None:  # noqa: ARG002
        self.send_error(404)

    def log_message(self, *_: Any) -> None:
        pass
