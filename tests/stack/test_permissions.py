"""Each function has the permissions of its duty and no others: IAM is enforced, and asked with each one's own role."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local import environment
from tests.builders.installation import Installation

FUNCTIONS = (
    "SubmitFormFunction",
    "RouteFunction",
    "AuthorizeFunction",
    "WsConnectFunction",
    "RelayFunction",
    "ActionsFunction",
    "RecordsFunction",
    "SweepFunction",
)
# What SAM gives every function that a queue starts; its policy names no queue.
STARTED_BY_A_QUEUE = {"route Receive", "route Look", "timers Receive", "timers Look"}
CHATS = ("chats Get", "chats Query", "chats Put", "chats Update", "chats Delete")
MAY: dict[str, set[str]] = {
    "SubmitFormFunction": {
        "chats Get",
        "chats Put",
        "rates Update",
        "config Get",
        "config Query",
        "route Send",
        "secret Read",
    },
    "RouteFunction": {
        *CHATS,
        *STARTED_BY_A_QUEUE,
        "config Get",
        "config Query",
        "timers Send",
        "sockets Post",
    },
    "AuthorizeFunction": {"secret Read"},
    "WsConnectFunction": {
        *CHATS,
        "rates Update",
        "config Get",
        "config Query",
        "timers Send",
        "sockets Post",
        "secret Read",
        "users Get",
    },
    "RelayFunction": {
        *CHATS[:4],
        "rates Update",
        "config Get",
        "config Query",
        "timers Send",
        "sockets Post",
    },
    "ActionsFunction": {*CHATS, "rates Update", "config Get", "config Query", "timers Send", "sockets Post"},
    "RecordsFunction": {*CHATS[:2], "config Get", "config Query", "secret Read"},
    "SweepFunction": {
        *CHATS,
        *STARTED_BY_A_QUEUE,
        "due Query",
        "config Get",
        "config Query",
        "route Send",
        "timers Send",
        "sockets Post",
    },
}


def _attempts(installation: Installation, session: boto3.Session) -> dict[str, Callable[[], object]]:
    """Everything that any function may do, and some that none may, by name; none of it changes anything."""
    out, endpoint = installation.stack.outputs, installation.stack.endpoint
    dynamo = session.client("dynamodb", endpoint_url=endpoint)
    sqs = session.client("sqs", endpoint_url=endpoint)
    secrets = session.client("secretsmanager", endpoint_url=endpoint)
    users = session.client("cognito-idp", endpoint_url=endpoint)
    api = f"{endpoint}/_aws/execute-api/{out['WebSocketApiId']}/v1"
    sockets = session.client("apigatewaymanagementapi", endpoint_url=api)

    def table(name: str, *, sort: bool = True) -> dict[str, Callable[[], object]]:
        where = out[f"{name.title()}TableName"]
        key: Any = {"pk": {"S": "nothing"}, **({"sk": {"S": "nothing"}} if sort else {})}
        never: Any = {"ConditionExpression": "attribute_exists(pk)"}
        of_nothing: Any = {
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": "nothing"}},
        }
        return {
            f"{name} Get": lambda: dynamo.get_item(TableName=where, Key=key),
            f"{name} Query": lambda: dynamo.query(TableName=where, **of_nothing),
            f"{name} Scan": lambda: dynamo.scan(TableName=where, Limit=1),
            f"{name} Put": lambda: dynamo.put_item(TableName=where, Item=key, **never),
            f"{name} Update": lambda: dynamo.update_item(
                TableName=where, Key=key, UpdateExpression="REMOVE nothing", **never
            ),
            f"{name} Delete": lambda: dynamo.delete_item(TableName=where, Key=key, **never),
        }

    def queue(name: str, output: str) -> dict[str, Callable[[], object]]:
        # An empty message is refused only once it was allowed.
        url = installation.queue_url(output)
        return {
            f"{name} Send": lambda: sqs.send_message(QueueUrl=url, MessageBody=""),
            f"{name} Receive": lambda: sqs.receive_message(QueueUrl=url, VisibilityTimeout=0),
            f"{name} Look": lambda: sqs.get_queue_attributes(QueueUrl=url),
        }

    due: Any = {
        "KeyConditionExpression": "due_shard = :s",
        "ExpressionAttributeValues": {":s": {"S": "due#nothing"}},
    }
    return {
        **table("chats"),
        **table("config"),
        **table("rates", sort=False),
        **queue("route", "RouteQueueUrl"),
        **queue("timers", "TimerQueueUrl"),
        "due Query": lambda: dynamo.query(TableName=out["ChatsTableName"], IndexName="due", **due),
        "secret Read": lambda: secrets.get_secret_value(SecretId=out["TokenSecretArn"]),
        "secret Describe": lambda: secrets.describe_secret(SecretId=out["TokenSecretArn"]),
        "sockets Post": lambda: sockets.post_to_connection(ConnectionId="nobody", Data=b"x"),
        "users Get": lambda: users.admin_get_user(UserPoolId=out["UserPoolId"], Username="nobody"),
        "users List": lambda: users.list_users(UserPoolId=out["UserPoolId"]),
        "users Delete": lambda: users.admin_delete_user(UserPoolId=out["UserPoolId"], Username="nobody"),
    }


def _is_allowed(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except ClientError as error:
        return "AccessDenied" not in error.response["Error"]["Code"]
    return True


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_its_duty_and_nothing_else(installation: Installation, function: str) -> None:
    session = _as_role_of(installation, function)
    attempts = _attempts(installation, session)
    allowed = {name for name, attempt in attempts.items() if _is_allowed(attempt)}
    assert allowed == MAY[function]


def _as_role_of(installation: Installation, function: str) -> boto3.Session:
    stack = installation.stack
    role = stack.functions.get_function_configuration(FunctionName=stack.function_name(function))["Role"]
    sts = stack.session.client("sts", endpoint_url=stack.endpoint)
    given = sts.assume_role(RoleArn=role, RoleSessionName="probe")["Credentials"]
    return boto3.Session(
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
        region_name=environment.REGION,
    )


def test_the_table_names_every_function_of_the_template(installation: Installation) -> None:
    listed = installation.stack.cloudformation.list_stack_resources(StackName="deskbell")
    found = {
        resource["LogicalResourceId"]
        for resource in listed["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::Lambda::Function"
    }
    assert found == set(FUNCTIONS) == set(MAY), json.dumps(sorted(found))
