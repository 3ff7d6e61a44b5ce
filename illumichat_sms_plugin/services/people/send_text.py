"""Send a texter what a person has written: kept here and now, sent by the session's next worker.

So it takes the way of every answer: its order, the consent barrier, the limits, and what follows when Twilio gives no
clear response.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, text

from illumichat_sms_plugin.destinations import Destination, destination
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.models import SmsPersonText, SmsSession, db_now
from illumichat_sms_plugin.models.database import insert_or_conflict, transaction
from illumichat_sms_plugin.models.person_text import WAITING
from illumichat_sms_plugin.phone_number import SenderKind, parse_sender
from illumichat_sms_plugin.picture_address import public_picture
from illumichat_sms_plugin.refusals import LONGEST, SENTENCES, Refusal, SendFacts, why_refused
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.answering.person_texts import NEWEST_TEXTED
from illumichat_sms_plugin.services.answering.pictures import can_send_pictures
from illumichat_sms_plugin.services.answering.suggesting import Why, lapse
from illumichat_sms_plugin.services.answering.taking_over import let_a_person_answer
from illumichat_sms_plugin.services.channels import Channel, load_channel_by_id
from illumichat_sms_plugin.services.people.handling import tell_the_host
from illumichat_sms_plugin.text.segments import utf16_units
from illumichat_sms_plugin.twilio_gateway.webhook_forms import clean_text

MAX_KEY = 80
MAX_WAITING = 20
"""Texts by people that may wait for a worker in one session."""
STANDING = select(
    SmsSession.__table__,
    db_now().label("now"),
    select(func.count())
    .select_from(SmsPersonText)
    .where(SmsPersonText.session_id == SmsSession.id, text(WAITING))
    .scalar_subquery()
    .label("waiting"),
)
"""What :func:`facts_of` looks at."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The text is kept and goes out once. ``id`` is its own, the same for the same key."""

    id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The text does not go out. ``sentence`` says why, for the person who wrote it."""

    reason: Refusal
    sentence: str = field(default="")
    not_before: datetime | None = None
    """From when on a first text may be sent that is refused at night."""

    @classmethod
    def because(cls, reason: Refusal) -> Refused:
        """With the reason's sentence."""
        return cls(reason, SENTENCES[reason])


def send_text(
    runtime: Runtime, session_id: int, body: str, *, by: Person, key: str, media_url: str = ""
) -> Sent | Refused:
    """Keep ``body`` to be sent, and take the session over by that. The same ``key`` sends nothing twice.

    ``media_url`` is a picture that goes out with it; Twilio is asked whether the number can send one.
    """
    body, key = tidy(body), stored_key(key)
    with transaction() as connection:
        earlier = _kept(connection, session_id, key)
    if earlier is not None:
        return as_result(earlier)
    media_url = media_url.strip()
    reason = why_not_these_words(body) or why_not_to(runtime, session_id)
    reason = reason or (why_not_this_picture(runtime, session_id, media_url) if media_url else None)
    if reason is not None:
        return Refused.because(reason)
    with transaction() as connection:
        session = let_a_person_answer(connection, session_id, by=by.name[:200], wrote=True)
        if session is None:
            return Refused.because(Refusal.NOT_SMS)
        kept = _keep(connection, session, body, by, key, media_url or None)
        lapse(connection, session.id, Why.PERSON)
    tell_the_host(runtime, session, by)
    runtime.queue.answer_session(session.id, session.channel_id)
    return as_result(kept)


def tidy(body: str) -> str:
    """The text as it is kept and sent."""
    return clean_text(body).replace("\r\n", "\n").strip()


def stored_key(key: str) -> str:
    """No key is one of its own, and two long ones are never the same: else a text would be lost as a repetition."""
    key = clean_text(key)
    if not key:
        return secrets.token_hex(16)
    return key if len(key) <= MAX_KEY else hashlib.sha256(key.encode()).hexdigest()


def why_not_to(runtime: Runtime, session_id: int) -> Refusal | None:
    """Why a person may not send a texter anything now, or None."""
    with transaction() as connection:
        session = connection.execute(STANDING.where(SmsSession.id == session_id)).first()
    if session is None:
        return Refusal.NOT_SMS
    return why_refused(facts_of(runtime, session, load_channel_by_id(runtime, session.channel_id)))


