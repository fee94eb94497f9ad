"""Any frame of an agent renews its lease, about once a heartbeat."""

import pytest

from deskbell.identity import Caller
from deskbell.usecases.hear_agent import Heard, hear_agent
from tests.builders.service import NOW, SECOND, Service


def hear(service: Service, caller: Caller, heard: Heard) -> None:
    hear_agent(caller, configuration=service.configuration, agents=service.agents, heard=heard)


def test_a_frame_extends_the_lease() -> None:
    service = Service()
    service.join(service.agent())
    service.later(30 * SECOND)

    hear(service, service.agent(), Heard())

    assert service.at_work().lease_until == NOW + 120 * SECOND


def test_frames_in_between_cost_nothing() -> None:
    service = Service()
    service.join(service.agent())
    heard = Heard()

    for _ in range(60):
        hear(service, service.agent(), heard)
        service.later(SECOND)

    assert service.faults.steps.count("renew") == 3


def test_a_guests_frames_renew_nothing() -> None:
    service = Service()

    hear(service, service.guest_of("CHAT"), Heard())

    assert "renew" not in service.faults.steps


def test_a_lease_never_becomes_shorter_and_a_lost_agent_has_none() -> None:
    service = Service()
    service.join(service.agent())
    service.agents.renew("ann", NOW + 10 * SECOND)

    assert service.at_work().lease_until == NOW + 90 * SECOND

    service.agents.lose(service.at_work(), NOW)
    service.later(60 * SECOND)
    hear(service, service.agent(), Heard())
    assert service.at_work().lease_until == NOW + 90 * SECOND


@pytest.mark.parametrize("most", [1, 3])
def test_what_is_remembered_is_bounded(most: int) -> None:
    heard = Heard(most)
    for number in range(10):
        heard.note(f"agent{number}", NOW + SECOND)

    assert sum(heard.recently(f"agent{number}", NOW) for number in range(10)) == most
    assert heard.recently("agent9", NOW)
