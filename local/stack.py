"""A deployed local stack: its addresses, names and clients."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from local import environment
from local.deploy import STACK_NAME
from local.paths import LOCAL
from local.people import Person

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient

STACK_FILE = LOCAL / "stack.json"


@dataclass(frozen=True)
class Stack:
    """The stack that an emulator at `endpoint` holds; `outputs` are the template's, `wire` what functions asked."""

    endpoint: str
    outputs: Mapping[str, str]
    web_url: str = ""
    people: tuple[Person, ...] = ()
    wire: Path | None = None
    session: boto3.Session = field(
        default_factory=lambda: boto3.Session(
            aws_access_key_id=environment.ACCESS_KEY,
            aws_secret_access_key=environment.SECRET_KEY,
            region_name=environment.REGION,
        )
    )

    @classmethod
    def deployed(
        cls,
        endpoint: str,
        web_url: str = "",
        people: tuple[Person, ...] = (),
        wire: Path | None = None,
    ) -> "Stack":
        """The stack that was deployed to the emulator."""
        empty = cls(endpoint, {})
        described = empty.cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
        return cls(endpoint, outputs, web_url, people, wire, empty.session)

    @property
    def http_url(self) -> str:
        """Base of the HTTP API, by path: programs need not resolve names below localhost."""
        return f"{self.endpoint}/_aws/execute-api/{self.outputs['HttpApiId']}/$default"

    @property
    def websocket_url(self) -> str:
        """Where clients open sockets, by path."""
        path = f"{self.outputs['WebSocketApiId']}/{self.outputs['WebSocketStage']}"
        return f"{self.endpoint.replace('http', 'ws', 1)}/_aws/execute-api/{path}"

    @property
    def cloudformation(self) -> "CloudFormationClient":
        """A client with the operator's rights, as all of these."""
        return self.session.client("cloudformation", endpoint_url=self.endpoint, config=_CONFIG)

    @property
    def cognito(self) -> "CognitoIdentityProviderClient":
        """See `cloudformation`."""
        return self.session.client("cognito-idp", endpoint_url=self.endpoint, config=_CONFIG)

    @property
    def dynamodb(self) -> "DynamoDBClient":
        """See `cloudformation`."""
        return self.session.client("dynamodb", endpoint_url=self.endpoint, config=_CONFIG)

    @property
    def queues(self) -> "SQSClient":
        """See `cloudformation`."""
        return self.session.client("sqs", endpoint_url=self.endpoint, config=_CONFIG)

    @property
    def functions(self) -> "LambdaClient":
        """See `cloudformation`."""
        return self.session.client("lambda", endpoint_url=self.endpoint, config=_CONFIG)

    def function_name(self, logical_id: str) -> str:
        """The name that the stack gave a function, `RelayFunction` for example."""
        detail = self.cloudformation.describe_stack_resource(
            StackName=STACK_NAME, LogicalResourceId=logical_id
        )
        return detail["StackResourceDetail"]["PhysicalResourceId"]

    def access_token(self, username: str) -> str:
        """Sign a person in; the token that the APIs take."""
        person = next(person for person in self.people if person.username == username)
        answer = self.cognito.initiate_auth(
            ClientId=self.outputs["UserPoolClientId"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": person.username, "PASSWORD": person.password},
        )
        return answer["AuthenticationResult"]["AccessToken"]

    def document(self) -> dict[str, object]:
        """What `.local/stack.json` holds."""

        def having(role: str) -> list[dict[str, object]]:
            return [person.document() for person in self.people if person.role == role]

        return {
            "http_url": self.http_url,
            "websocket_url": self.websocket_url,
            "web_url": self.web_url,
            "cognito_url": self.endpoint,
            "user_pool_client_id": self.outputs["UserPoolClientId"],
            "agents": having("agents"),
            "managers": having("managers"),
            "admins": having("admins"),
            "region": environment.REGION,
            "endpoint_url": self.endpoint,
            "stack_name": STACK_NAME,
            "outputs": dict(self.outputs),
        }

    def web_config(self) -> dict[str, object]:
        """What the web pages' `config.json` holds."""
        return {
            "http_url": self.http_url,
            "websocket_url": self.websocket_url,
            "cognito_url": self.endpoint,
            "user_pool_client_id": self.outputs["UserPoolClientId"],
            "region": environment.REGION,
            "sign_in": "password",
        }

    def write(self) -> None:
        """Write `.local/stack.json`."""
        STACK_FILE.parent.mkdir(exist_ok=True)
        STACK_FILE.write_text(json.dumps(self.document(), indent=2, ensure_ascii=False) + "\n")


# An answer that takes this long never comes; no retries, so that a failure shows where it is.
_CONFIG = Config(read_timeout=60, retries={"total_max_attempts": 1})
