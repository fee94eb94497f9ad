"""The socket protocol `deskbell.v1`: what clients may send, and what the server says (`docs/asyncapi.yaml`).

Client frames are models that ignore fields they do not know. What the server says is made by `views` and the use
cases.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from deskbell.errors import FieldError, InvalidFieldError
from deskbell.ids import ULID_PATTERN

SUBPROTOCOL = "deskbell.v1"
MAX_SEQ = 999_999_999

type InteractionId = Annotated[
    str, StringConstraints(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z_-]+$")
]
type MessageId = Annotated[str, StringConstraints(pattern=ULID_PATTERN)]
type ShortId = Annotated[str, StringConstraints(min_length=1, max_length=128)]
type Seq = Annotated[int, Field(ge=0, le=MAX_SEQ)]


class ClientFrame(BaseModel):
    """What every client frame has: its action, and a reference that the reply repeats."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    ref: Annotated[str, StringConstraints(max_length=128)] | Annotated[int, Field(ge=0, le=2**53)] | None = (
        None
    )


class Join(ClientFrame):
    """Take one's seat: a guest in its conversation, an agent at its desk."""

    action: Literal["join"]
    after: Seq = 0


class Send(ClientFrame):
    """Say something; `after` is the highest number of that log seen without a gap when this was first sent.

    A work note may name as its `anchor` the highest comment its author had seen.
    """

    action: Literal["send"]
    interaction: InteractionId
    id: MessageId
    text: Annotated[str, StringConstraints(min_length=1)]
    after: Seq = 0
    visibility: Literal["comment", "work_note"] = "comment"
    anchor: Seq | None = None

    @field_validator("text")
    @classmethod
    def _says_something(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("A message needs words.")
        return text


class Sync(ClientFrame):
    """Ask for what came after a number."""

    action: Literal["sync"]
    interaction: InteractionId
    after: Seq = 0
    log: Literal["comment", "work_note"] = "comment"


class Typing(ClientFrame):
    """Show or stop showing that one is writing."""

    action: Literal["typing"]
    interaction: InteractionId
    on: bool


class Read(ClientFrame):
    """Say how far one has received or read."""

    action: Literal["read"]
    interaction: InteractionId
    seq: Annotated[int, Field(ge=1, le=MAX_SEQ)]
    state: Literal["delivered", "read"] = "read"


class Ping(ClientFrame):
    """Keep the connection and, for an agent, the lease."""

    action: Literal["ping"]


class SetPresence(ClientFrame):
    """Choose what others see of an agent."""

    action: Literal["presence"]
    state: Literal["available", "away", "offline"]


class Accept(ClientFrame):
    """Take the next waiting conversation of a queue, or a named one that was offered."""

    action: Literal["accept"]
    queue: ShortId | None = None
    interaction: InteractionId | None = None


class End(ClientFrame):
    """Close a conversation."""

    action: Literal["end"]
    interaction: InteractionId


class Reopen(ClientFrame):
    """Take up again a conversation that was left before anybody answered."""

    action: Literal["reopen"]
    interaction: InteractionId


class Stay(ClientFrame):
    """Answer an idle warning: the guest is still there."""

    action: Literal["stay"]
    interaction: InteractionId


def read_log_name(text: str | None) -> Literal["comment", "work_note"]:
    """Read which log is meant, comments where nothing is said; raises InvalidFieldError."""
    match text:
        case None | "" | "comment":
            return "comment"
        case "work_note":
            return "work_note"
        case _:
            raise InvalidFieldError(
                "There is no such log.", [FieldError("log", "unknown", "comment or work_note")]
            )
