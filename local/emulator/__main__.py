"""Starts the emulator; its settings are environment variables, set by local/instance.py."""

from ministack import app

from local.emulator import http_apis, invocations, route_responses, sockets, tables, transforms

transforms.install()
http_apis.install()
tables.install()
route_responses.install()
invocations.install()
sockets.install()
app.main()
