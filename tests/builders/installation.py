"""A deployed Deskbell as people and operators use it: guests, agents, and what only an operator may do to it."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from deskbell.aws.chats import DynamoChats
from deskbell.aws.configuration import DynamoConfigurations
from deskbell.defaults import shipped_document
from deskbell.tokens import TokenKeys, sign_guest_token
from deskbell.usecases.configure import apply_configuration
from local.people import DEMO_PEOPLE, Person, create_people
from local.stack import Stack
from tests.clients.http import Http, Visit
from tests.clients.socket import PATIENCE, Socket
from tests.clients.ulid import ulid

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

RACERS = tuple(Person(f"racer{number:02}", f"Racer {number}", "agents") for number in range(20))
STRANGER = Person("stranger", "Stella Stranger", "agents")
"""An agent of no queue."""
PLAIN = Person("plain", "Paul Plain", "agents")
"""Somebody who may sign in, and has lost their role."""

# Each kind of test has a queue, with a form that leads straight to it, so that none takes another's chats.
_QUEUES: Mapping[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "journey": (("alice", "bob"), {}),
    "race": (tuple(racer.username for racer in RACERS), {"capacity": 2}),
    "brief": (("bob",), {"maximum_wait": 4, "maximum_wait_message": "Too long."}),
    "idle": (("bob",), {"idle_delay": 2, "idle_count_down": 2}),
    "lost": (("carol",), {}),
    "frames": (("alice",), {}),
    "tokens": (("alice",), {}),
    "sockets": (("alice",), {}),
    "submissions": (("alice",), {}),
    "storm": (("alice", "bob"), {}),
}
_CONFIGURATION_IS_OLD_AFTER = 5.2


@dataclass
class Installation:
    """The stack, with extra people, and a queue and a form for each kind of test."""

    stack: Stack
    http: Http = field(init=False)
    _tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.http = Http(self.stack.http_url)

    def populate(self) -> None:
        """Create the extra people who are not there yet, and configure; chats may start without limit."""
        pool = self.stack.outputs["UserPoolId"]
        create_people(self.stack.cognito, pool, (*RACERS, STRANGER, PLAIN))
        self.stack.cognito.admin_remove_user_from_group(
            UserPoolId=pool, Username=PLAIN.username, GroupName=PLAIN.role
        )
        self.configure()

    def configure(self, **properties: bool | int | str) -> None:
        """Set these properties and no others, and wait until every function has looked; dots are spelled `__`."""
        given = {name.replace("__", "."): value for name, value in properties.items()}
        document = _document(
            {
                "connect.support.max_guest_sessions_per_hour": -1,
                "deskbell.guest.max_sessions_per_client_per_hour": -1,
                **given,
            }
        )
        store = DynamoConfigurations(self.stack.dynamodb, self.stack.outputs["ConfigTableName"])
        before = store.stored().version
        if apply_configuration(document, store=store).version != before:
            time.sleep(_CONFIGURATION_IS_OLD_AFTER)

    def access_token(self, username: str, *, kind: str = "AccessToken") -> str:
        """Sign somebody in, once; `kind` may ask for the IdToken."""
        name = f"{username} {kind}"
        if name not in self._tokens:
            answer = self.stack.cognito.initiate_auth(
                ClientId=self.stack.outputs["UserPoolClientId"],
                AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": username, "PASSWORD": PLAIN.password},
            )
            result: Any = answer["AuthenticationResult"]
            self._tokens |= {f"{username} AccessToken": result["AccessToken"]}
            self._tokens |= {f"{username} IdToken": result["IdToken"]}
        return self._tokens[name]

    def open(self, token: str, *, origin: str | None = None) -> Socket:
        """Open a socket and say nothing."""
        return Socket(self.stack.websocket_url, token, origin=origin)

    @contextmanager
    def guest(self, visit: Visit, *, after: int = 0) -> Iterator[Socket]:
        """A guest who has joined."""
        with self.open(visit.token) as socket:
            joined = socket.call("join", after=after)
            assert joined["type"] == "joined", joined
            yield socket

    @contextmanager
    def agent(self, username: str) -> Iterator[Socket]:
        """An agent who has joined and is available."""
        with self.open(self.access_token(username)) as socket:
            joined = socket.call("join")
            assert joined["type"] == "joined", joined
            yield socket

    def waiting(self, form: str, **answers: str) -> Visit:
        """A guest whose chat has reached its queue."""
        visit = self.http.visit(form, **answers)
        self.await_state(visit, "waiting")
        return visit

    def await_state(self, visit: Visit, state: str, *, timeout: float = PATIENCE) -> dict[str, Any]:
        """Wait for a chat to be in a state; gives its record."""
        record: dict[str, Any] = {}

        def arrived() -> bool:
            record.update(self.http.record(visit.interaction, visit.token))
            return bool(record["state"] == state)

        try:
            eventually(arrived, timeout, state)
        except TimeoutError as error:
            raise TimeoutError(f"The chat is not {state} but {record}") from error
        return record

    @contextmanager
    def conversation(self, form: str, username: str) -> Iterator[tuple[Visit, Socket, Socket]]:
        """A guest and an agent in conversation; ended afterwards where the test has not."""
        visit = self.waiting(form)
        with self.guest(visit) as guest, self.agent(username) as agent:
            accepted = agent.call("accept", queue=form)
            assert accepted.get("interaction") == visit.interaction, accepted
            yield visit, guest, agent
            if not guest.closed:
                guest.call("end", interaction=visit.interaction)

    def start_functions_anew(self, *functions: str) -> None:
        """Have functions forget what they know of keys and the like, as a change of their code would."""
        for function in functions:
            name = self.stack.function_name(function)
            variables = self.stack.functions.get_function_configuration(FunctionName=name)["Environment"]
            environment: Any = {"Variables": {**variables["Variables"], "STARTED_ANEW": ulid()}}
            self.stack.functions.update_function_configuration(FunctionName=name, Environment=environment)

    def sweep(self) -> Any:
        """Have the sweeper look now; gives how much it repaired."""
        answer = self.stack.functions.invoke(
            FunctionName=self.stack.function_name("SweepFunction"), Payload=b"{}"
        )
        assert "FunctionError" not in answer, answer["Payload"].read()
        return json.loads(answer["Payload"].read())

    @cached_property
    def chats(self) -> DynamoChats:
        """The chats table, as an operator."""
        return DynamoChats(self.stack.dynamodb, self.stack.outputs["ChatsTableName"])

    def guest_token(self, interaction: str, expires_at: int) -> str:
        """Sign a guest's token with the key in use; `expires_at` is epoch milliseconds."""
        key = self.secrets.get_secret_value(SecretId=self.stack.outputs["TokenSecretArn"])["SecretString"]
        return sign_guest_token(interaction, expires_at, TokenKeys(key.encode()))

    @cached_property
    def queues(self) -> "SQSClient":
        """SQS, as an operator."""
        client: SQSClient = self.stack.session.client("sqs", endpoint_url=self.stack.endpoint)
        return client

    @cached_property
    def secrets(self) -> "SecretsManagerClient":
        """Secrets Manager, as an operator."""
        client: SecretsManagerClient = self.stack.session.client(
            "secretsmanager", endpoint_url=self.stack.endpoint
        )
        return client

    def queue_url(self, output: str) -> str:
        """A queue's address, on this emulator whatever it calls itself."""
        name = self.stack.outputs[output].rpartition("/")[2]
        return self.queues.get_queue_url(QueueName=name)["QueueUrl"]


def eventually(holds: Callable[[], bool], timeout: float = PATIENCE, what: str = "") -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + timeout
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"It did not come to pass: {what}")
        time.sleep(0.05)


def _document(properties: Mapping[str, bool | int | str]) -> dict[str, Any]:
    shipped = shipped_document()
    groups = [
        {**group, "members": [person.username for person in DEMO_PEOPLE if group["id"] in person.queues]}
        for group in shipped["groups"]
    ]
    groups += [{"id": name, "name": name, "members": list(members)} for name, (members, _) in _QUEUES.items()]
    queues = [{"id": name, "name": name, "group": name, **terms} for name, (_, terms) in _QUEUES.items()]
    forms = [{**shipped["forms"][0], "id": name, "queue": name} for name in _QUEUES]
    return {
        "groups": groups,
        "queues": shipped["queues"] + queues,
        "forms": shipped["forms"] + forms,
        "properties": dict(properties),
    }
