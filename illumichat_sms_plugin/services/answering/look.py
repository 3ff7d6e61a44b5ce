"""Read what an answer depends on, in one transaction that starts by locking the session.

Everything else that changes the session or its texts (a STOP, an erasure, "Answer again") locks it first, too. So
nothing can change between what is read here and what is written in the same transaction.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Row, Select, bindparam, exists, select, text

from illumichat_sms_plugin.destinations import country_of
from illumichat_sms_plugin.models import (
    SmsChannel,
    SmsMessage,
    SmsRate,
    SmsSession,
    db_now,
)
from illumichat_sms_plugin.models.message import UNFILED, UNFINISHED
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.answering.conversations import LAST_CHAT, LAST_END
from illumichat_sms_plugin.services.answering.loops import TURNS
from illumichat_sms_plugin.services.answering.open_texts import read_texts
from illumichat_sms_plugin.services.answering.person_texts import NEWEST_TEXTED, NEXT_ID, read_next
from illumichat_sms_plugin.services.answering.rests import newest_rest
from illumichat_sms_plugin.services.answering.situation import (
    AnswerInHand,
    Limits,
    OpenSession,
    Situation,
)
from illumichat_sms_plugin.services.channels import COLUMNS, channel_of
from illumichat_sms_plugin.services.further_numbers import belongs_to_a_channel, standings
from illumichat_sms_plugin.services.leases import (
    SessionLease,
    SessionLost,
    holding,
    if_free,
    if_held,
    named,
    once_taken,
    taking,
)

LEAST_TO_CONFIRM = 15.0
"""Seconds that must be left of the five minutes, so that Twilio does not deliver a confirmation after them."""

_SESSION = (
    *(SmsSession.id, SmsSession.channel_id, SmsSession.phone_number),
    *(SmsSession.chat_id, SmsSession.contact_id, SmsSession.attempts, SmsSession.crashed),
    *(SmsSession.hour_from, SmsSession.hour_answers, SmsSession.hour_calls),
    *(SmsSession.day_from, SmsSession.day_answers, SmsSession.day_calls),
    *(SmsSession.blocked_at, SmsSession.machine_at, SmsSession.awake_at),
    *(SmsSession.opted_out_at, SmsSession.retry_at, SmsSession.apologised_at, SmsSession.confirm_until),
    *(SmsSession.introduced_at, SmsSession.person_since, SmsSession.person_by_host),
    SmsSession.suggested_at,
)
_OF_SESSION = SmsMessage.session_id == bindparam("session")
_AROUND: Select[Any] = select(
    *COLUMNS,
    db_now().label("now"),
    select(SmsRate.segment)
    .where(SmsRate.channel_id == bindparam("channel"), SmsRate.country == bindparam("country"))
    .scalar_subquery()
    .label("rate"),
    exists().where(_OF_SESSION, text(UNFINISHED)).label("unfinished_send"),
    exists().where(_OF_SESSION, text(UNFILED)).label("unfiled"),
    belongs_to_a_channel(bindparam("texter")).label("texter_is_a_channel"),
    NEXT_ID.scalar_subquery().label("person_text"),
    LAST_CHAT.scalar_subquery().label("chat_before"),
    LAST_END.scalar_subquery().label("chat_since"),
).where(SmsChannel.id == bindparam("channel"))


@cache
def _free(dialect: str) -> Executable:
    """Lock a session that no worker has; the next step takes its lease. SQLite locks only when it writes, so it takes it now."""
    if dialect == "sqlite":
        return taking(*_SESSION)
    return select(*once_taken(*_SESSION)).where(*if_free()).with_for_update(key_share=True)


@cache
def _holding(dialect: str) -> Executable:
    """Lock the session; the next step writes its lease. SQLite locks only when it writes, so it writes it now."""
    if dialect == "sqlite":
        return holding(*_SESSION)
    return select(*_SESSION).where(*if_held()).with_for_update(key_share=True)


def take_up(
    connection: Connection, runtime: Runtime, lease: SessionLease, *, longest: float
) -> Situation | None:
    """Lock the session if nobody has it, and see how it stands; None while another worker has it.

    The next step takes the lease together with whatever else it writes to the session, because each version of a
    row costs.
    """
    free = _free(connection.dialect.name)
    row = connection.execute(free, named(lease, ttl=runtime.settings.lease_ttl, longest=longest)).first()
    return _see(connection, runtime, row) if row is not None else None


def look_again(
    connection: Connection, runtime: Runtime, lease: SessionLease, *, ttl: float, answer: AnswerInHand
) -> Situation:
    """Look again with an answer in hand; raises SessionLost when another worker has the session."""
    row = connection.execute(_holding(connection.dialect.name), named(lease, ttl=ttl)).first()
    if row is None:
        raise SessionLost
    return _see(connection, runtime, row, answer)


def _see(
    connection: Connection, runtime: Runtime, session: Row[Any], answer: AnswerInHand | None = None
) -> Situation:
    limits = Limits.of(runtime.settings)
    parameters = {
        "session": session.id,
        "channel": session.channel_id,
        "texter": session.phone_number,
        "country": country_of(session.phone_number) or "",
    }
    confirm_for, confirm_from = 0.0, None
    around: Row[Any] = connection.execute(_AROUND, parameters).one()
    this_hour = session.hour_from is not None and around.now - session.hour_from < timedelta(hours=1)
    this_day = session.day_from is not None and around.now - session.day_from < timedelta(days=1)
    texts, turns = read_texts(connection, session.id, turns=TURNS if answer is None else 0)
    if session.opted_out_at is not None and session.confirm_until is not None:
        confirm_for = (session.confirm_until - around.now).total_seconds()
        if confirm_for > LEAST_TO_CONFIRM:
            confirm_from = connection.scalar(NEWEST_TEXTED, parameters)
    person_text = None
    if around.person_text is not None:
        person_text = read_next(connection, session.id, around.person_text)
    texted = {text.to_number for text in texts} | ({confirm_from} if confirm_from else set())
    texted |= {person_text.texted} if person_text and person_text.texted else set()
    further = texted - {around.phone_number}
    return Situation(
        now=around.now,
        session=OpenSession(
            id=session.id,
            channel_id=session.channel_id,
            phone_number=session.phone_number,
            chat_id=session.chat_id,
            chat_before=around.chat_before,
            chat_since=around.chat_since,
            contact_id=session.contact_id,
            opted_out=session.opted_out_at is not None,
            attempts=session.attempts,
            pausing=session.retry_at is not None and session.retry_at > around.now,
            crashed=session.crashed,
            blocked=session.blocked_at is not None,
            introduced=session.introduced_at is not None,
            taken_over=session.person_since is not None and not session.person_by_host,
            silent_host=session.person_by_host,
            suggested=session.suggested_at is not None,
            machine_at=session.machine_at,
            awake_at=session.awake_at,
            confirm_from=confirm_from,
            confirm_for=confirm_for,
            apologised_lately=(
                session.apologised_at is not None
                and around.now - session.apologised_at < timedelta(seconds=runtime.settings.apology_interval)
            ),
        ),
        channel=channel_of(runtime, around),
        texts=texts,
        turns=turns,
        texter_is_a_channel=around.texter_is_a_channel,
        numbers=standings(connection, session.channel_id, further) if further else {},
        answers_last_hour=session.hour_answers if this_hour else 0,
        calls_last_hour=session.hour_calls if this_hour else 0,
        answers_last_day=session.day_answers if this_day else 0,
        calls_last_day=session.day_calls if this_day else 0,
        rate=around.rate,
        unfinished_send=around.unfinished_send,
        unfiled=around.unfiled,
        limits=limits,
        answer=answer,
        person_text=person_text,
        rest=newest_rest(connection, session.id) if any(text.asks_for_more for text in texts) else None,
    )
