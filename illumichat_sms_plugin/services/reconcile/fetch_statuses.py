"""Ask Twilio for what never came by itself: the price, and the final status of a lost callback.

The first check, after ``SMS_STATUS_DELAY``, is for the status alone and asks nothing when a callback has
brought it; those of ``SMS_PRICE_DELAYS`` follow.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select, update

from illumichat_sms_plugin.errors import TwilioError, TwilioRefused
from illumichat_sms_plugin.message_status import MessageStatus, is_final, parse_status
from illumichat_sms_plugin.models import SendState, SmsMessage, db_now, db_now_once
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.channels import load_channel_by_id
from illumichat_sms_plugin.services.track_delivery import apply_status, honour_opt_out
from illumichat_sms_plugin.twilio_gateway.listing import fetch_text
from illumichat_sms_plugin.twilio_gateway.values import ListedText

logger = logging.getLogger("illumichat_sms.check")

BATCH = 100
GIVE_UP = 259200.0
"""Seconds after which a message is not asked for again when Twilio could not be asked."""
CLAIM = 120.0
"""Seconds for which a claimed row is nobody else's."""


def check_messages(runtime: Runtime) -> int:
    """Fetch every accepted text whose check is due; returns how many were due."""
    due = _claim_due()
    for message in due:
        if message.checks == 1 and _is_final(message.status):
            _apply(runtime, message, None)
            continue
        try:
            _apply(runtime, message, _fetch(runtime, message))
        except TwilioError as error:
            logger.info("message %s: Twilio cannot tell now: %s", message.id, error)
            _put_off(runtime, message)
    return len(due)


def _claim_due() -> Sequence[Row[Any]]:
    due = (
        select(SmsMessage.id)
        .where(SmsMessage.send_state == SendState.ACCEPTED, SmsMessage.check_at <= db_now_once())
        .order_by(SmsMessage.check_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    with transaction() as connection:
        return connection.execute(
            update(SmsMessage)
            .where(SmsMessage.id.in_(due.scalar_subquery()), SmsMessage.check_at <= db_now_once())
            .values(check_at=db_now(CLAIM), checks=SmsMessage.checks + 1)
            .returning(SmsMessage.__table__)
        ).all()


def _fetch(runtime: Runtime, message: Row[Any]) -> ListedText | None:
    """The text as Twilio has it, None if it does not; TwilioError when it cannot be asked now."""
    channel = load_channel_by_id(runtime, message.channel_id)
    if channel is None or not message.message_sid:
        return None
    if channel.credentials is None:
        raise TwilioRefused("The stored Auth Token cannot be read.")
    return fetch_text(runtime.twilio.get(channel.credentials), message.message_sid)


def _put_off(runtime: Runtime, message: Row[Any]) -> None:
    """A check at which nobody could be asked was none, until the message is too old to go on."""
    with transaction() as connection:
        kept = connection.execute(
            update(SmsMessage)
            .where(SmsMessage.id == message.id, SmsMessage.created_at > db_now(-GIVE_UP))
            .values(checks=message.checks - 1, check_at=db_now(runtime.settings.status_delay))
            .returning(SmsMessage.id)
        ).first()
    if kept is None:
        _apply(runtime, message, None)


def _apply(runtime: Runtime, message: Row[Any], found: ListedText | None) -> None:
    columns: dict[str, Any] = {"check_at": _next_check(runtime, message, found)}
    if found is not None and found.price is not None:
        columns |= {"price": found.price, "price_unit": found.price_unit}
    if found is not None and found.segments:
        columns["segments"] = found.segments
    with transaction() as connection:
        if found is None:
            connection.execute(update(SmsMessage).where(SmsMessage.id == message.id).values(**columns))
            return
        opted_out = apply_status(
            connection, message, parse_status(found.status), found.error_code, found.sid, **columns
        )
    if opted_out:
        honour_opt_out(message.session_id, found.sid)


def _next_check(runtime: Runtime, message: Row[Any], found: ListedText | None) -> Any:
    """When to ask again, or None when all is known or there were tries enough."""
    settled = (
        found is not None
        and found.price is not None
        and (is_final(parse_status(found.status)) or _is_final(message.status))
    )
    delays = (runtime.settings.status_delay, *runtime.settings.price_delays)
    made = message.checks
    if settled or made >= len(delays):
        return None
    return db_now(max(delays[made] - delays[made - 1], 1.0))


def _is_final(status: str | None) -> bool:
    return status is not None and is_final(MessageStatus(status))
