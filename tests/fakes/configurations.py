"""The configuration in memory."""

import copy
from dataclasses import dataclass, field

from deskbell.configuration import Configuration, Document
from deskbell.errors import ConflictError, UnavailableError


@dataclass
class ConfigurationTable:
    """What survives a process: every version's document; `down` makes it unreachable."""

    versions: list[Document] = field(default_factory=lambda: [{}])
    down: bool = False


class FakeConfigurations:
    """One process's view of a configuration table, looked at again after five seconds."""

    def __init__(self, table: ConfigurationTable | None = None) -> None:
        self.table = ConfigurationTable() if table is None else table
        self._held: Configuration | None = None
        self._looked_at = 0

    @classmethod
    def of(cls, document: Document) -> "FakeConfigurations":
        """With this document as version 1; it must be valid."""
        changes = Configuration.from_document(document).changes()
        return cls(ConfigurationTable(versions=[{}, changes]))

    def current(self, now: int) -> Configuration:
        if self._held is None or not 0 <= now - self._looked_at < 5_000:
            try:
                self._held = self.stored()
            except UnavailableError:
                if self._held is None:
                    raise
            self._looked_at = now
        return self._held

    def stored(self) -> Configuration:
        if self.table.down:
            raise UnavailableError("The configuration cannot be read.")
        version = len(self.table.versions) - 1
        return Configuration.trusted(copy.deepcopy(self.table.versions[version]), version)

    def save(self, changes: Document, expected_version: int) -> int:
        if self.table.down:
            raise UnavailableError("The configuration cannot be written.")
        if expected_version != len(self.table.versions) - 1:
            raise ConflictError(f"The configuration is no longer at version {expected_version}.")
        self.table.versions.append(copy.deepcopy(changes))
        return expected_version + 1
