"""Whatever comes in gets a typed answer, changes nothing, and the next good frame works."""

import time
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.builders.installation import Installation
from tests.clients.http import Answer, Visit
from tests.clients.socket import Frame, Socket
from tests.clients.ulid import ulid
from tests.stack.inputs import DOCUMENT, FRAMES, REQUESTS, SUBMISSIONS, Input, document

ODD_TEXTS = (
    "a\x00b",
    "\u05e9\u05dc\u05d5\u05dd \u202eevil\u202c \u0645\u0631\u062d\u0628\u0627",
    "👩🏽‍💻🏳️‍🌈🇺🇳 e\u0301 \u1112\u1161\u11ab",
    "<script>alert(1)</script> &amp; ${x} {{x}} %s \\u0041",
    "\u2028\u2029\ufeff\ufffd\U0010ffff",
    "line\r\nline\n\ttab ",
)


@pytest.fixture(scope="module")
def talk(installation: Installation) -> Iterator[tuple[Visit, Socket, Socket]]:
    with installation.conversation("frames", "alice") as conversation:
        yield conversation


@pytest.fixture
def chat(talk: tuple[Visit, Socket, Socket]) -> Visit:
    return talk[0]


def test_the_document_lists_these_inputs() -> None:
    assert DOCUMENT.read_text() == document(), "python -m tests.stack.inputs writes it"


@pytest.mark.parametrize("case", FRAMES, ids=lambda case: case.words)
def test_a_bad_frame_is_answered_and_changes_nothing(
    installation: Installation, chat: Visit, case: Input
) -> None:
    before = installation.http.log(chat.interaction, chat.token)
    with installation.open(chat.token) as guest:
        sent = case.sent.replace("$chat", chat.interaction) if isinstance(case.sent, str) else case.sent
        if needs_a_seat(case):
            guest.call("join")
            guest.next_frame()
        guest.send(sent)
        if case.code.startswith("closed with"):
            assert f"closed with {guest.await_close()}" == case.code
        else:
            answer = guest.next_frame()
            assert (answer["type"], answer["code"]) == ("error", case.code), answer
            assert [problem["field"] for problem in answer.get("errors", ())] == (
                [case.field] if case.field else []
            )
            assert guest.call("ping")["type"] == "pong"
    assert installation.http.log(chat.interaction, chat.token) == before


def needs_a_seat(case: Input) -> bool:
    """Refusals without a reply are pushed, which needs nothing; a cursor is kept of participants."""
    return isinstance(case.sent, str) and '"read"' in case.sent


@pytest.mark.parametrize("case", SUBMISSIONS, ids=lambda case: case.words)
def test_a_bad_submission_is_answered_with_a_problem(installation: Installation, case: Input) -> None:
    assert isinstance(case.sent, bytes)
    path = "/v1/forms/default/submissions"
    _check(installation.http.call("POST", path, raw=case.sent, headers={"idempotency-key": ulid()}), case)


@pytest.mark.parametrize("case", REQUESTS, ids=lambda case: case.words)
def test_a_bad_request_is_answered_with_a_problem(
    installation: Installation, chat: Visit, case: Input
) -> None:
    assert isinstance(case.sent, str)
    method, _, path = case.sent.replace("$chat", chat.interaction).partition(" ")
    token = chat.token if "$chat" in case.sent else None
    _check(installation.http.call(method, path, token=token), case)


def _check(answer: Answer, case: Input) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    assert f"{answer.status} {answer.body['code']}" == case.code, answer
    assert answer.body["status"] == answer.status
    assert ", ".join(problem["field"] for problem in answer.body.get("errors", ())) == case.field


@pytest.mark.parametrize("key", ["1", "x" * 200, "not a key"])
def test_a_bad_idempotency_key_is_named(installation: Installation, key: str) -> None:
    answer = installation.http.submit(key=key)
    assert (answer.status, answer.body["errors"][0]["field"]) == (422, "Idempotency-Key")


def test_odd_texts_arrive_as_they_were_sent(
    installation: Installation, talk: tuple[Visit, Socket, Socket]
) -> None:
    chat, guest, agent = talk
    after = len(installation.http.log(chat.interaction, chat.token))
    for text in ODD_TEXTS:
        sent = guest.call("send", interaction=chat.interaction, id=ulid(), text=text, after=after)
        assert sent["type"] == "sent", sent
        assert agent.expect("message", seq=sent["seq"])["text"] == text
        after = sent["seq"]
    stored = installation.http.log(chat.interaction, chat.token)[-len(ODD_TEXTS) :]
    assert [entry["text"] for entry in stored] == list(ODD_TEXTS)
    page = agent.call("sync", interaction=chat.interaction, after=after - len(ODD_TEXTS))
    assert [entry["text"] for entry in page["items"]] == list(ODD_TEXTS)


def test_the_longest_text_of_four_byte_characters_fits(installation: Installation, chat: Visit) -> None:
    with installation.guest(chat) as guest:
        after = len(installation.http.log(chat.interaction, chat.token))
        text = "𝄞" * 4_000
        sent = guest.call("send", interaction=chat.interaction, id=ulid(), text=text, after=after)
        assert sent["type"] == "sent", sent
        assert installation.http.log(chat.interaction, chat.token)[-1]["text"] == text


def test_after_a_burst_frames_are_told_to_wait_and_change_nothing(
    installation: Installation, chat: Visit
) -> None:
    """Pings first, which are quicker than time earns new frames; what is said behind them comes too soon."""
    with installation.guest(chat) as guest:
        before = installation.http.log(chat.interaction, chat.token)
        said = [
            {
                "action": "send",
                "interaction": chat.interaction,
                "id": ulid(),
                "text": "x",
                "after": len(before),
            }
            for _ in range(30)
        ]
        frames: list[Frame] = [{"action": "ping"}] * 270 + said
        started = time.monotonic()
        for ref, frame in enumerate(frames):
            guest.send({**frame, "ref": ref})
        answers = _answers(guest, len(frames))
        elapsed = time.monotonic() - started
        codes = Counter(answer.get("code", "passed") for answer in answers.values())
        assert set(codes) <= {"passed", "rate_limited", "unavailable"}, codes
        # Time earns ten frames a second, and each container lets four of its own pass, then one a second.
        most = 100 + 10 * (elapsed + 1) + 5 * (4 + elapsed)
        assert 100 <= len(frames) - codes["rate_limited"] <= most, (codes, elapsed)
        refused = {ref for ref, answer in answers.items() if answer.get("code") == "rate_limited"}
        assert refused
        assert all(answers[ref]["retry_after"] >= 1 for ref in refused)
        stored = {entry["id"] for entry in installation.http.log(chat.interaction, chat.token)}
        assert not stored & {frames[ref].get("id") for ref in refused}
        assert stored >= {frame["id"] for frame in answers.values() if frame["type"] == "sent"}
        time.sleep(max(answers[ref]["retry_after"] for ref in refused))
        assert guest.call("ping")["type"] == "pong"


def _answers(guest: Socket, number: int) -> dict[int, Frame]:
    answers: dict[int, Frame] = {}
    while len(answers) < number:
        frame = guest.next_frame(timeout=60)
        if isinstance(frame.get("ref"), int):
            answers[frame["ref"]] = frame
    return answers
