"""What happened to a text, in words for the people who look at the session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Row

from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import Direction, NoReply, SendState
from illumichat_sms_plugin.models.message import OTHER
from illumichat_sms_plugin.services.no_reply import explain_reason
from illumichat_sms_plugin.twilio_gateway.error_codes import explain

Tone = Literal["good", "warn", "bad", "info", ""]


@dataclass(frozen=True, slots=True)
class Words:
    """A short label with its tone, and for what went wrong why and what to do."""

    label: str
    tone: Tone = ""
    explanation: str = ""
    action: str = ""
    link: str = ""
    ticks: int = 0
    """As phones show them: one when the carrier has it, two when the phone has."""


_NO_REPLY_TONES: dict[str, Tone] = {
    NoReply.DISABLED: "warn",
    NoReply.STALE: "warn",
    NoReply.RATE_LIMITED: "warn",
    NoReply.MACHINE: "warn",
    NoReply.PAUSED: "warn",
    NoReply.COUNTRY: "warn",
    NoReply.COSTLY_NUMBER: "warn",
    NoReply.NOT_CONNECTED: "warn",
    NoReply.TAKEN_OVER: "info",
    NoReply.LAPSED: "warn",
    NoReply.TEST: "info",
    NoReply.UNCLEAR_WISH: "info",
    NoReply.ASSISTANT_FAILED: "bad",
    NoReply.SEND_FAILED: "bad",
}
"""The others are as they should be."""
_TEST = Words(say("Test of the Doctor"), "info", say("Sent by the Doctor to itself; it is in no figure."))

_OTHER = Words(
    say("Sent by another system"),
    "info",
    say("It went out from this number, but not from here: it is in no figure. The assistant knows of it."),
)

_STATUS: dict[str, Words] = {
    "scheduled": Words(say("Scheduled"), "info", say("Twilio will send it later.")),
    "accepted": Words(say("With Twilio"), "info", say("Twilio has taken it and is choosing a sender.")),
    "queued": Words(say("With Twilio"), "info", say("Twilio has it in its queue.")),
    "sending": Words(say("Being sent"), "info", say("Twilio is handing it to the carrier.")),
    "sent": Words(say("Sent"), "info", say("The carrier has it; no word from the phone yet."), ticks=1),
    "partially_delivered": Words(
        say("Partly delivered"), "warn", say("Some of its segments reached the phone.")
    ),
    "delivered": Words(say("Delivered"), "good", say("It reached the phone."), ticks=2),
    "read": Words(say("Read"), "good", say("It was read."), ticks=2),
    "undelivered": Words(say("Not delivered"), "bad"),
    "failed": Words(say("Failed"), "bad"),
    "canceled": Words(say("Cancelled"), "warn", say("It was cancelled at Twilio before it was sent.")),
}

_SEND_STATE: dict[str, Words] = {
    SendState.SENDING: Words(say("Being handed to Twilio"), "info"),
    SendState.IN_DOUBT: Words(
        say("Being looked up"),
        "warn",
        say(
            "Twilio gave no clear response. We are looking in Twilio's list whether it was sent; it is not sent "
            "twice."
        ),
    ),
    SendState.UNSETTLED: Words(
        say("Waiting for your decision"),
        "bad",
        say(
            "It is not known whether Twilio sent this text: no clear response came, and it is not in Twilio's "
            "list."
        ),
        say("Resend it if the texter should have it, even if it may be a second time; else dismiss it."),
    ),
    SendState.DISMISSED: Words(say("Dismissed"), "", say("An admin decided to leave it.")),
    SendState.FAILED: Words(say("Not sent"), "bad"),
}


def no_reply_words(reason: str) -> Words:
    """Why an inbound text got no answer."""
    if reason == NoReply.TEST:
        return _TEST
    known = explain_reason(reason)
    return Words(
        say("No answer: {reason}", reason=known.title),
        _NO_REPLY_TONES.get(reason, ""),
        known.sentence,
        known.advice,
    )


def status_words(status: str) -> Words:
    """Twilio's message status."""
    return _STATUS.get(status) or Words(say("Twilio says “{status}”", status=status), "")


def message_words(message: Row[Any]) -> Words:
    """The state of one row of ``sms_messages``."""
    if message.direction == Direction.INBOUND:
        if message.no_reply_reason:
            return no_reply_words(message.no_reply_reason)
        return (
            Words(say("Answered"), "good")
            if message.answer_id
            else Words(say("Waiting for its answer"), "info")
        )
    if message.direction == OTHER:
        return _OTHER
    if message.send_state != SendState.ACCEPTED:
        words = _SEND_STATE.get(message.send_state) or Words(say("Unknown"), "warn")
        return _with_error(words, message.error_code) if message.send_state == SendState.FAILED else words
    words = status_words(message.status or "queued")
    return _with_error(words, message.error_code) if words.tone == "bad" else words


def _with_error(words: Words, code: int | None) -> Words:
    known = explain(code)
    return Words(words.label, words.tone, known.sentence, known.admin_action, known.link)
