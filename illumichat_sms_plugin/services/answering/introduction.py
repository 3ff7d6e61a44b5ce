"""The beginning of the first answer to a number: that an assistant answers, whose it is, and how to opt out."""

from __future__ import annotations

from sqlalchemy import exists, select, update
from sqlalchemy.orm import aliased

from illumichat_sms_plugin.answering_options import MAX_MESSAGE_LENGTH, MIN_MESSAGE_LENGTH
from illumichat_sms_plugin.channel_options import ChannelOptions
from illumichat_sms_plugin.default_words import DEFAULT_INTRODUCTION, WORKSPACE
from illumichat_sms_plugin.models import SmsMessage, SmsSession
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.runtime.host_call import host_call
from illumichat_sms_plugin.services.answering.situation import OpenSession
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.text.reply_text import Cut, fit, fit_for_sms
from illumichat_sms_plugin.text.segments import utf16_units

LONGEST_NAME = 60
LONGEST = 300
"""UTF-16 units of an introduction with the name in it."""


def is_due(channel: Channel, session: OpenSession) -> bool:
    """Whether the next answer has to say what it is."""
    return channel.options.introduce and not session.introduced


def introduction_of(words: str | None, workspace: str) -> str:
    """An introduction in the workspace of this name; the usual one for none."""
    words = (words or "").strip() or DEFAULT_INTRODUCTION
    return fit_for_sms(words.replace(WORKSPACE, fit_for_sms(workspace, LONGEST_NAME)), LONGEST)


def introduction_for(runtime: Runtime, channel: Channel) -> str:
    """The same for a channel; the host is asked for the name."""
    with host_call():
        assistant = runtime.host.assistants.find(channel.assistant_id)
        name = assistant.workspace.name if assistant is not None else ""
    return introduction_of(channel.options.introduction, name)


def introduce(introduction: str, answer: str, options: ChannelOptions) -> Cut:
    """The answer fit for SMS behind its introduction, both within Max Message Length.

    The introduction is never cut. If it leaves less room than the shortest length allowed, the answer still gets
    that length.
    """
    if not introduction:
        return fit(answer, options.max_message_length, offer_more=options.offer_more)
    room = options.max_message_length - utf16_units(introduction) - 1
    said = fit(answer, max(room, MIN_MESSAGE_LENGTH), offer_more=options.offer_more)
    assert LONGEST + MIN_MESSAGE_LENGTH < MAX_MESSAGE_LENGTH  # noqa: S101 - so Twilio takes it
    return Cut(f"{introduction}\n{said.shown}", said.rest) if said.shown.strip() else said


def take_back(session_id: int, message_id: int) -> None:
    """Twilio refused an answer. If it carried the introduction, the next answer carries it again."""
    earlier = aliased(SmsMessage)
    told_before = exists(
        select(earlier.id).where(
            earlier.session_id == session_id,
            earlier.kind == "answer",
            earlier.id < message_id,
            earlier.created_at >= SmsSession.introduced_at,
        )
    )
    with transaction() as connection:
        connection.execute(
            update(SmsSession)
            .where(SmsSession.id == session_id, SmsSession.introduced_at.is_not(None), ~told_before)
            .values(introduced_at=None)
        )
