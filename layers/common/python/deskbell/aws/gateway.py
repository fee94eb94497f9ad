"""The sockets, through API Gateway's management API.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from deskbell.errors import UnavailableError
from deskbell.ports import Frame, GoneError
from deskbell.views import encode

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient

# A push that is repeated by itself could arrive twice; receivers drop by number, so one retry is worth it.
BRISK = Config(
    retries={"total_max_attempts": 2, "mode": "standard"},
    connect_timeout=1,
    read_timeout=2,
    parameter_validation=False,
)


class ApiGatewaySockets:
    """`ports.Gateway` for one WebSocket API."""

    def __init__(self, client: ApiGatewayManagementApiClient) -> None:
        self._client = client

    def push(self, connection: str, frame: Frame) -> None:
        """Send a frame to one socket; raises GoneError with that socket's id, UnavailableError."""
        try:
            self._client.post_to_connection(ConnectionId=connection, Data=encode(frame).encode())
        except self._client.exceptions.GoneException as error:
            raise GoneError(connection) from error
        except (ClientError, BotoCoreError) as error:
            raise UnavailableError("A socket could not be reached.") from error

    def close(self, connection: str) -> None:
        """Close a socket; one that cannot be reached closes by itself before long."""
        try:
            self._client.delete_connection(ConnectionId=connection)
        except (ClientError, BotoCoreError):
            return
