"""What may be done next about a session."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from illumichat_sms_plugin.no_reply import NoReply
from illumichat_sms_plugin.refusals import Refusal
from illumichat_sms_plugin.services.answering.situation import PersonText, StoredRest


class Because(StrEnum):
    """What a session waits for."""

    NOT_CONNECTED = "its channel is not connected"
    EARLIER_SEND = "an earlier answer is not settled yet"
    TOKEN_UNREADABLE = "the stored Auth Token cannot be read"  # noqa: S105 - a reason
    NUMBER_UNKNOWN = "Twilio has not said yet whether the account owns the number that was texted"
    NOT_ACCEPTED = "Twilio does not accept the account, or has not yet"
    PAUSE = "the pause after a failed try is not over"
    FURTHER_TEXTS = "the texter may go on writing"
    OTHER_SUSPECT = "another session whose worker died is tried first"


class PluginWords(StrEnum):
    """Texts of the plugin's own; stored as the message's kind."""

    APOLOGY = "apology"
    CLARIFICATION = "clarify"
    CONFIRMATION = "confirm"


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing now. Whatever it waits for enqueues the session again when it happens; if not, housekeeping does."""

    because: Because


@dataclass(frozen=True, slots=True)
class Close:
    """These texts get no answer. Then decide again about the rest."""

    texts: tuple[int, ...]
    reason: NoReply


@dataclass(frozen=True, slots=True)
class Say:
    """Send a text of the plugin's own instead of an answer to these."""

    words: PluginWords
    texts: tuple[int, ...]
    reason: NoReply


@dataclass(frozen=True, slots=True)
class Confirm:
    """Tell the texter once that no more texts will come: the one text that may follow an opt-out."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Let the assistant answer these."""

    texts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep the answer in hand for a few seconds, for the texter may go on writing. Then look again."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Send:
    """Send the answer in hand, to these."""

    body: str = field(repr=False)
    texts: tuple[int, ...]
    rest: str = field(default="", repr=False)
    """What was cut off of it."""


@dataclass(frozen=True, slots=True)
class Suggest:
    """Let the answer in hand, to these, wait for a person who sends it. Then decide again about the rest."""

    body: str = field(repr=False)
    texts: tuple[int, ...]
    rest: str = field(default="", repr=False)
    """What was cut off of it."""


@dataclass(frozen=True, slots=True)
class SendRest:
    """Send what an earlier answer lost, to those who asked for it. The assistant is not asked."""

    rest: StoredRest
    texts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SendByPerson:
    """Send what a person has written."""

    text: PersonText

    @property
    def texts(self) -> tuple[int, ...]:
        """No text is open: those that wait for a person are closed with that reason."""
        return ()


@dataclass(frozen=True, slots=True)
class Withhold:
    """What a person has written does not go out. Then decide again."""

    text: PersonText
    reason: Refusal


@dataclass(frozen=True, slots=True)
class Finish:
    """Nobody waits for an answer: bring the host's chat up to date, and reset the attempts."""


Move = (
    Wait | Close | Withhold | Say | Confirm | SendByPerson | SendRest | Ask | Hold | Suggest | Send | Finish
)
