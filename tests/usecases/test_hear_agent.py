"""Any frame of an agent renews its lease, about once a heartbeat."""

from deskbell.errors import UnavailableError
from deskbell.identity import Caller
from deskbell.recent import Recent
from deskbell.usecases.hear_agent import Heard, hear_agent
from tests.builders.service import NOW, SECOND, Service


def hear(service: Service, caller: Caller, heard: Heard) -> None:
    hear_agent(caller, switchboard=service.switchboard(caller.at), agents=service.agents, heard=heard)


def test_a_frame_extends_the_lease() -> None:
    service = Service()
    service.join(service.agent())
    service.later(30 * SECOND)

    hear(service, service.agent(), Recent(10))

    assert service.at_work().lease_until == NOW + 120 * SECOND


def test_frames_in_between_cost_nothing() -> None:
    service = Service()
    service.join(service.agent())
    heard: Heard = Recent(10)

    for _ in range(60):
        hear(service, service.agent(), heard)
        service.later(SECOND)

    assert service.faults.steps.count("renew") == 3


def test_a_guests_frames_renew_nothing() -> None:
    service = Service()

    hear(service, service.guest_of("CHAT"), Recent(10))

    assert "renew" not in service.faults.steps


def test_a_lease_never_becomes_shorter_and_a_lost_agent_has_none() -> None:
    service = Service()
    service.join(service.agent())
    service.agents.renew("ann", NOW + 10 * SECOND)

    assert service.at_work().lease_until == NOW + 90 * SECOND

    service.agents.lose(service.at_work(), NOW)
    service.later(60 * SECOND)
    hear(service, service.agent(), Recent(10))
    assert service.at_work().lease_until == NOW + 90 * SECOND


def test_a_lost_agents_socket_is_closed_so_that_its_client_joins_again() -> None:
    service = Service()
    service.join(service.agent())
    service.agents.lose(service.at_work(), NOW)

    hear(service, service.agent(), Recent(10))

    assert service.gateway.closed == {"a1"}


def test_a_renewal_that_fails_keeps_no_frame_from_being_served() -> None:
    service = Service()
    service.join(service.agent())
    service.faults.plan("renew", UnavailableError("no answer"))

    hear(service, service.agent(), Recent(10))

    assert service.at_work().lease_until == NOW + 90 * SECOND
