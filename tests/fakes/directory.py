"""Agents' names in memory."""


class FakeDirectory:
    """`ports.Directory`; who has no name here is shown by username."""

    def __init__(self, names: dict[str, str] | None = None) -> None:
        self.names = {} if names is None else names

    def display_name(self, agent: str) -> str:
        return self.names.get(agent, agent)
