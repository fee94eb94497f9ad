"""Who may come in, and what they may do once they are in: tokens, roles, origins."""

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from deskbell.tokens import TokenKeys, sign_guest_token
from tests.builders.installation import Installation
from tests.clients.http import Visit
from tests.clients.socket import SUBPROTOCOL
from tests.clients.ulid import ulid


def _now() -> int:
    return int(time.time() * 1000)


@pytest.fixture
def visit(installation: Installation) -> Iterator[Visit]:
    made = installation.waiting("tokens")
    yield made
    with installation.guest(made) as guest:
        guest.call("end", interaction=made.interaction)


def _refused(installation: Installation, token: str, *, origin: str | None = None) -> int:
    with pytest.raises(InvalidStatus) as refusal:
        installation.open(token, origin=origin)
    return refusal.value.response.status_code


def _why(installation: Installation, interaction: str, token: str | None) -> tuple[int, str]:
    answer = installation.http.call("GET", f"/v1/interactions/{interaction}", token=token)
    return answer.status, answer.body["code"]


def test_a_refused_handshake_is_explained_over_http(installation: Installation, visit: Visit) -> None:
    expired = installation.guest_token(visit.interaction, _now() - 1)
    forged = sign_guest_token(visit.interaction, _now() + 60_000, TokenKeys(b"not the key"))
    head, payload, mac = visit.token.split(".")
    claims = base64.urlsafe_b64encode(json.dumps({"i": ulid(), "x": _now() + 60_000}).encode())
    cases = {
        expired: "token_expired",
        forged: "token_invalid",
        f"{head}.{payload}.{mac[:-2]}AA": "token_invalid",
        f"{head}.{claims.decode().rstrip('=')}.{mac}": "token_invalid",
        "g1.x": "token_invalid",
        installation.access_token("alice")[:-4] + "AAAA": "token_invalid",
        installation.access_token("alice", kind="IdToken"): "token_invalid",
        "eyJhbGciOiJub25lIn0.eyJ1c2VybmFtZSI6ImFsaWNlIn0.": "token_invalid",
    }
    for token, code in cases.items():
        assert _refused(installation, token) == 403
        assert _why(installation, visit.interaction, token) == (401, code)
    assert _why(installation, visit.interaction, None) == (401, "unauthenticated")


def test_a_handshake_needs_our_subprotocol_and_one_token(installation: Installation, visit: Visit) -> None:
    for offered in ([visit.token], [SUBPROTOCOL], ["deskbell.v2", visit.token], None):
        protocols = [Subprotocol(name) for name in offered] if offered else None
        with (
            pytest.raises(InvalidStatus) as refusal,
            connect(installation.stack.websocket_url, subprotocols=protocols, proxy=None),
        ):
            pass
        assert refusal.value.response.status_code in (401, 403)


def test_a_token_opens_no_other_chat(installation: Installation, visit: Visit) -> None:
    with installation.guest(visit) as guest:
        other = installation.http.visit("tokens")
        for frame in (
            {"action": "send", "id": ulid(), "text": "Hello", "after": 0},
            {"action": "sync"},
            {"action": "end"},
            {"action": "reopen"},
            {"action": "stay"},
        ):
            reply = guest.call(**frame, interaction=other.interaction)
            assert reply["code"] == "not_found", frame
        assert _why(installation, other.interaction, visit.token) == (404, "not_found")
        messages = f"/v1/interactions/{other.interaction}/messages"
        assert installation.http.call("GET", messages, token=visit.token).status == 404
        assert _why(installation, ulid(), visit.token) == (404, "not_found")
    with installation.guest(other) as leaving:
        leaving.call("end", interaction=other.interaction)


def test_a_guest_may_do_nothing_that_agents_do(installation: Installation, visit: Visit) -> None:
    with installation.guest(visit) as guest:
        for frame in (
            {"action": "accept", "queue": "tokens"},
            {"action": "accept", "interaction": visit.interaction},
            {"action": "presence", "state": "available"},
            {"action": "sync", "interaction": visit.interaction, "log": "work_note"},
            {
                "action": "send",
                "interaction": visit.interaction,
                "id": ulid(),
                "text": "x",
                "visibility": "work_note",
            },
        ):
            assert guest.call(**frame)["code"] == "forbidden", frame  # type: ignore[arg-type]
    answer = installation.http.call(
        "GET", f"/v1/interactions/{visit.interaction}/messages?log=work_note", token=visit.token
    )
    assert (answer.status, answer.body["code"]) == (403, "forbidden")


def test_an_agent_sees_the_chats_of_its_queues_only(installation: Installation, visit: Visit) -> None:
    for username in ("stranger", "bob"):
        with installation.agent(username) as agent:
            assert agent.call("sync", interaction=visit.interaction)["code"] == "not_found"
            assert agent.call("end", interaction=visit.interaction)["code"] == "not_found"
            assert agent.call("accept", interaction=visit.interaction)["code"] == "not_found"
            assert agent.call("accept", queue="tokens")["code"] == "forbidden"
        token = installation.access_token(username)
        assert _why(installation, visit.interaction, token) == (404, "not_found")
    assert installation.http.record(visit.interaction, installation.access_token("alice"))["email"]


