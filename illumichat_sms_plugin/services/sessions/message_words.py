"""What happened to a text, in words for the people who look at the session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Row

from illumichat_sms_plugin.models import Direction, NoReply, SendState
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
_TEST = Words("Test of the Doctor", "info", "Sent by the Doctor to itself; it is in no figure.")

_STATUS: dict[str, Words] = {
    "scheduled": Words("Scheduled", "info", "Twilio will send it later."),
    "accepted": Words("With Twilio", "info", "Twilio has taken it and is choosing a sender."),
    "queued": Words("With Twilio", "info", "Twilio has it in its queue."),
    "sending": Words("Being sent", "info", "Twilio is handing it to the carrier."),
    "sent": Words("Sent", "info", "The carrier has it; no word from the phone yet.", ticks=1),
    "partially_delivered": Words("Partly delivered", "warn", "Some of its segments reached the phone."),
    "delivered": Words("Delivered", "good", "It reached the phone.", ticks=2),
    "read": Words("Read", "good", "It was read.", ticks=2),
    "undelivered": Words("Not delivered", "bad"),
    "failed": Words("Failed", "bad"),
    "canceled": Words("Cancelled", "warn", "It was cancelled at Twilio before it was sent."),
}

_SEND_STATE: dict[str, Words] = {
    SendState.SENDING: Words("Being handed to Twilio", "info"),
    SendState.IN_DOUBT: Words(
        "Being looked up",
        "warn",
        "Twilio gave no clear response. We are looking in Twilio's list whether it was sent; it is not sent twice.",
    ),
    SendState.UNSETTLED: Words(
        "Waiting for your decision",
        "bad",
        "It is not known whether Twilio sent this text: no clear response came, and it is not in Twilio's list.",
        "Resend it if the texter should have it, even if it may be a second time; else dismiss it.",
    ),
    SendState.DISMISSED: Words("Dismissed", "", "An admin decided to leave it."),
    SendState.FAILED: Words("Not sent", "bad"),
}


def no_reply_words(reason: str) -> Words:
    """Why an inbound text got no answer."""
    if reason == NoReply.TEST:
        return _TEST
    known = explain_reason(reason)
    return Words(f"No answer: {known.title}", _NO_REPLY_TONES.get(reason, ""), known.sentence, known.advice)


def status_words(status: str) -> Words:
    """Twilio's message status."""
    return _STATUS.get(status) or Words(f"Twilio says “{status}”", "")


def message_words(message: Row[Any]) -> Words:
    """The state of one row of ``sms_messages``."""
    if message.direction == Direction.INBOUND:
        if message.no_reply_reason:
            return no_reply_words(message.no_reply_reason)
        return Words("Answered", "good") if message.answer_id else Words("Waiting for its answer", "info")
    if message.send_state != SendState.ACCEPTED:
        words = _SEND_STATE.get(message.send_state) or Words("Unknown", "warn")
        return _with_error(words, message.error_code) if message.send_state == SendState.FAILED else words
    words = status_words(message.status or "queued")
    return _with_error(words, message.error_code) if words.tone == "bad" else words


def _with_error(words: Words, code: int | None) -> Words:
    known = explain(code)
    return Words(words.label, words.tone, known.sentence, known.admin_action, known.link)