@dataclass(frozen=True, slots=True)
class Unsent:
    """What a person wrote and is no message: it waits for a worker, or was ``refused`` with a sentence."""

    body: str
    by: str
    at: datetime
    refused: str | None


def texts_not_sent(session_id: int) -> list[Unsent]:
    """The newest such texts of a session, the oldest first."""
    wanted = (
        select(SmsPersonText.__table__)
        .where(SmsPersonText.session_id == session_id, SmsPersonText.message_id.is_(None))
        .order_by(SmsPersonText.id.desc())
        .limit(MAX_WAITING)
    )
    with transaction() as connection:
        rows = connection.execute(wanted).all()
    return [
        Unsent(row.body, row.by_name, row.created_at, row.refused and SENTENCES[Refusal(row.refused)])
        for row in reversed(rows)
    ]


def facts_of(runtime: Runtime, session: Row[Any], channel: Channel | None) -> SendFacts:
    """What is known of sending something to a session's texter now."""
    number = session.phone_number
    is_phone = parse_sender(number).kind is SenderKind.PHONE
    known = channel is not None and is_phone
    return SendFacts(
        is_phone=is_phone,
        opted_out=session.opted_out_at is not None,
        blocked=session.blocked_at is not None,
        connected=channel is not None,
        accepted=channel is None or channel.may_answer,
        enabled=channel is None or channel.options.enabled,
        paused=channel is not None and channel.paused is not None,
        destination=destination(number, channel.phone_number, channel.options.countries)
        if channel is not None and known
        else Destination.ANSWERED,
        texts_left=session.waiting < MAX_WAITING and _texts_left(runtime, session, channel),
    )


def _texts_left(runtime: Runtime, session: Row[Any], channel: Channel | None) -> bool:
    if channel is None:
        return True
    settings, options = runtime.settings, channel.options
    per = (
        (session.hour_from, timedelta(hours=1), session.hour_answers, settings.answers_per_hour, options.answers_per_hour),
        (session.day_from, timedelta(days=1), session.day_answers, settings.answers_per_day, options.answers_per_day),
    )  # fmt: skip
    return all(
        begun is None or session.now - begun >= period or used < min(most, own)
        for begun, period, used, most, own in per
    )


def why_not_these_words(body: str) -> Refusal | None:
    """Why nobody can be sent this, whoever it is, or None."""
    if not body:
        return Refusal.EMPTY
    return Refusal.TOO_LONG if utf16_units(body) > LONGEST else None


def why_not_this_picture(runtime: Runtime, session_id: int, media_url: str) -> Refusal | None:
    """Why a picture cannot go out to this session's texter, or None."""
    if public_picture(media_url) is None:
        return Refusal.PICTURE
    with transaction() as connection:
        row = connection.execute(
            select(SmsSession.channel_id, NEWEST_TEXTED.scalar_subquery().label("texted")).where(
                SmsSession.id == bindparam("session")
            ),
            {"session": session_id},
        ).one()
    channel = load_channel_by_id(runtime, row.channel_id)
    can = channel is not None and can_send_pictures(runtime, channel, row.texted or channel.phone_number)
    return None if can else Refusal.NO_MMS


def _kept(connection: Connection, session_id: int, key: str) -> Any:
    found: Any = connection.execute(
        select(SmsPersonText.id, SmsPersonText.refused).where(
            SmsPersonText.session_id == session_id, SmsPersonText.key == key
        )
    ).first()
    return found


def _keep(  # noqa: PLR0917 - what is kept
    connection: Connection, session: Row[Any], body: str, by: Person, key: str, media_url: str | None
) -> Any:
    """Once, also when two with the same key come at the same moment."""
    kept = insert_or_conflict(connection, SmsPersonText).values(
        channel_id=session.channel_id,
        session_id=session.id,
        key=key,
        body=body,
        by_id=by.id[:128],
        by_name=by.name[:200],
        media_url=media_url,
    )
    connection.execute(kept.on_conflict_do_nothing(index_elements=["session_id", "key"]))
    row = _kept(connection, session.id, key)
    assert row is not None  # noqa: S101 - it was added here, or before
    return row


def as_result(kept: Row[Any]) -> Sent | Refused:
    """What became of it."""
    return Refused.because(Refusal(kept.refused)) if kept.refused else Sent(str(kept.id))
