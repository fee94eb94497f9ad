"""Decides who may open a socket."""


def handler(event: dict[str, object], context: object) -> dict[str, object]:
    """Lets everybody in."""
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": event["methodArn"]}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": "anyone", "policyDocument": policy, "context": {}}
