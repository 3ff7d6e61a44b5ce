"""Send one text: commit it first, send it once, record its outcome.

    start_send    the row is committed as ``sending``, and the texts it answers point to it
    deliver       Twilio is called, outside any transaction
    ``accepted`` | ``failed`` | ``in_doubt``   see outcome.py

A text in doubt is never simply sent again: see settle_doubt.py.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Connection, Row, bindparam, case, insert, select, update

from illumichat_sms_plugin.errors import TwilioInDoubt, TwilioRefused, TwilioThrottled, TwilioUnreachable
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import Direction, SendState, SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.models.base import seconds
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.answering import person_texts
from illumichat_sms_plugin.services.answering.counters import one_answer_more
from illumichat_sms_plugin.services.answering.open_texts import note_answer
from illumichat_sms_plugin.services.answering.outcome import note_acceptance, note_doubt, note_refusal
from illumichat_sms_plugin.services.answering.outgoing import Draft, Outgoing, as_media
from illumichat_sms_plugin.services.answering.pictures import segments_of
from illumichat_sms_plugin.services.answering.rests import keep_rest, note_sent
from illumichat_sms_plugin.services.answering.situation import LONGEST_HELD
from illumichat_sms_plugin.services.answering.taking_over import note_answer_of_a_person
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.services.leases import SessionLease, if_held, named
from illumichat_sms_plugin.services.pauses import is_paused
from illumichat_sms_plugin.twilio_gateway.sending import send_text
from illumichat_sms_plugin.twilio_gateway.values import SentText

logger = logging.getLogger("illumichat_sms.send")

THROTTLE_PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds before each further try after a 429. Each is made up to half as long again, at random."""
SETTLE_MARGIN = 5.0
OPTED_OUT = 21610
"""What Twilio says of a text to somebody who has opted out."""
TOKEN_UNREADABLE = 20003
"""Twilio's own code for credentials that do not work."""

_CLAIM = (
    update(SmsSession)
    .where(*if_held(), SmsSession.opted_out_at.is_(None))
    .values(
        attempts=0,
        retry_at=None,
        crashed=False,
        **one_answer_more(),
        lease_expires_at=db_now(seconds("ttl")),
        apologised_at=case(
            (bindparam("is_apology", type_=Boolean), db_now()), else_=SmsSession.apologised_at
        ),
        introduced_at=case(
            (bindparam("introduces", type_=Boolean), db_now()), else_=SmsSession.introduced_at
        ),
        clarified_at=case((bindparam("asks", type_=Boolean), db_now()), else_=SmsSession.clarified_at),
    )
    .returning(SmsSession.id, SmsSession.channel_id, SmsSession.phone_number)
)
_CLAIM_CONFIRMATION = (
    update(SmsSession)
    .where(*if_held(), SmsSession.opted_out_at.is_not(None), SmsSession.confirm_until > db_now())
    .values(confirm_until=None, lease_expires_at=db_now(seconds("ttl")))
    .returning(SmsSession.id, SmsSession.channel_id, SmsSession.phone_number)
)
"""The one text after an opt-out. Claiming it removes it, so there is never a second one."""
_NEW = (
    insert(SmsMessage)
    .values(
        **{
            name: bindparam(name)
            for name in (
                "channel_id",
                "session_id",
                "kind",
                "from_number",
                "to_number",
                "body",
                "segments",
                "reserved",
                "media",
            )
        },
        direction=Direction.OUTBOUND.value,
        send_state=SendState.SENDING.value,
        check_at=db_now(seconds("bound")),
    )
    .returning(SmsMessage.id, SmsMessage.created_at)
)


class MayNotSend(Exception):  # noqa: N818 - not an error: somebody else goes on, or nobody shall
    """Another worker has the session, or the texter opted out or was erased."""


def call_bound(runtime: Runtime) -> float:
    """Seconds that one call to Twilio may take."""
    return runtime.settings.twilio_connect_timeout + runtime.settings.twilio_read_timeout


def send_bound(runtime: Runtime) -> float:
    """Seconds after which a row that is still ``sending`` counts as abandoned, unless its worker asked for more time."""
    return call_bound(runtime) + SETTLE_MARGIN


def sending_lease(runtime: Runtime) -> float:
    """Seconds for which a worker holds a session while Twilio is called."""
    return send_bound(runtime) + runtime.settings.lease_ttl


def asking_lease(runtime: Runtime) -> float:
    """Seconds for which a worker holds a session while the assistant thinks."""
    return runtime.settings.assistant_timeout + runtime.settings.lease_ttl


def longest_lease(runtime: Runtime) -> float:
    """Seconds for which a worker may hold a session at most."""
    return max(asking_lease(runtime), LONGEST_HELD + sending_lease(runtime))


