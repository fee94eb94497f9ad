"""Conversations in a storm: what was acknowledged is in every transcript, whatever is cut, killed or lost.

Both sides speak at once through the reference client, whose sockets are reset in turn. The emulator holds frames up and
lets them overtake each other, delivers some twice, kills functions that have stored a message and told nobody, fails
some pushes and silently loses others. DESKBELL_STORM says how many messages each side has to say.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from random import Random

from tests.builders.installation import Installation, eventually
from tests.clients.http import Visit
from tests.clients.participant import Participant

MESSAGES = int(os.environ.get("DESKBELL_STORM", "10"))
SEED = int(os.environ.get("DESKBELL_STORM_SEED", "7"))
CONVERSATIONS = 3
FAULTS = {
    "delay": 0.25,
    "pause": 0.2,
    "duplicate": 0.15,
    "kill": 0.06,
    "refuse": 0.04,
    "lose": 0.08,
    "seed": SEED,
}


@dataclass(frozen=True)
class Storm:
    """Guests, each with its participant, and the one agent of them all."""

    guests: dict[str, tuple[Visit, Participant]]
    agent: Participant
    said: dict[tuple[str, str], list[str]]


def test_every_transcript_equals_the_log_after_a_storm(installation: Installation, chaos: Path) -> None:
    with _conversations(installation) as storm:
        with _faults(chaos) as struck:
            _rage(storm)
        eventually(lambda: _calm(storm, installation), 60, "everything said is acknowledged and heard")
        connections = [it.connections for it in _everybody(storm)]
        print(f"\n{dict(struck)}, connections {connections}")
        assert min(connections) > 1, "everybody was cut"
        assert min(struck[fault] for fault in ("duplicate", "kill", "lose")) > 0, struck
        for interaction, (visit, guest) in storm.guests.items():
            log = installation.http.log(interaction, visit.token)
            assert [entry["seq"] for entry in log] == list(range(1, len(log) + 1))
            ids = [entry["id"] for entry in log]
            assert not [name for name, times in Counter(ids).items() if times > 1]
            assert len(log) == 3 + 2 * MESSAGES
            for side, participant in (("guest", guest), ("agent", storm.agent)):
                assert participant.failures == []
                transcript = participant.transcripts[interaction]
                assert transcript.contradictions == []
                assert [(entry["seq"], entry["id"], entry["text"]) for entry in transcript.entries[2:]] == [
                    (entry["seq"], entry["id"], entry["text"]) for entry in log[2:]
                ]
                mine = [entry for entry in log[3:] if entry["role"] == side]
                assert [entry["id"] for entry in mine] == storm.said[interaction, side]
                acknowledged = participant.outboxes[interaction].acknowledged
                assert acknowledged == {entry["id"]: entry["seq"] for entry in mine}


@contextmanager
def _conversations(installation: Installation) -> Iterator[Storm]:
    with ExitStack() as at_the_end:
        visits = []
        with installation.agent("bob") as desk:
            for _ in range(CONVERSATIONS):
                visit = installation.waiting("storm")
                assert desk.call("accept", queue="storm")["interaction"] == visit.interaction
                visits.append(visit)
        token = installation.access_token("bob")
        agent = Participant(
            installation.stack.websocket_url, token, [visit.interaction for visit in visits], guest=False
        )
        guests = {visit.interaction: (visit, Participant.of_guest(visit)) for visit in visits}
        for participant in (agent, *(guest for _, guest in guests.values())):
            participant.start()
            at_the_end.callback(participant.stop)
        yield Storm(guests, agent, {})
        for visit in visits:
            with installation.guest(visit) as socket:
                socket.call("end", interaction=visit.interaction)


@contextmanager
def _faults(folder: Path) -> Iterator[Counter[str]]:
    log, wanted = folder / "injected.log", folder / "faults.json"
    log.write_text("")
    wanted.write_text(json.dumps(FAULTS))
    struck: Counter[str] = Counter()
    try:
        yield struck
    finally:
        wanted.unlink()
        struck.update(log.read_text().split())


def _rage(storm: Storm) -> None:
    everybody = _everybody(storm)
    for turn in range(MESSAGES):
        for interaction, (_, guest) in storm.guests.items():
            for side, participant in (("guest", guest), ("agent", storm.agent)):
                said = storm.said.setdefault((interaction, side), [])
                said.append(participant.say(interaction, f"{side} says {turn}"))
    rng, deadline, cuts = Random(SEED), time.monotonic() + 120, cycle(everybody)
    while any(len(outbox) for it in everybody for outbox in it.outboxes.values()):
        assert time.monotonic() < deadline, "what was said is not acknowledged"
        time.sleep(rng.uniform(0.2, 0.8))
        next(cuts).cut()


def _everybody(storm: Storm) -> list[Participant]:
    return [storm.agent, *(guest for _, guest in storm.guests.values())]


def _calm(storm: Storm, installation: Installation) -> bool:
    heads = {
        interaction: len(installation.http.log(interaction, visit.token))
        for interaction, (visit, _) in storm.guests.items()
    }
    everybody = _everybody(storm)
    return all(it.idle for it in everybody) and all(
        transcript.head >= heads[interaction]
        for it in everybody
        for interaction, transcript in it.transcripts.items()
    )
