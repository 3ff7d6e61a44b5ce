"""Where a conversation ends: after a long silence the next text opens a new chat.

By then the number may belong to somebody else, who must not learn what the last owner wrote. The assistant never sees
the old chat again. The session keeps all its texts and chats.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from sqlalchemy import Connection, and_, bindparam, insert, or_, select, text, true, update

from illumichat_sms_plugin.host import offered
from illumichat_sms_plugin.models import SmsMessage, SmsPastChat, SmsSession, db_now
from illumichat_sms_plugin.models.database import discreet_errors, transaction
from illumichat_sms_plugin.models.message import PENDING, UNFILED
from illumichat_sms_plugin.models.past_chat import TO_CLOSE
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.runtime.host_call import host_call
from illumichat_sms_plugin.services.answering.loops import Turn
from illumichat_sms_plugin.services.answering.situation import Situation
from illumichat_sms_plugin.services.answering.taking_over import ASSISTANT

logger = logging.getLogger("illumichat_sms.chat")

BATCH = 50
"""Chats of which the host is told in one round."""

_LAST = (
    select(SmsPastChat)
    .where(SmsPastChat.session_id == bindparam("session"))
    .order_by(SmsPastChat.id.desc())
    .limit(1)
)
LAST_CHAT = _LAST.with_only_columns(SmsPastChat.chat_id)
"""The chat of the conversation before."""
LAST_END = _LAST.with_only_columns(SmsPastChat.ended_at)
"""When that ended, and the present one began."""


def beginning(situation: Situation) -> Turn | None:
    """The text, a texter's or another system's, that begins a new conversation: before it, both sides were silent for as long as the channel sets.

    None if the present chat already has it, or began after it: a text that is tried again begins nothing new.
    """
    if situation.channel is None or situation.session.chat_id is None:
        return None
    days = situation.channel.options.new_chat_after_days
    if not days:
        return None
    since = situation.session.chat_since
    for before, turn in pairwise(sorted(situation.turns, key=lambda turn: turn.id)):
        is_new = (turn.inbound or turn.other) and not turn.filed and (since is None or turn.at > since)
        if is_new and turn.at - before.at > timedelta(days=days):
            return turn
    return None


def starts_anew(situation: Situation) -> bool:
    """Whether a text that the host started begins a new conversation: after such a silence the number may be another's."""
    text, turns = situation.person_text, situation.turns
    if text is None or not text.is_first or not turns or situation.session.chat_id is None:
        return False
    days = situation.channel.options.new_chat_after_days if situation.channel else 0
    return bool(days) and situation.now - max(turn.at for turn in turns) > timedelta(days=days)


def end_conversation(connection: Connection, situation: Situation, first: Turn | None) -> Situation:
    """Leave the chat as it is and start over with ``first``, or with what is sent next.

    Older texts that never reached the chat go into no other.

    A takeover of the old conversation does not carry over to the new one.
    """
    session = situation.session
    connection.execute(
        update(SmsSession).where(SmsSession.id == session.id).values(chat_id=None, **ASSISTANT)
    )
    connection.execute(insert(SmsPastChat).values(session_id=session.id, chat_id=session.chat_id))
    connection.execute(
        update(SmsMessage)
        .where(SmsMessage.session_id == session.id, SmsMessage.id < first.id if first else true())
        .where(or_(text(UNFILED), and_(text(PENDING), ~SmsMessage.in_chat)))
        .values(in_chat=True)
    )
    logger.info("session %s: a new conversation begins after a long silence", session.id)
    anew = replace(session, chat_id=None, chat_before=session.chat_id, taken_over=False, silent_host=False)
    return replace(situation, session=anew)


def tell_of_ended(runtime: Runtime) -> int:
    """Tell the host which chats have ended, if it asks for that; returns how many were dealt with."""
    close, handled_by = offered(runtime.host.chats, "close"), offered(runtime.host.chats, "handled_by")
    with transaction() as connection:
        ended = connection.execute(
            select(SmsPastChat.id, SmsPastChat.chat_id)
            .where(text(TO_CLOSE))
            .order_by(SmsPastChat.id)
            .limit(BATCH)
        ).all()
    for chat in ended:
        try:
            with discreet_errors(), host_call():
                if handled_by is not None:
                    handled_by(chat.chat_id, None)
                if close is not None:
                    close(chat.chat_id)
        except Exception:  # the host's code may raise anything; a chat that it cannot close stays as it is
            logger.exception("the host could not close a chat whose conversation has ended")
        with transaction() as connection:
            connection.execute(
                update(SmsPastChat).where(SmsPastChat.id == chat.id).values(closed_at=db_now())
            )
    return len(ended)
