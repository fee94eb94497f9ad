"""TCP ports of this machine."""

import os
import socket

from local.failure import SetupError

HOST = "127.0.0.1"
_HIGHEST = 65_535


def chosen_port(variable: str, default: int) -> int:
    """The port that an environment variable names; raises SetupError if it is not one."""
    text = os.environ.get(variable, str(default))
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= _HIGHEST:
        raise SetupError(f"{variable} is {text!r}; it must be a port, 1 to {_HIGHEST}")
    return int(text)


def require_free(port: int, variable: str) -> None:
    """Raises SetupError if something listens on the port."""
    with socket.socket() as probe:
        # As servers do, so that a connection that lingers from the last run does not count as busy.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise SetupError(
                f"port {port} of {HOST} is busy ({error.strerror}); stop what uses it or set {variable} to another"
            ) from None


def free_port() -> int:
    """A port that nothing listens on right now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
