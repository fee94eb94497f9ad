"""Who may sign in to a local stack."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

# Local stacks only listen on this machine; on AWS an admin creates people, each with a password of their own.
_PASSWORD = "Ring-the-bell-1"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the pool with a role, and the queues they serve."""

    username: str
    name: str
    role: str
    queues: list[str] = field(default_factory=list)
    password: str = _PASSWORD

    def document(self) -> dict[str, object]:
        """What `.local/stack.json` says about them."""
        return {"username": self.username, "password": self.password, "queues": self.queues}


DEMO_PEOPLE = (
    Person("alice", "Alice Moreau", "agents", ["billing", "order", "product"]),
    Person("bob", "Bob Okafor", "agents", ["billing"]),
    Person("carol", "Carol Lindqvist", "agents", ["billing"]),
    Person("mona", "Mona Petrović", "managers", ["billing", "order", "product"]),
    Person("adam", "Adam Reyes", "admins", ["billing"]),
)


def create_people(
    cognito: "CognitoIdentityProviderClient", user_pool_id: str, people: tuple[Person, ...]
) -> None:
    """Create who is not there yet, each in the group of their role, with a password that need not be changed."""
    for person in people:
        try:
            cognito.admin_create_user(
                UserPoolId=user_pool_id,
                Username=person.username,
                MessageAction="SUPPRESS",
                UserAttributes=[
                    {"Name": "name", "Value": person.name},
                    {"Name": "email", "Value": f"{person.username}@example.com"},
                    {"Name": "email_verified", "Value": "true"},
                ],
            )
        except cognito.exceptions.UsernameExistsException:
            continue
        cognito.admin_set_user_password(
            UserPoolId=user_pool_id, Username=person.username, Password=person.password, Permanent=True
        )
        cognito.admin_add_user_to_group(
            UserPoolId=user_pool_id, Username=person.username, GroupName=person.role
        )
