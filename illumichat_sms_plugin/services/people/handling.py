"""Take a session over from the assistant, or hand it back."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, text

from illumichat_sms_plugin.host import Person, offered
from illumichat_sms_plugin.models import SmsMessage, SmsPastChat, SmsSession
from illumichat_sms_plugin.models.database import discreet_errors, transaction
from illumichat_sms_plugin.models.message import FOR_PERSON
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.runtime.host_call import host_call
from illumichat_sms_plugin.services import audit
from illumichat_sms_plugin.services.answering.taking_over import (
    let_a_person_answer,
    let_the_assistant_answer,
)
from illumichat_sms_plugin.services.people.announcing import announce

logger = logging.getLogger("illumichat_sms.people")

TAKEN_OVER, HANDED_BACK = "taken_over", "handed_back"


@dataclass(frozen=True, slots=True)
class Handling:
    """Who answers a session. ``waiting`` texts wait for a person's answer."""

    by_person: bool
    person: str | None
    """The name of who took it over; None when nobody has yet, or the assistant answers."""
    since: datetime | None
    why: str | None
    """What the assistant said when it handed off."""
    waiting: int


def find_session_of(chat_id: str) -> int | None:
    """The session that has this chat of the host; None when it is no SMS chat."""
    with transaction() as connection:
        return connection.scalar(
            select(SmsSession.id).where(SmsSession.chat_id == chat_id).order_by(SmsSession.id).limit(1)
        )


def is_past(chat_id: str) -> bool:
    """Whether this chat's conversation has ended, and its texter writes in another."""
    with transaction() as connection:
        found = select(SmsPastChat.id).where(SmsPastChat.chat_id == chat_id).limit(1)
        return connection.scalar(found) is not None


def handling_of(session_id: int) -> Handling | None:
    """Who answers it; None for a session that is not there."""
    waiting = select(func.count()).where(SmsMessage.session_id == SmsSession.id, text(FOR_PERSON))
    wanted = select(
        *(SmsSession.person_since, SmsSession.person_by, SmsSession.person_why),
        waiting.scalar_subquery().label("waiting"),
    ).where(SmsSession.id == session_id)
    with transaction() as connection:
        row = connection.execute(wanted).first()
    if row is None:
        return None
    by_person = row.person_since is not None
    return Handling(by_person, row.person_by, row.person_since, row.person_why, row.waiting)


def take_over(runtime: Runtime, session_id: int, *, by: Person, tell: bool = True) -> bool:
    """Let ``by`` answer in the assistant's place; False when there is no such session.

    ``tell`` the host of it, unless it says so itself.
    """
    before = handling_of(session_id)
    with transaction() as connection:
        session = let_a_person_answer(connection, session_id, by=by.name[:200])
        if session is None:
            return False
        said = (before is None or before.person is None) and announce(connection, session, by)
        if before is None or before.person != by.name[:200]:
            audit.record(connection, session.channel_id, by, TAKEN_OVER, [audit.about("session", session_id)])
    if said:
        runtime.queue.answer_session(session_id, session.channel_id)
    if tell:
        tell_the_host(runtime, session, by)
    return True


def hand_back(
    runtime: Runtime,
    session_id: int,
    *,
    by: Person,
    tell: bool = True,
    unless_after: datetime | None = None,
    stale_after: float | None = None,
) -> bool:
    """Let the assistant answer again, also what nobody has answered in the last ``stale_after`` seconds.

    False when it does already, or a person has taken over or written ``unless_after`` that moment.
    """
    with transaction() as connection:
        if stale_after is None:
            stale_after = runtime.settings.reply_stale_after
        ended = let_the_assistant_answer(
            connection, session_id, stale_after=stale_after, unless_after=unless_after
        )
        if ended is None:
            return False
        session, texts_wait = ended
        audit.record(connection, session.channel_id, by, HANDED_BACK, [audit.about("session", session_id)])
    if tell:
        tell_the_host(runtime, session, None)
    if texts_wait:
        runtime.queue.answer_session(session_id, session.channel_id)
    return True


def tell_the_host(runtime: Runtime, session: Row[Any], person: Person | None) -> None:
    """Who answers the chat from now on, if the host wants to know. What is decided here holds in any case."""
    handled_by = offered(runtime.host.chats, "handled_by")
    if handled_by is None or session.chat_id is None:
        return
    try:
        with discreet_errors(), host_call():
            handled_by(session.chat_id, person)
    except (
        Exception
    ):  # the host's code may raise anything; the session is taken over or handed back all the same
        logger.exception("session %s: the host could not note who answers its chat", session.id)