def test_an_agent_of_the_queue_who_is_not_assigned_may_read_and_not_speak(installation: Installation) -> None:
    with (
        installation.conversation("journey", "alice") as (chat, _, _),
        installation.agent("bob") as other,
    ):
        assert other.call("sync", interaction=chat.interaction)["type"] == "messages"
        said = other.call("send", interaction=chat.interaction, id=ulid(), text="Me too", after=3)
        assert said["code"] == "not_assigned"
        assert other.call("end", interaction=chat.interaction)["code"] == "not_assigned"


def test_signing_in_without_a_role_gives_no_rights(installation: Installation, visit: Visit) -> None:
    token = installation.access_token("plain")
    assert _why(installation, visit.interaction, token) == (404, "not_found")
    with installation.open(token) as socket:
        assert socket.call("join")["code"] == "forbidden"
        assert socket.call("accept", queue="tokens")["code"] == "forbidden"
        assert socket.call("presence", state="available")["code"] == "forbidden"
        assert socket.call("sync", interaction=visit.interaction)["code"] == "not_found"


def test_a_token_used_after_the_end_reads_and_does_nothing_else(installation: Installation) -> None:
    with installation.conversation("tokens", "alice") as (chat, _, agent):
        agent.call("end", interaction=chat.interaction)
        with installation.open(chat.token) as late:
            assert late.call("join")["interaction"]["state"] == "closed_complete"
            assert late.call("sync", interaction=chat.interaction)["type"] == "messages"
            for action in ("end", "reopen", "stay"):
                assert late.call(action, interaction=chat.interaction)["code"] == "chat_ended"
            said = late.call("send", interaction=chat.interaction, id=ulid(), text="Hi", after=4)
            assert said["code"] == "chat_ended"


def test_a_connection_ends_its_rights_with_its_token(installation: Installation, visit: Visit) -> None:
    expires_at = _now() + 1_500
    with installation.open(installation.guest_token(visit.interaction, expires_at)) as guest:
        assert guest.call("sync", interaction=visit.interaction)["type"] == "messages"
        time.sleep(max(0.0, expires_at / 1000 - time.time()))
        assert guest.call("sync", interaction=visit.interaction)["code"] == "token_expired"


def test_an_origin_that_is_not_allowed_is_refused_everywhere(
    installation: Installation, visit: Visit
) -> None:
    ours, evil = installation.stack.web_url, "https://evil.example"
    installation.open(visit.token, origin=ours).close()
    assert _refused(installation, visit.token, origin=evil) == 403
    path = f"/v1/interactions/{visit.interaction}"
    answer = installation.http.call("GET", path, token=visit.token, headers={"origin": evil})
    assert (answer.status, answer.body["code"]) == (403, "forbidden")
    answer = installation.http.submit("tokens", headers={"origin": evil})
    assert (answer.status, answer.body["code"]) == (403, "forbidden")
    answer = installation.http.call("GET", path, token=visit.token, headers={"origin": ours})
    assert answer.headers["access-control-allow-origin"] == ours


def test_tokens_of_the_key_before_the_rotation_stay_good(installation: Installation, visit: Visit) -> None:
    secret = installation.stack.outputs["TokenSecretArn"]
    old = installation.secrets.get_secret_value(SecretId=secret)["SecretString"]
    installation.secrets.put_secret_value(SecretId=secret, SecretString=old[::-1])
    try:
        installation.start_functions_anew("AuthorizeFunction", "RecordsFunction")
        installation.open(visit.token).close()
        assert installation.http.record(visit.interaction, visit.token)["state"] == "waiting"
        renewed = installation.guest_token(visit.interaction, _now() + 60_000)
        installation.open(renewed).close()
        installation.secrets.put_secret_value(SecretId=secret, SecretString="a third key, twice rotated")
        installation.start_functions_anew("AuthorizeFunction", "RecordsFunction")
        assert _refused(installation, visit.token) == 403
        assert _why(installation, visit.interaction, visit.token) == (401, "token_invalid")
    finally:
        installation.secrets.put_secret_value(SecretId=secret, SecretString=old)
        installation.start_functions_anew("AuthorizeFunction", "RecordsFunction")


def test_no_token_is_in_any_log_or_address(installation: Installation) -> None:
    with installation.conversation("tokens", "alice") as (chat, guest, _):
        renewed = guest.call("join")["token"]
        _refused(installation, chat.token, origin="https://evil.example")
        installation.http.record(chat.interaction, chat.token)
        assert "token" not in chat.websocket_url
    secrets = [chat.token, renewed, installation.access_token("alice")]
    lines = "\n".join(_log_lines(installation))
    assert "socket_refused" in lines, "the logs are read"
    assert not [secret[:12] for secret in secrets if secret in lines or secret.split(".")[2] in lines]


def _log_lines(installation: Installation) -> Iterator[str]:
    logs: Any = installation.stack.session.client("logs", endpoint_url=installation.stack.endpoint)
    for group in logs.describe_log_groups()["logGroups"]:
        name = group["logGroupName"]
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name):
            yield from (event["message"] for event in page["events"])


def test_a_token_in_the_address_opens_nothing(installation: Installation, visit: Visit) -> None:
    url = f"{installation.stack.websocket_url}?token={visit.token}"
    with pytest.raises(InvalidStatus), connect(url, subprotocols=[Subprotocol(SUBPROTOCOL)], proxy=None):
        pass
    path = f"/v1/interactions/{visit.interaction}?token={visit.token}"
    assert installation.http.call("GET", path).status == 401
