"""Queues of waiting conversations, the groups of agents who serve them, and the limits that apply."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from deskbell.bounds import AgentId, Capacity, Count, Html, Id, Length, Name, Seconds, SecondsOrNone, Text
from deskbell.properties import Properties
from deskbell.schedule import Schedule

type Assignment = Literal["pull", "longest_idle", "most_capacity", "round_robin"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Agents by id; they serve the queues that name their group."""

    __pydantic_config__: ClassVar = {"extra": "forbid", "strict": True}

    id: Id
    name: Name
    members: Annotated[tuple[AgentId, ...], Length(0, 5_000)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What is asked of a guest after an agent ended the conversation: a score from 1 to 5 and a comment."""

    __pydantic_config__: ClassVar = {"extra": "forbid", "strict": True}

    id: Id
    name: Name
    question: Text = "How satisfied are you with this conversation?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A place to wait. What is None is as the properties say (`limits`); durations are seconds.

    A queue without a schedule is always open. `escalate_to` names another queue and is what gives agents the
    Escalate action. `wait_without_agents` lets a guest wait while nobody of the group is online.
    `maximum_length` refuses guests beyond it; `wrap_up` keeps offers from an agent after a conversation.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid", "strict": True}

    id: Id
    name: Name
    group: Id
    schedule: Schedule | None = None
    question: Text = "How can I help you?"
    initial_agent_response: Text = (
        "Thank you for contacting support. I am looking into your question now and will be with you shortly."
    )
    not_available_html: Html = "<p>Nobody is available right now. Please try again later.</p>"
    escalate_to: Id | None = None
    assignment: Assignment = "pull"
    offer_timeout: Seconds | None = None
    maximum_wait: Seconds | None = None
    maximum_wait_message: Text | None = None
    maximum_length: Count | None = None
    capacity: Capacity | None = None
    idle_delay: Seconds | None = None
    idle_count_down: Seconds | None = None
    wait_without_agents: bool = True
    wrap_up: SecondsOrNone = 0
    survey: Id | None = None

    def is_open(self, at: int) -> bool:
        """Whether new conversations may start at `at` (epoch milliseconds)."""
        return self.schedule is None or self.schedule.is_open(at)

    def next_opening(self, at: int) -> int | None:
        """The first moment from `at` on when it is open, in epoch milliseconds; None if there is none."""
        return at if self.schedule is None else self.schedule.next_opening(at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What applies in a queue once its own settings and the properties are put together; seconds.

    A negative `capacity` is unlimited.
    """

    offer_timeout: int
    maximum_wait: int
    maximum_wait_message: str
    maximum_length: int | None
    capacity: int
    idle_delay: int
    idle_count_down: int


def limits(queue: Queue, properties: Properties) -> Limits:
    """The queue's own settings where it has them, the properties elsewhere."""

    def own[T](mine: T | None, general: T) -> T:
        return general if mine is None else mine

    return Limits(
        offer_timeout=own(queue.offer_timeout, properties.offer_timeout),
        maximum_wait=own(queue.maximum_wait, properties.maximum_wait),
        maximum_wait_message=own(queue.maximum_wait_message, properties.maximum_wait_message),
        maximum_length=queue.maximum_length,
        capacity=own(queue.capacity, properties.conversation_limit),
        idle_delay=own(queue.idle_delay, properties.idle_delay),
        idle_count_down=own(queue.idle_count_down, properties.idle_count_down),
    )
