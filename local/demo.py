"""The demonstration configuration: what ships, with the demo agents in the groups that serve its queues."""

from deskbell.aws.configuration import DynamoConfigurations
from deskbell.defaults import shipped_document
from deskbell.usecases.configure import apply_configuration
from local.people import Person
from local.stack import Stack


def configure(stack: Stack, people: tuple[Person, ...]) -> bool:
    """Apply the demonstration configuration to a stack that has none; false if it has one."""
    store = DynamoConfigurations(stack.dynamodb, stack.outputs["ConfigTableName"])
    if store.stored().version:
        return False
    groups = [
        {**group, "members": [person.username for person in people if group["id"] in person.queues]}
        for group in shipped_document()["groups"]
    ]
    apply_configuration({"groups": groups}, store=store, expected_version=0)
    return True
