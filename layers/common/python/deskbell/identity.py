"""Who is asking: a guest bound to one interaction, or an agent with roles."""

from dataclasses import dataclass
from typing import Literal

type Role = Literal["guest", "agent", "system"]

GUEST: Literal["guest"] = "guest"


@dataclass(frozen=True, slots=True)
class Guest:
    """The bearer of a guest token; `expires_at` is epoch milliseconds."""

    interaction: str
    expires_at: int

    @property
    def name(self) -> str:
        """The participant name under which connections and entries of a guest are kept."""
        return GUEST


@dataclass(frozen=True, slots=True)
class Agent:
    """A signed-in agent; `id` is the Cognito username, `roles` its Cognito groups."""

    id: str
    roles: frozenset[str]
    expires_at: int

    @property
    def name(self) -> str:
        """The participant name under which connections and entries of an agent are kept."""
        return self.id


type Identity = Guest | Agent
