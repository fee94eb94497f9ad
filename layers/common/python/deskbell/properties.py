"""The settings that apply to the whole of an installation, each with its default and its meaning."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, cast

from deskbell.errors import FieldError

type Value = bool | int | str

_MOST_SECONDS = 30 * 86_400


def _setting(
    name: str, default: Value, description: str, *, least: int | None = None, most: int | None = None
) -> Any:
    return field(
        default=default,
        metadata={"name": name, "description": description, "least": least, "most": most},
    )


def _seconds(name: str, default: int, description: str) -> Any:
    return _setting(name, default, description, least=1, most=_MOST_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Properties:
    """Every property by attribute, and by its configured name through `[]`. Durations are seconds."""

    max_guest_sessions_per_hour: int = _setting(
        "connect.support.max_guest_sessions_per_hour",
        200,
        "Guest conversations created in any hour; 0 admits none, a negative number is no limit.",
    )
    rate_limit_message: str = _setting(
        "connect.support.guest_sessions_rate_limit_reached_message",
        "Guest Chat is currently not available, please retry later.",
        "What a guest is told when the limit is reached.",
    )
    conversation_limit: int = _setting(
        "connect.support.conversation_limit",
        -1,
        "Conversations an agent may have at once, where the queue does not say; negative: no limit.",
    )
    show_agent_avatar: bool = _setting(
        "connect.support.show_agent_avatar", True, "Whether guests see the agent's picture beside the name."
    )
    idle_delay: int = _seconds(
        "connect.support.idle.delay", 120, "How long a guest may be silent before being asked to stay."
    )
    idle_count_down: int = _seconds(
        "connect.support.idle.count_down", 60, "How long the question stands before the conversation closes."
    )
    support_enabled: bool = _setting(
        "glide.connect.support.enabled", True, "Whether new conversations can start; running ones finish."
    )
    guest_enabled: bool = _setting(
        "deskbell.guest.enabled", True, "Whether guests can start conversations; running ones finish."
    )
    disabled_message: str = _setting(
        "deskbell.guest.disabled_message",
        "Chat is currently switched off.",
        "What a guest is told while chat is switched off.",
    )
    default_form: str = _setting(
        "deskbell.guest.default_form", "help", "The form that the name `default` stands for."
    )
    max_sessions_per_client: int = _setting(
        "deskbell.guest.max_sessions_per_client_per_hour",
        10,
        "Guest conversations one network address may start in any hour; a negative number is no limit.",
    )
    guest_grace: int = _seconds(
        "deskbell.guest.grace_seconds", 120, "How long a guest may be disconnected before the chat closes."
    )
    guest_token_life: int = _seconds(
        "deskbell.guest.token_seconds", 86_400, "How long a guest's token is good for."
    )
    reopen_window: int = _setting(
        "deskbell.guest.reopen_seconds",
        900,
        "How long a guest may reopen a conversation left before an agent came.",
        least=0,
        most=_MOST_SECONDS,
    )
    reopen_limit: int = _setting(
        "deskbell.guest.reopen_limit", 3, "How often one conversation may be reopened.", least=0, most=100
    )
    default_queue: str = _setting(
        "deskbell.routing.default_queue",
        "",
        "The queue of conversations that no rule matches; empty for none.",
    )
    no_match_message: str = _setting(
        "deskbell.routing.no_match_message",
        "There is nobody here for this kind of request, please contact us another way.",
        "What a guest is told when no rule matches and there is no default queue.",
    )
    maximum_wait: int = _seconds(
        "deskbell.queue.maximum_wait_seconds",
        1_800,
        "How long a guest may wait, where the queue does not say.",
    )
    maximum_wait_message: str = _setting(
        "deskbell.queue.maximum_wait_message",
        "We are sorry that nobody could take your request. Please try again later.",
        "What a guest is told whose wait was too long, where the queue does not say.",
    )
    offer_timeout: int = _seconds(
        "deskbell.offer.timeout_seconds",
        30,
        "How long an agent has to accept an offer, where the queue does not say.",
    )
    transfer_timeout: int = _seconds(
        "deskbell.transfer.timeout_seconds", 60, "How long a transfer to an agent stays open."
    )
    heartbeat: int = _setting(
        "deskbell.heartbeat_seconds", 30, "How often clients send a sign of life.", least=5, most=300
    )
    agent_lease: int = _seconds(
        "deskbell.agent.lease_seconds", 90, "How long an agent counts as online after its last frame."
    )
    agent_grace: int = _seconds(
        "deskbell.agent.grace_seconds",
        60,
        "How long a lost agent may take to come back before its chats go on.",
    )
    max_text_characters: int = _setting(
        "deskbell.message.max_characters", 4_000, "Characters of one message.", least=1, most=4_000
    )
    max_frame_bytes: int = _setting(
        "deskbell.frame.max_bytes", 16_384, "Bytes of one frame from a client.", least=1_024, most=32_768
    )
    frame_burst: int = _setting(
        "deskbell.frame.burst", 100, "Frames a connection may send at once.", least=1, most=10_000
    )
    frame_rate: int = _setting(
        "deskbell.frame.rate_per_second", 10, "Frames a second after the burst.", least=1, most=1_000
    )

    def __getitem__(self, name: str) -> Value:
        """The value of a property by its configured name; raises KeyError for an unknown one."""
        value: Value = getattr(self, DEFINITIONS[name].attribute)
        return value

    @classmethod
    def of(cls, values: Mapping[str, Value]) -> "Properties":
        """The properties with these values, by configured name, over the defaults."""
        attributes: dict[str, Any] = {DEFINITIONS[name].attribute: value for name, value in values.items()}
        return cls(**attributes)

    def changed(self) -> dict[str, Value]:
        """Those that differ from their defaults, by configured name."""
        return {name: self[name] for name, it in DEFINITIONS.items() if self[name] != it.default}


@dataclass(frozen=True, slots=True)
class Definition:
    """What is known of a property: its type is its default's."""

    name: str
    attribute: str
    default: Value
    description: str
    least: int | None
    most: int | None


DEFINITIONS: Mapping[str, Definition] = MappingProxyType(
    {
        it.metadata["name"]: Definition(attribute=it.name, default=cast("Value", it.default), **it.metadata)
        for it in fields(Properties)
    }
)

_LONGEST_TEXT = 4_000
_LARGEST = 10**9
_IN_WORDS: Mapping[type[Value], str] = {bool: "true or false", int: "a whole number", str: "a text"}


def errors_in(values: Mapping[str, object], path: str = "properties") -> list[FieldError]:
    """What is wrong with configured values: unknown names, wrong types, numbers out of bounds."""
    errors: list[FieldError] = []
    for name, value in values.items():
        definition = DEFINITIONS.get(name)
        problem = (
            ("unknown_property", "there is no such property")
            if definition is None
            else _problem(definition, value)
        )
        if problem is not None:
            errors.append(FieldError(f"{path}.{name}", *problem))
    return errors


def _problem(definition: Definition, value: object) -> tuple[str, str] | None:
    wanted = type(definition.default)
    if type(value) is not wanted:
        return "invalid_type", f"expects {_IN_WORDS[wanted]}"
    if isinstance(value, int):
        if definition.least is not None and value < definition.least:
            return "out_of_range", f"is at least {definition.least}"
        if definition.most is not None and value > definition.most:
            return "out_of_range", f"is at most {definition.most}"
        if abs(value) > _LARGEST:
            return "out_of_range", "is too large"
    elif isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return "too_long", f"has at most {_LONGEST_TEXT} characters"
    return None
