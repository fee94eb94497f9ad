"""Register a socket in a conversation."""

from deskbell.identity import AgentIdentity, Caller
from deskbell.interaction import Interaction
from deskbell.usecases.switchboard import Switchboard


def take_seat(name: str, participant: str, caller: Caller, switchboard: Switchboard) -> Interaction:
    """Add the caller's socket to a conversation that is open to it, and close those that gave way to it.

    Raises NotFoundError.
    """
    surplus: tuple[str, ...] = ()

    def decide(before: Interaction) -> Interaction:
        nonlocal surplus
        agent = caller.identity.id if isinstance(caller.identity, AgentIdentity) else None
        stranger = agent is not None and not before.is_assigned_to(agent)
        if stranger or not (before.live or before.reopenable):
            return before
        after, surplus = before.connect(caller.connection, participant, caller.at)
        return after

    interaction = switchboard.update(name, decide)
    for connection in surplus:
        switchboard.gateway.close(connection)
    return interaction
