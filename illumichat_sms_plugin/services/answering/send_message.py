"""Send one text: committed first, sent once, its outcome written down.

    start_send    the row is committed as ``sending``, and the texts it answers point to it
    deliver       Twilio is called, outside any transaction
    ``accepted`` | ``failed`` | ``in_doubt``

What is in doubt is never simply sent again: see settle_doubt.py.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from illumichat_sms_plugin.errors import TwilioInDoubt, TwilioRefused, TwilioThrottled, TwilioUnreachable
from illumichat_sms_plugin.models import Direction, NoReply, SendState, SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.changed_hours import mark_all_changed
from illumichat_sms_plugin.services.answering.pending_texts import ASKED_AT
from illumichat_sms_plugin.services.channels import Channel, note_attention
from illumichat_sms_plugin.services.leases import SessionLease
from illumichat_sms_plugin.services.track_delivery import accept, honour_opt_out
from illumichat_sms_plugin.text.segments import count_segments
from illumichat_sms_plugin.twilio_gateway.error_codes import is_opt_out, needs_admin
from illumichat_sms_plugin.twilio_gateway.sending import send_text
from illumichat_sms_plugin.twilio_gateway.values import SentText

logger = logging.getLogger("illumichat_sms.send")

THROTTLE_PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds before the tries after a 429, each stretched at random by up to a half."""
SETTLE_MARGIN = 5.0
OPTED_OUT = 21610
"""What Twilio says of a text to somebody who has opted out."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is about to be sent, and which inbound texts it answers."""

    kind: str
    body: str
    from_number: str
    answers: Sequence[int]


class LeaseLost(Exception):  # noqa: N818 - not an error: somebody else goes on
    """Another worker has the session, or the texter opted out: nothing may be sent."""


def call_bound(runtime: Runtime) -> float:
    """Seconds that one call to Twilio may take."""
    return runtime.settings.twilio_connect_timeout + runtime.settings.twilio_read_timeout


def send_bound(runtime: Runtime) -> float:
    """Seconds after which a row still ``sending`` was left behind, unless its worker asked for more."""
    return call_bound(runtime) + SETTLE_MARGIN


def longest_lease(runtime: Runtime) -> float:
    """Seconds for which a worker may hold a session: while the assistant thinks, or while Twilio is called."""
    return max(runtime.settings.assistant_timeout, send_bound(runtime)) + runtime.settings.lease_ttl


def start_send(runtime: Runtime, channel: Channel, lease: SessionLease, draft: Draft) -> Row[Any]:
    """Commit the row that is about to be sent; LeaseLost when it must not be.

    The lease and the opt-out are checked by the very statement that locks the session.
    """
    ttl = send_bound(runtime) + runtime.settings.lease_ttl
    changes: dict[str, Any] = {
        "attempts": 0,
        "retry_at": None,
        "crashed": False,
        "lease_expires_at": db_now(ttl),
    }
    if draft.kind == "apology":
        changes["apologised_at"] = db_now()
    with transaction() as connection:
        session = connection.execute(
            update(SmsSession)
            .where(
                SmsSession.id == lease.session_id,
                SmsSession.lease_token == lease.token,
                SmsSession.opted_out_at.is_(None),
            )
            .values(**changes)
            .returning(SmsSession.id, SmsSession.phone_number)
        ).first()
        if session is None:
            raise LeaseLost
        row = connection.execute(
            insert(SmsMessage)
            .values(
                channel_id=channel.id,
                session_id=session.id,
                direction=Direction.OUTBOUND.value,
                kind=draft.kind,
                from_number=draft.from_number,
                to_number=session.phone_number,
                body=draft.body,
                segments=count_segments(draft.body).segments,
                send_state=SendState.SENDING.value,
                check_at=db_now(send_bound(runtime)),
            )
            .returning(SmsMessage.__table__)
        ).one()
        reason = NoReply.ASSISTANT_FAILED.value if draft.kind == "apology" else None
        answered = connection.execute(
            update(SmsMessage)
            .where(SmsMessage.id.in_(draft.answers))
            .values(answer_id=row.id, no_reply_reason=reason)
            .returning(SmsMessage.channel_id, SmsMessage.created_at)
        ).all()
        mark_all_changed(connection, answered)
    return row


def deliver(runtime: Runtime, channel: Channel, message: Row[Any]) -> None:
    """Call Twilio for a row that is committed as ``sending``, and write the outcome down."""
    try:
        sent = _call_twilio(runtime, channel, message)
    except LeaseLost:
        logger.warning("message %s: this process stood still, housekeeping looks after it", message.id)
    except TwilioInDoubt as error:
        logger.warning("message %s is in doubt: %s", message.id, error)
        with transaction() as connection:
            _leave(connection, message, SendState.IN_DOUBT, check_at=db_now())
    except (TwilioUnreachable, TwilioThrottled) as error:
        # It can be sent once Twilio can be reached: the same look and the same second try as a doubt.
        logger.warning("message %s could not be handed over: %s", message.id, error)
        with transaction() as connection:
            later = db_now(runtime.settings.settle_interval)
            _leave(connection, message, SendState.IN_DOUBT, error_code=error.error_code, check_at=later)
    except TwilioRefused as error:
        logger.warning("message %s was refused (%s): %s", message.id, error.error_code, error)
        _record_refusal(channel, message, error)
    else:
        with transaction() as connection:
            accept(connection, message, sid=sent.sid, status=sent.status, segments=sent.segments)
            connection.execute(
                update(SmsMessage)
                .where(SmsMessage.id == message.id)
                .values(check_at=db_now(runtime.settings.status_delay))
            )
        note_attention(channel, None)


