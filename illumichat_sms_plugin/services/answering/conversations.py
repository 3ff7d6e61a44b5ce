"""Where a conversation ends: after a long silence the next text opens a new chat.

A number may have another owner by then, who has no business with what the last one wrote. The assistant never sees the
old chat again; the session keeps all its texts and chats.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection, bindparam, insert, select, text, update

from illumichat_sms_plugin.host import offered
from illumichat_sms_plugin.models import SmsMessage, SmsPastChat, SmsSession, db_now
from illumichat_sms_plugin.models.database import discreet_errors, transaction
from illumichat_sms_plugin.models.message import UNFILED
from illumichat_sms_plugin.models.past_chat import TO_CLOSE
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.runtime.host_call import host_call
from illumichat_sms_plugin.services.answering.situation import Situation

logger = logging.getLogger("illumichat_sms.chat")

BATCH = 50
"""Chats of which the host is told in one round."""

LAST_CHAT = (
    select(SmsPastChat.chat_id)
    .where(SmsPastChat.session_id == bindparam("session"))
    .order_by(SmsPastChat.id.desc())
    .limit(1)
)
"""The chat of the conversation before."""


def has_ended(situation: Situation) -> bool:
    """Whether the open texts begin a new conversation: nobody said anything for as long as the channel sets."""
    if situation.channel is None or situation.session.chat_id is None or not situation.texts:
        return False
    days = situation.channel.options.new_chat_after_days
    first = situation.texts[0]
    before = [turn for turn in situation.turns if turn.id < first.id]
    if not days or not before:
        return False
    return first.created_at - max(turn.at for turn in before) > timedelta(days=days)


def end_conversation(connection: Connection, situation: Situation) -> Situation:
    """Leave the chat as it is; what it lacks of the old conversation goes into no other."""
    session = situation.session
    connection.execute(update(SmsSession).where(SmsSession.id == session.id).values(chat_id=None))
    connection.execute(insert(SmsPastChat).values(session_id=session.id, chat_id=session.chat_id))
    connection.execute(
        update(SmsMessage)
        .where(SmsMessage.session_id == session.id, text(UNFILED), SmsMessage.id < situation.texts[0].id)
        .values(in_chat=True)
    )
    logger.info("session %s: a new conversation begins after a long silence", session.id)
    return replace(situation, session=replace(session, chat_id=None, chat_before=session.chat_id))


def tell_of_ended(runtime: Runtime) -> int:
    """Tell the host which chats have ended, if it wants to know; returns how many were dealt with."""
    close = offered(runtime.host.chats, "close")
    with transaction() as connection:
        ended = connection.execute(
            select(SmsPastChat.id, SmsPastChat.chat_id)
            .where(text(TO_CLOSE))
            .order_by(SmsPastChat.id)
            .limit(BATCH)
        ).all()
    for chat in ended:
        if close is not None:
            try:
                with discreet_errors(), host_call():
                    close(chat.chat_id)
            except (
                Exception
            ):  # the host's code may raise anything; a chat that it cannot close stays as it is
                logger.exception("the host could not close a chat whose conversation has ended")
        with transaction() as connection:
            connection.execute(
                update(SmsPastChat).where(SmsPastChat.id == chat.id).values(closed_at=db_now())
            )
    return len(ended)
