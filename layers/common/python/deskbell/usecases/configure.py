"""Apply a configuration: validate the whole of it, store it as a new version, make that the current one."""

from deskbell.configuration import Configuration
from deskbell.errors import ConflictError
from deskbell.ports import ConfigurationStore


def apply_configuration(
    document: object, *, store: ConfigurationStore, expected_version: int | None = None
) -> Configuration:
    """Make `document` the current configuration; kinds that it leaves out go back to what ships.

    Without `expected_version` it replaces whatever version is current when this starts. An unchanged document
    makes no new version. Raises InvalidFieldError naming every mistake, ConflictError when another version
    has become current meanwhile.
    """
    current = store.stored()
    if expected_version is not None and current.version != expected_version:
        raise ConflictError(f"The configuration is at version {current.version}, not {expected_version}.")
    wanted = Configuration.from_document(document, current.version)
    if wanted.changes() == current.changes():
        return current
    return Configuration.trusted(wanted.to_document(), store.save(wanted.changes(), current.version))
