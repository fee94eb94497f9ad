"""The template keeps the promises that no linter knows of."""

from typing import Any

import pytest

from local.deploy import local_parameters
from local.template import read_template

TEMPLATE = read_template()
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]

# docs/asyncapi.yaml: every other frame has no reply.
ANSWERED = {"join", "presence", "send", "sync", "ping", "accept", "end", "reopen", "stay", "$default"}


def _of_type(kind: str) -> dict[str, Any]:
    return {name: item["Properties"] for name, item in RESOURCES.items() if item["Type"] == kind}


FUNCTIONS = _of_type("AWS::Serverless::Function")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_named_things_to_named_resources(function: str) -> None:
    policies = FUNCTIONS[function]["Policies"]
    assert len(policies) == 1
    for statement in policies[0]["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        assert not [action for action in actions if "*" in action]
        assert statement["Resource"] != "*"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_has_a_log_group_that_expires(function: str) -> None:
    group = FUNCTIONS[function]["LoggingConfig"]["LogGroup"]
    assert _of_type("AWS::Logs::LogGroup")[group]["RetentionInDays"] == "LogRetentionDays"


def test_routes_with_a_reply_declare_it_and_no_others_do() -> None:
    routes = RESOURCES["WebSocketApi"]["Properties"]["Routes"]
    assert {key for key, route in routes.items() if "RouteResponseSelectionExpression" in route} == ANSWERED
    responding = {response["RouteId"] for response in _of_type("AWS::ApiGatewayV2::RouteResponse").values()}
    # SAM's name for a route: https://github.com/aws/serverless-application-model
    assert responding == {f"WebSocketApi{key.replace('$', '').capitalize()}Route" for key in ANSWERED}


def test_a_queue_gives_up_into_another_that_raises_an_alarm() -> None:
    queues = _of_type("AWS::SQS::Queue")
    given_up = {
        queue["RedrivePolicy"]["deadLetterTargetArn"].partition(".")[0]
        for queue in queues.values()
        if "RedrivePolicy" in queue
    }
    assert given_up == {name for name, queue in queues.items() if "RedrivePolicy" not in queue}
    watched = {alarm["Dimensions"][0]["Value"] for alarm in _of_type("AWS::CloudWatch::Alarm").values()}
    assert watched == {f"{name}.QueueName" for name in given_up}


def test_a_message_stays_hidden_for_six_timeouts() -> None:
    visible_after = TEMPLATE["Parameters"]["QueueVisibilitySeconds"]["Default"]
    assert visible_after >= 6 * TEMPLATE["Globals"]["Function"]["Timeout"]


def test_tables_are_recoverable_encrypted_and_expire_items() -> None:
    for table in _of_type("AWS::DynamoDB::Table").values():
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
        assert table["SSESpecification"] == {"SSEEnabled": True}
        assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}


def test_chats_and_people_outlive_their_stack() -> None:
    for name in ("ChatsTable", "ConfigTable", "UserPool"):
        assert RESOURCES[name]["DeletionPolicy"] == RESOURCES[name]["UpdateReplacePolicy"] == "Retain"


def test_parameters_have_defaults_and_are_described_and_grouped() -> None:
    parameters = TEMPLATE["Parameters"]
    assert all({"Default", "Description", "Type"} <= parameter.keys() for parameter in parameters.values())
    groups = TEMPLATE["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert sorted(name for group in groups for name in group["Parameters"]) == sorted(parameters)


def test_what_is_different_locally_are_parameters() -> None:
    assert local_parameters(["http://127.0.0.1:8080"]).keys() <= TEMPLATE["Parameters"].keys()


def test_pages_run_no_inline_script_and_are_framed_by_nobody() -> None:
    headers = RESOURCES["WebHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    policy, _variables = headers["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    directives = dict(directive.split(maxsplit=1) for directive in policy.split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == "'self'"
    assert directives["frame-ancestors"] == "'none'"