def _call_twilio(runtime: Runtime, channel: Channel, message: Row[Any]) -> SentText:
    """One accepted request at most; only a 429, which sent nothing, is tried again."""
    if channel.credentials is None:
        raise TwilioRefused("The stored Auth Token cannot be read. Enter it again.", error_code=20003)
    client = runtime.twilio.get(channel.credentials)
    pauses = iter(THROTTLE_PAUSES)
    claimed_at = time.monotonic()
    while True:
        if time.monotonic() - claimed_at > SETTLE_MARGIN and not _keep(runtime, message, 0.0):
            raise LeaseLost
        try:
            return send_text(
                client,
                from_number=message.from_number,
                to_number=message.to_number,
                body=message.body,
                status_callback=f"{runtime.settings.status_url(channel.assistant_id)}?m={message.id}",
                validity_period=_validity_period(runtime, message),
            )
        except TwilioThrottled:
            pause = next(pauses, 0.0) * (1 + random.random() / 2)  # noqa: S311 - jitter
            if not pause or not _keep(runtime, message, pause):
                raise
            time.sleep(pause)
            if _has_opted_out(message):
                raise TwilioRefused("The texter opted out meanwhile.", error_code=OPTED_OUT) from None
            claimed_at = time.monotonic()


def _has_opted_out(message: Row[Any]) -> bool:
    opted_out = select(SmsSession.id).where(
        SmsSession.id == message.session_id, SmsSession.opted_out_at.is_not(None)
    )
    with transaction() as connection:
        return connection.execute(opted_out).first() is not None


def _keep(runtime: Runtime, message: Row[Any], pause: float) -> bool:
    """Keep the row for ``pause`` seconds and one more call; False when it is no longer ours."""
    with transaction() as connection:
        kept = connection.execute(
            update(SmsMessage)
            .where(SmsMessage.id == message.id, SmsMessage.send_state == SendState.SENDING)
            .values(check_at=db_now(pause + send_bound(runtime)))
            .returning(SmsMessage.id)
        ).first()
    return kept is not None


def _validity_period(runtime: Runtime, message: Row[Any]) -> int:
    """How many seconds Twilio may hold the text back; a stale answer is of no use."""
    return int(min(max(seconds_left(runtime, message.id), 10), 36000))


def seconds_left(runtime: Runtime, message_id: int) -> float:
    """Until the oldest text that a message answers is stale; negative when it is."""
    answered = select(func.min(ASKED_AT), db_now()).where(SmsMessage.answer_id == message_id)
    with transaction() as connection:
        asked_at, now = connection.execute(answered).one()
    age = (now - asked_at).total_seconds() if asked_at is not None else 0.0
    return runtime.settings.reply_stale_after - age


def _record_refusal(channel: Channel, message: Row[Any], error: TwilioRefused) -> None:
    with transaction() as connection:
        if not _leave(connection, message, SendState.FAILED, error_code=error.error_code, check_at=None):
            return
        set_aside = connection.execute(
            update(SmsMessage)
            .where(SmsMessage.answer_id == message.id, SmsMessage.no_reply_reason.is_(None))
            .values(no_reply_reason=NoReply.SEND_FAILED.value)
            .returning(SmsMessage.channel_id, SmsMessage.created_at)
        ).all()
        mark_all_changed(connection, [message, *set_aside])
    if message.kind == "apology":
        _take_back_apology(message.session_id)
    if is_opt_out(error.error_code):
        honour_opt_out(message.session_id)
    if needs_admin(error.error_code):
        note_attention(channel, error.error_code)


def _take_back_apology(session_id: int) -> None:
    """The texter did not get it, so the next one need not wait."""
    with transaction() as connection:
        connection.execute(update(SmsSession).where(SmsSession.id == session_id).values(apologised_at=None))


def _leave(connection: Connection, message: Row[Any], state: SendState, **columns: Any) -> bool:
    """Leave ``sending``; False when a callback was quicker and says that Twilio has the text."""
    left = connection.execute(
        update(SmsMessage)
        .where(SmsMessage.id == message.id, SmsMessage.send_state == SendState.SENDING)
        .values(send_state=state.value, **columns)
        .returning(SmsMessage.id)
    ).first()
    return left is not None


def read_message(message_id: int) -> Row[Any] | None:
    """A message as it stands now."""
    with transaction() as connection:
        return connection.execute(select(SmsMessage.__table__).where(SmsMessage.id == message_id)).first()
