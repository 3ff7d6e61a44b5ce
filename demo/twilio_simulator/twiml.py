"""What the answer of an inbound webhook asks for: texts to send back, or an entry in the debugger.

https://www.twilio.com/docs/messaging/twiml
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

from demo.twilio_simulator.webhook_client import WebhookAnswer

_XML_TYPES = frozenset({"text/xml", "application/xml", "application/rss+xml"})


@dataclass(frozen=True)
class Reply:
    """One text to send back. Empty ``to`` and ``from_`` mean: the other way round."""

    body: str
    created_by: str
    to: str = ""
    from_: str = ""
    media: tuple[str, ...] = ()
    status_callback: str = ""


@dataclass(frozen=True)
class Instructions:
    """Replies, and what the debugger shows as (code, level, sentence)."""

    replies: tuple[Reply, ...] = ()
    problems: tuple[tuple[int, str, str], ...] = field(default=())

    @property
    def unusable(self) -> bool:
        """Whether Twilio would now call the fallback URL."""
        return any(level == "error" for _, level, _ in self.problems)


def read_answer(answer: WebhookAnswer) -> Instructions:
    """Understand a 2xx answer as Twilio does; a plain text body is sent to the phone."""
    if answer.too_large:
        return _problem(11750, "error", "the TwiML is larger than 64 KB")
    kind, _, rest = answer.content_type.partition(";")
    kind = kind.strip().lower()
    if not answer.body.strip():
        return _read_nothing(answer, kind)
    if kind == "text/plain":
        text = answer.body.decode(_charset(rest), "replace")
        return Instructions(replies=(Reply(text, "text/plain"),))
    if kind in _XML_TYPES:
        return _read_twiml(answer.body)
    return _problem(12300, "warning", f"the content type {kind or '(none)'} is not TwiML")


def _read_nothing(answer: WebhookAnswer, kind: str) -> Instructions:
    if answer.chunked:
        return _problem(11770, "error", "a chunked answer without a body")
    if not kind and answer.status != 204:
        return _problem(11200, "warning", "an empty answer without a content type")
    return Instructions()


def _charset(rest: str) -> str:
    return "latin-1" if "iso-8859-1" in rest.lower() else "utf-8"


def _problem(code: int, level: str, sentence: str) -> Instructions:
    return Instructions(problems=((code, level, sentence),))


def _read_twiml(body: bytes) -> Instructions:
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        return _problem(12100, "error", "the document has a document type")
    try:
        root = ET.fromstring(body)  # noqa: S314 - see above
    except ET.ParseError as error:
        return _problem(12100, "error", f"the document is not XML: {error}")
    if root.tag != "Response":
        return _problem(12200, "error", f"the root is <{root.tag}> instead of <Response>")
    replies, problems = [], []
    for verb in root:
        if verb.tag in ("Message", "Sms"):
            replies.append(_read_message(verb))
        else:
            sentence = f"<{verb.tag}> is not known here; the simulator only follows <Message>"
            problems.append((12200, "warning", sentence))
    return Instructions(tuple(replies), tuple(problems))


def _read_message(verb: ET.Element) -> Reply:
    body = verb.find("Body")
    return Reply(
        body=(body.text if body is not None else verb.text) or "",
        created_by="twiml",
        to=verb.get("to", ""),
        from_=verb.get("from", ""),
        media=tuple(m.text or "" for m in verb.findall("Media")),
        status_callback=verb.get("statusCallback", verb.get("action", "")),
    )
