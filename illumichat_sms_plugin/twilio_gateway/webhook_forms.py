"""Twilio's webhook forms, parsed once at the edge to plain values.

Only verified requests get here, but a right signature does not make a form sane: Twilio adds
parameters without notice and passes on whatever a phone sent. What cannot be understood is either
survivable (kept in a normal form) or an InvalidInput that names the field.
https://www.twilio.com/docs/messaging/guides/webhook-request
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.message_status import MessageStatus, parse_status
from illumichat_sms_plugin.phone_number import Sender, parse_sender

MESSAGE_SID = re.compile(r"[A-Z]{2}[0-9a-zA-Z]{32}")
ONCE = ("From", "To", "Body", "MessageSid", "AccountSid", "OptOutType", "MessageStatus")
SID_NAMES = ("MessageSid", "SmsSid", "SmsMessageSid")
"""The same under its newer and its older names."""
CONTENT_TYPE = re.compile(r"[a-z]{1,20}/[a-z0-9][a-z0-9.+-]{0,70}(?=[;\s]|$)", re.ASCII)
MAX_BODY_LENGTH = 8000
"""Characters kept of one text; Twilio's own limit is 1600."""
MAX_MEDIA = 10
MAX_URL_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class InboundText:
    """A text that reached one of our numbers."""

    message_sid: str
    sender: Sender
    to_number: str
    body: str
    segments: int
    media: tuple[tuple[str, str], ...]
    """``(url, content type)`` pairs. The address is not called: see media.py."""
    opt_out_type: str | None


@dataclass(frozen=True, slots=True)
class StatusReport:
    """One status callback."""

    message_sid: str
    message_id: int | None
    """Our own id from ``?m=``; None when it is missing or odd."""
    status: MessageStatus
    error_code: int | None
    done_date: str
    """RawDlrDoneDate, part of what makes two callbacks the same."""


def refuse_ambiguous(params: Sequence[tuple[str, str]]) -> None:
    """InvalidInput for a form that says two things at once, which Twilio's never do.

    The signature has no delimiters: what was signed once can be cut anew into other names and values. So each field that
    decides something may come once, and all names of the message must agree. TLS is what keeps requests from being
    captured in the first place.
    """
    given = Counter(name for name, _ in params)
    for name in ONCE:
        if given[name] > 1:
            raise InvalidInput(f"{name} is there more than once.", {name: "More than once."})
    if len({value for name, value in params if name in SID_NAMES and value}) > 1:
        raise InvalidInput(
            "The message has more than one SID.", {"MessageSid": "Differs from the other SIDs."}
        )


def parse_inbound(form: Mapping[str, str]) -> InboundText:
    """Read an inbound webhook's form; InvalidInput when it is not one."""
    return InboundText(
        message_sid=_message_sid(form),
        sender=parse_sender(_required(form, "From")),
        to_number=clean_text(_required(form, "To"))[:64],
        body=clean_text(form.get("Body", ""))[:MAX_BODY_LENGTH],
        segments=_bounded_int(form.get("NumSegments"), low=1, high=200, default=1),
        media=_media(form),
        opt_out_type=form.get("OptOutType"),
    )


def parse_status_report(form: Mapping[str, str], message_id: str | None) -> StatusReport:
    """Read a status callback's form; InvalidInput when it is not one."""
    word = form.get("MessageStatus") or form.get("SmsStatus")
    code = _bounded_int(form.get("ErrorCode"), low=1, high=999_999_999, default=0)
    return StatusReport(
        message_sid=_message_sid(form),
        message_id=_bounded_int(message_id, low=1, high=2**63 - 1, default=0) or None,
        status=parse_status(word),
        error_code=code or None,
        done_date=clean_text(form.get("RawDlrDoneDate", ""))[:16],
    )


def clean_text(text: str) -> str:
    """Without what a database or a JSON encoder refuses: NUL and lone surrogates."""
    return text.replace("\x00", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _message_sid(form: Mapping[str, str]) -> str:
    sid = form.get("MessageSid") or form.get("SmsSid") or ""
    if not MESSAGE_SID.fullmatch(sid):
        raise InvalidInput("MessageSid is missing or is not a SID.", {"MessageSid": "Not a message SID."})
    return sid


def _required(form: Mapping[str, str], name: str) -> str:
    if name not in form:
        raise InvalidInput(f"{name} is missing.", {name: "Missing."})
    return form[name]


def _bounded_int(value: str | None, *, low: int, high: int, default: int) -> int:
    if value is None or not value.isascii() or not value.isdigit() or len(value) > 19:
        return default
    number = int(value)
    return number if low <= number <= high else default


def content_type(given: str) -> str:
    """``type/subtype`` and nothing else, for the assistant reads it; ``file`` for what is none."""
    found = CONTENT_TYPE.match(given.strip().lower())
    return found[0] if found else "file"


def _media(form: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    count = _bounded_int(form.get("NumMedia"), low=0, high=MAX_MEDIA, default=0)
    return tuple(
        (
            clean_text(form.get(f"MediaUrl{n}", ""))[:MAX_URL_LENGTH],
            content_type(form.get(f"MediaContentType{n}", "")),
        )
        for n in range(count)
    )
