"""`GET /v1/interactions/{id}` and its messages: read a conversation over HTTP."""

from deskbell.aws.edge.http import Request, Response, http
from deskbell.aws.edge.json_body import whole_number
from deskbell.aws.wiring import Wiring
from deskbell.protocol import read_log_name
from deskbell.usecases.read_interaction import read_interaction
from deskbell.usecases.sync import read_entries

wiring = Wiring.from_environment()
configurations = wiring.configurations
chats = wiring.chats
authenticate = wiring.authenticate


def read(request: Request) -> Response:
    """Give an interaction's record."""
    identity = authenticate(request.token, request.at)
    configuration = configurations.current(request.at)
    return Response(
        200, read_interaction(request.path["id"], identity, configuration=configuration, chats=chats)
    )


def messages(request: Request) -> Response:
    """Give a page of an interaction's log."""
    identity = authenticate(request.token, request.at)
    after = whole_number(request.query.get("after"), "after")
    log = read_log_name(request.query.get("log"))
    configuration = configurations.current(request.at)
    items, more = read_entries(
        request.path["id"], after, log, identity, configuration=configuration, chats=chats
    )
    return Response(200, {"items": items, "more": more})


handler = http(
    {"GET /v1/interactions/{id}": read, "GET /v1/interactions/{id}/messages": messages},
    logger=wiring.logger,
    allowed_origins=wiring.settings.allowed_origins,
)
