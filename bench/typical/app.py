"""What a function of this kind usually imports: Powertools' Logger, Metrics and parser, pydantic models, boto3.

bench/init.py compares with it. It has no Tracer, which would double its INIT.
"""

import os
from typing import Annotated, Literal

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.parser import parse
from aws_lambda_powertools.utilities.parser.models import APIGatewayWebSocketMessageEventModel
from pydantic import BaseModel, Field, TypeAdapter

logger = Logger()
metrics = Metrics()
table = boto3.client("dynamodb")
sockets = boto3.client("apigatewaymanagementapi", endpoint_url="https://sockets.example.com")
queue = boto3.client("sqs")


class Send(BaseModel):
    """Say something."""

    action: Literal["send"]
    interaction: str
    text: str = Field(max_length=4000)


class Sync(BaseModel):
    """Catch up."""

    action: Literal["sync"]
    interaction: str
    after: int = 0


class Typing(BaseModel):
    """Show that one writes."""

    action: Literal["typing"]
    interaction: str
    on: bool


class Read(BaseModel):
    """Say what one has read."""

    action: Literal["read"]
    interaction: str
    seq: int = Field(ge=1)


class Ping(BaseModel):
    """Give a sign of life."""

    action: Literal["ping"]


frames: TypeAdapter[Send | Sync | Typing | Read | Ping] = TypeAdapter(
    Annotated[Send | Sync | Typing | Read | Ping, Field(discriminator="action")]
)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, object], _context: object) -> dict[str, int]:
    """Relay a message."""
    socket = parse(event, APIGatewayWebSocketMessageEventModel)
    frame = frames.validate_json(str(socket.body))
    if isinstance(frame, Send):
        key = {"pk": {"S": frame.interaction}, "sk": {"S": "STATE"}}
        state = table.get_item(TableName=os.environ["CHATS_TABLE"], Key=key)["Item"]
        sockets.post_to_connection(ConnectionId=state["peer"]["S"], Data=frame.text.encode())
    return {"statusCode": 200}