def start_send(
    connection: Connection,
    runtime: Runtime,
    lease: SessionLease,
    draft: Draft,
    now: datetime | None = None,
) -> Outgoing:
    """Write the row of a text that is about to be sent; raises MayNotSend if it must not be.

    The statement that locks the session also checks the lease and the opt-out. The caller commits all of
    it before it calls Twilio.
    """
    ttl = sending_lease(runtime)
    if draft.kind == "confirm":
        session = connection.execute(_CLAIM_CONFIRMATION, named(lease, ttl=ttl)).first()
    else:
        is_one = {
            "is_apology": draft.kind == "apology",
            "asks": draft.kind == "clarify",
            "introduces": draft.introduces,
        }
        session = connection.execute(_CLAIM, named(lease, ttl=ttl, **is_one)).first()
    if session is None:
        raise MayNotSend
    values = {
        "channel_id": session.channel_id,
        "session_id": session.id,
        "kind": draft.kind,
        "from_number": draft.from_number,
        "to_number": session.phone_number,
        "body": draft.body,
    }
    counted = {
        "reserved": draft.reserved,
        "segments": segments_of(draft.body, draft.media_url),
        "media": as_media(draft.media_url),
        "bound": send_bound(runtime),
    }
    row = connection.execute(_NEW, values | counted).one()
    note_answer(connection, draft, row.id, now)
    if draft.leaves_out:
        of = {"channel_id": session.channel_id, "session_id": session.id}
        keep_rest(connection, message_id=row.id, body=draft.leaves_out, **of)
    if draft.person_text is not None:
        if not person_texts.note_sent(connection, draft.person_text.id, row.id):
            raise MayNotSend
        if not (draft.person_text.is_first or draft.person_text.announces):
            written_at = draft.person_text.written_at
            note_answer_of_a_person(connection, session.id, row.id, written_at=written_at)
    if draft.rest is not None and not note_sent(connection, draft.rest, row.id):
        raise MayNotSend
    return Outgoing(
        id=row.id,
        created_at=row.created_at,
        seconds_left=draft.seconds_left,
        max_price=draft.max_price,
        media_url=draft.media_url,
        **values,
    )


def deliver(
    runtime: Runtime, channel: Channel, message: Outgoing, *, file: Callable[[], bool] | None = None
) -> None:
    """Call Twilio for a row that is committed as ``sending``, and write the outcome down.

    Once Twilio has it, ``file`` puts it into the host's chat and says whether to record that. It is recorded together
    with the acceptance, because each further update of a row costs an entry in most of its indexes.
    """
    try:
        sent = _call_twilio(runtime, channel, message)
    except TwilioInDoubt as error:
        logger.warning("message %s is in doubt: %s", message.id, error)
        note_doubt(message, error, look_in=0.0)
    except (TwilioUnreachable, TwilioThrottled) as error:
        # It can be sent once Twilio can be reached: the same look and the same second try as a doubt.
        logger.warning("message %s could not be handed over: %s", message.id, error)
        note_doubt(message, error, look_in=runtime.settings.settle_interval)
    except TwilioRefused as error:
        logger.warning("message %s was refused (%s): %s", message.id, error.error_code, error)
        note_refusal(channel, message, error)
    else:
        if sent is None:
            logger.warning("message %s: this process stood still, housekeeping looks after it", message.id)
            return
        filed = False
        try:
            filed = file() if file is not None else False
        finally:
            note_acceptance(runtime, channel, message, sent, filed=filed)


def _call_twilio(runtime: Runtime, channel: Channel, message: Outgoing) -> SentText | None:
    """One accepted request at most; only a 429, which sent nothing, is tried again. None when the row is no longer ours."""
    if channel.credentials is None:
        raise TwilioRefused(
            say("The stored Auth Token cannot be read. Enter it again."), error_code=TOKEN_UNREADABLE
        )
    if not channel.is_confirmed:
        raise TwilioRefused(
            say("Twilio has not accepted the stored credentials."), error_code=TOKEN_UNREADABLE
        )
    if channel.paused:
        raise TwilioRefused(say("The channel's sending is paused."))
    client = runtime.twilio.get(channel.credentials)
    pauses = iter(THROTTLE_PAUSES)
    started = claimed_at = time.monotonic()
    while True:
        if time.monotonic() - claimed_at > SETTLE_MARGIN and not _keep(runtime, message, 0.0):
            return None
        try:
            return send_text(
                client,
                from_number=message.from_number,
                to_number=message.to_number,
                body=message.body,
                status_callback=f"{runtime.settings.status_url(channel.assistant_id)}?m={message.id}",
                max_price=message.max_price,
                media_url=message.media_url,
                validity_period=_validity_period(message.seconds_left - (time.monotonic() - started)),
            )
        except TwilioThrottled:
            pause = next(pauses, 0.0) * (1 + random.random() / 2)  # noqa: S311 - jitter
            if not pause or not _keep(runtime, message, pause):
                raise
            time.sleep(pause)
            if is_paused(channel.id):
                raise TwilioRefused(say("The channel's sending was paused meanwhile.")) from None
            opted_out = _has_opted_out(message)
            if message.kind == "confirm" and not opted_out:
                raise TwilioRefused(say("The texter opted in meanwhile.")) from None
            if message.kind != "confirm" and opted_out:
                raise TwilioRefused(say("The texter opted out meanwhile."), error_code=OPTED_OUT) from None
            claimed_at = time.monotonic()


def _validity_period(seconds_left: float) -> int:
    """How long Twilio may hold the text back (seconds): a stale reply helps nobody."""
    return int(min(max(seconds_left, 10), 36000))


def _has_opted_out(message: Outgoing) -> bool:
    opted_out = select(SmsSession.id).where(
        SmsSession.id == message.session_id, SmsSession.opted_out_at.is_not(None)
    )
    with transaction() as connection:
        return connection.execute(opted_out).first() is not None


def _keep(runtime: Runtime, message: Outgoing, pause: float) -> bool:
    """Keep the row for ``pause`` seconds and one more call; False when it is no longer ours."""
    with transaction() as connection:
        kept = connection.execute(
            update(SmsMessage)
            .where(SmsMessage.id == message.id, SmsMessage.send_state == SendState.SENDING)
            .values(check_at=db_now(pause + send_bound(runtime)))
            .returning(SmsMessage.id)
        ).first()
    return kept is not None


def read_message(message_id: int) -> Row[Any] | None:
    """A message as it stands now."""
    with transaction() as connection:
        return connection.execute(select(SmsMessage.__table__).where(SmsMessage.id == message_id)).first()
