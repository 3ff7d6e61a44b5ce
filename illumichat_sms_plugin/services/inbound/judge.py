"""What an inbound text means, and why it gets no answer, as far as the text itself tells. Pure."""

from __future__ import annotations

from typing import Any

from illumichat_sms_plugin.destinations import destination
from illumichat_sms_plugin.no_reply import Facts, NoReply, why_no_reply
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.text.auto_replies import is_auto_reply
from illumichat_sms_plugin.text.keywords import Reading, read_text, twilio_confirms
from illumichat_sms_plugin.text.reactions import is_reaction
from illumichat_sms_plugin.twilio_gateway.webhook_forms import InboundText

Judged = tuple[Reading, NoReply | None]


def judge(channel: Channel, text: InboundText, *, is_test: bool = False) -> dict[bool, Judged]:
    """What the text means, and why it gets no answer, by whether its sender has opted out."""
    same: dict[str, Any] = {
        "sender": text.sender.kind,
        "from_own_number": text.sender.address in (channel.phone_number, text.to_number),
        "is_test": is_test,
        "twilio_confirms": twilio_confirms(text.body, text.opt_out_type),
        "destination": destination(text.sender.address, channel.phone_number, channel.options.countries),
        "is_reaction": is_reaction(text.body),
        "is_auto_reply": is_auto_reply(text.body),
    }
    judged = {}
    for opted_out in (False, True):
        reading = read_text(text.body, text.opt_out_type, opted_out, channel.options.opt_out_words)
        facts = Facts(meaning=reading.meaning, opted_out=opted_out, **same)
        judged[opted_out] = (reading, why_no_reply(facts))
    return judged


def after_clarifying(meaning: str, reason: NoReply | None) -> tuple[str, NoReply | None]:
    """What the text after a clarifying one means: an unclear wish that is said again is a wish."""
    if meaning == "maybe_opt_out" and reason is None:
        return "opt_out", NoReply.PLAIN_WISH
    return meaning, reason
