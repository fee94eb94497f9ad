"""Applying a configuration: all of it or nothing, and never over somebody else's."""

import pytest

from deskbell.errors import ConflictError, InvalidFieldError
from deskbell.usecases.configure import apply_configuration
from tests.fakes.configurations import ConfigurationTable, FakeConfigurations

MEMBERS = {
    "groups": [{"id": name, "name": name, "members": ["ann"]} for name in ("product", "billing", "order")]
}


def test_an_applied_document_is_the_next_version() -> None:
    store = FakeConfigurations()

    applied = apply_configuration(MEMBERS, store=store)

    assert applied.version == 1
    assert store.stored().to_document() == applied.to_document()
    assert [queue.id for queue in store.stored().queues_of("ann")] == ["product", "billing", "order"]


def test_a_document_with_a_mistake_changes_nothing() -> None:
    store = FakeConfigurations()

    with pytest.raises(InvalidFieldError):
        apply_configuration({**MEMBERS, "queues": [{"id": "a", "name": "A", "group": "nobody"}]}, store=store)
    assert store.stored().version == 0


def test_only_what_differs_from_what_ships_is_stored() -> None:
    table = ConfigurationTable()
    store = FakeConfigurations(table)

    apply_configuration({**store.stored().to_document(), **MEMBERS}, store=store)

    assert table.versions[1] == MEMBERS


def test_leaving_everything_out_goes_back_to_what_ships() -> None:
    store = FakeConfigurations.of(MEMBERS)

    assert apply_configuration({}, store=store).version == 2
    assert store.stored().changes() == {}


def test_applying_the_same_again_makes_no_version() -> None:
    store = FakeConfigurations.of(MEMBERS)

    assert apply_configuration(MEMBERS, store=store).version == 1


def test_a_version_that_is_no_longer_current_is_refused() -> None:
    store = FakeConfigurations.of(MEMBERS)

    with pytest.raises(ConflictError):
        apply_configuration({}, store=store, expected_version=0)


def test_of_two_who_apply_at_once_one_is_refused() -> None:
    class Overtaken(FakeConfigurations):
        def save(self, changes: dict[str, object], expected_version: int) -> int:
            super().save({}, expected_version)
            return super().save(changes, expected_version)

    with pytest.raises(ConflictError):
        apply_configuration(MEMBERS, store=Overtaken())
