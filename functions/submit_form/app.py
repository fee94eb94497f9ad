"""`GET /v1/forms/{form}` and `POST /v1/forms/{form}/submissions`: a guest asks for a conversation."""

from typing import Any

from deskbell import __version__
from deskbell.aws.edge.http import Request, Response, http
from deskbell.aws.edge.json_body import object_in
from deskbell.aws.wiring import Wiring
from deskbell.clients import client_key, networks
from deskbell.ids import number_of
from deskbell.times import rfc3339
from deskbell.usecases.show_form import show_form
from deskbell.usecases.submit_form import Submission, submit_form

wiring = Wiring.from_environment()
configurations = wiring.configurations
unlimited = networks(wiring.settings["UNLIMITED_CLIENTS"])
websocket_url = wiring.settings.websocket_url
ports: dict[str, Any] = {
    "chats": wiring.chats,
    "windows": wiring.windows,
    "seen": wiring.seen_windows,
    "route_queue": wiring.route_queue,
    "tokens": wiring.tokens,
    "meter": wiring.meter,
}


def health(_request: Request) -> Response:
    """Say that the service answers, and which version it is."""
    return Response(200, {"status": "ok", "version": __version__})


def show(request: Request) -> Response:
    """Show a form and whether anybody is there for it."""
    form = show_form(request.path["form"], request.at, configuration=configurations.current(request.at))
    return Response(200, form)


def submit(request: Request) -> Response:
    """Start a conversation."""
    submission = Submission(
        form=request.path["form"],
        answers=object_in(request.body(), "answers"),
        request=request.id,
        client=client_key(request.client_ip, unlimited),
        at=request.at,
        idempotency_key=request.headers.get("idempotency-key"),
    )
    submitted = submit_form(submission, configuration=configurations.current(request.at), **ports)
    interaction = submitted.interaction
    body = {
        "interaction": {
            "id": interaction.id,
            "number": number_of(interaction.id),
            "state": interaction.state.value,
        },
        "token": submitted.token,
        "expires_at": rfc3339(submitted.expires_at),
        "websocket_url": websocket_url,
    }
    return Response(201, body)


handler = http(
    {
        "GET /v1/health": health,
        "GET /v1/forms/{form}": show,
        "POST /v1/forms/{form}/submissions": submit,
    },
    logger=wiring.logger,
    allowed_origins=wiring.settings.allowed_origins,
)
