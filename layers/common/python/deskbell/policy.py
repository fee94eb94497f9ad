"""Who may do what to a conversation.

Another's conversation is `not_found` to everyone who may not see it, so that nobody learns which ones exist.
"""

from deskbell.configuration import Configuration
from deskbell.errors import ChatEndedError, ForbiddenError, NotAssignedError, NotFoundError
from deskbell.identity import STAFF_ROLES, AgentIdentity, GuestIdentity, Identity
from deskbell.interaction import Interaction
from deskbell.message_log import Visibility

NO_SUCH_CONVERSATION = "There is no such conversation."


def check_own(identity: Identity, interaction: str) -> None:
    """Refuse a guest who names a conversation other than its own, before anything is read."""
    if isinstance(identity, GuestIdentity) and identity.interaction != interaction:
        raise NotFoundError(NO_SUCH_CONVERSATION)


def check_sees(
    identity: Identity, interaction: Interaction | None, configuration: Configuration
) -> Interaction:
    """Let a conversation be read by its guest, its assigned agent, and the agents of its queue."""
    if interaction is None:
        raise NotFoundError(NO_SUCH_CONVERSATION)
    check_own(identity, interaction.id)
    if isinstance(identity, AgentIdentity):
        serves = interaction.queue is not None and interaction.queue in queues_served(identity, configuration)
        if not serves and not interaction.is_assigned_to(identity.id):
            raise NotFoundError(NO_SUCH_CONVERSATION)
    return interaction


def check_speaks(identity: Identity, interaction: Interaction, configuration: Configuration) -> None:
    """Let the guest and the assigned agent act in a conversation that is going on."""
    check_sees(identity, interaction, configuration)
    if not interaction.live:
        raise ChatEndedError("This conversation has ended.")
    if isinstance(identity, AgentIdentity) and not interaction.is_assigned_to(identity.id):
        raise NotAssignedError("Only the assigned agent may do this.")


def check_reads_log(identity: Identity, log: Visibility) -> None:
    """Keep work notes among agents."""
    if log == "work_note" and isinstance(identity, GuestIdentity):
        raise ForbiddenError("Work notes are for agents.")


def agent_only(identity: Identity) -> AgentIdentity:
    """Refuse everybody but agents, managers and admins."""
    if not isinstance(identity, AgentIdentity) or not identity.roles & STAFF_ROLES:
        raise ForbiddenError("Only agents may do this.")
    return identity


def guest_only(identity: Identity) -> GuestIdentity:
    """Refuse everybody but a guest."""
    if not isinstance(identity, GuestIdentity):
        raise ForbiddenError("Only the guest may do this.")
    return identity


def queues_served(agent: AgentIdentity, configuration: Configuration) -> frozenset[str]:
    """Give the queues an agent answers: those whose group it is in, as the configuration says now."""
    if not agent.roles & STAFF_ROLES:
        return frozenset()
    return frozenset(queue.id for queue in configuration.queues_of(agent.id))
