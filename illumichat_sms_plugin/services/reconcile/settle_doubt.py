"""Find out what became of texts whose fate is unknown, and never send one blindly again.

A row gets here when Twilio gave no clear response, or when its worker died. It is matched

1. by its status callback, which names our id (track_delivery.py), else
2. by Twilio's own list: same sender, recipient and body, not older than the row.

Not found in two looks at least ``SMS_SETTLE_INTERVAL`` apart, and the answer not stale: sent again. That may happen
three times, each time after two looks. Then, or when it is stale, an admin decides: Resend or Dismiss.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, text, update

from illumichat_sms_plugin.errors import TwilioError
from illumichat_sms_plugin.message_status import parse_status
from illumichat_sms_plugin.models import (
    NoReply,
    SendState,
    SmsChannel,
    SmsMessage,
    SmsSession,
    db_now,
    db_now_once,
)
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.message import TO_CHECK, UNFINISHED
from illumichat_sms_plugin.models.one_of import one_of
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.changed_hours import mark_all_changed
from illumichat_sms_plugin.services.answering.listed_as import is_listed_as
from illumichat_sms_plugin.services.answering.outgoing import Outgoing
from illumichat_sms_plugin.services.answering.reserve import Reservation, reserve_again
from illumichat_sms_plugin.services.answering.send_message import (
    deliver,
    read_message,
    send_bound,
)
from illumichat_sms_plugin.services.answering.time_left import seconds_left
from illumichat_sms_plugin.services.channels import Channel, load_channel_by_id
from illumichat_sms_plugin.services.pauses import PAUSED, is_paused
from illumichat_sms_plugin.services.reconcile.twilio_time import ahead_of_twilio
from illumichat_sms_plugin.services.texters.erase_at_twilio import is_erased
from illumichat_sms_plugin.services.track_delivery import apply_status, honour_opt_out
from illumichat_sms_plugin.twilio_gateway.listing import list_texts
from illumichat_sms_plugin.twilio_gateway.values import ListedText

logger = logging.getLogger("illumichat_sms.settle")

BATCH = 50
LOOKS = 2
MAX_RESENDS = 3
CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far the database's clock may have moved since the row was written, beside what is known of Twilio's."""


def settle_doubt(runtime: Runtime) -> int:
    """Look after every row that is due; returns how many were looked at."""
    _abandoned_to_doubt()
    due = _claim_due(runtime)
    for message in due:
        channel = load_channel_by_id(runtime, message.channel_id)
        if channel is None or channel.credentials is None:
            _leave_to_admin(message)
        elif not channel.may_answer:
            _wait_for_account(runtime, message)
        else:
            _settle(runtime, channel, message)
        runtime.queue.answer_session(message.session_id, message.channel_id)
    return len(due)


def _wait_for_account(runtime: Runtime, message: Row[Any]) -> None:
    """Twilio would refuse to look it up; whether it lets the account in again is asked elsewhere, and less often."""
    if _is_stale(runtime, message):
        _leave_to_admin(message)


def _abandoned_to_doubt() -> None:
    """``sending`` rows past every bound of a living worker were left behind by a dead one."""
    with transaction() as connection:
        connection.execute(
            update(SmsMessage)
            .where(
                text(UNFINISHED),
                SmsMessage.send_state == SendState.SENDING,
                SmsMessage.check_at < db_now_once(),
            )
            .values(send_state=SendState.IN_DOUBT.value, check_at=db_now(), looks=0)
        )


def _claim_due(runtime: Runtime) -> Sequence[Row[Any]]:
    """Rows whose next look is due, put off so that no other process takes them too."""
    due = (
        select(SmsMessage.id)
        .where(
            text(TO_CHECK),
            SmsMessage.send_state == SendState.IN_DOUBT,
            SmsMessage.check_at <= db_now_once(),
        )
        .order_by(SmsMessage.check_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    with transaction() as connection:
        return connection.execute(
            update(SmsMessage)
            .where(
                one_of(connection, SmsMessage.id, due),
                SmsMessage.send_state == SendState.IN_DOUBT,
                SmsMessage.check_at <= db_now(),
            )
            .values(check_at=db_now(runtime.settings.settle_interval + 1.0), looked_at=db_now())
            .returning(SmsMessage.__table__)
        ).all()


def _settle(runtime: Runtime, channel: Channel, message: Row[Any]) -> None:
    try:
        found = _find_at_twilio(runtime, channel, message)
    except TwilioError as error:
        logger.warning("message %s: cannot look it up now: %s", message.id, error)
        if _is_stale(runtime, message):
            _leave_to_admin(message)
        return
    if found is not None:
        adopt(message, found)
        return
    looks = message.looks + 1
    with transaction() as connection:
        connection.execute(update(SmsMessage).where(SmsMessage.id == message.id).values(looks=looks))
    if looks < LOOKS:
        return
    if message.resends >= MAX_RESENDS or _is_stale(runtime, message):
        _leave_to_admin(message)
    elif not channel.paused:  # else it waits until it is stale, or sending goes on
        resend(runtime, channel, message.id, expected=SendState.IN_DOUBT)


def _find_at_twilio(runtime: Runtime, channel: Channel, message: Row[Any]) -> ListedText | None:
    """The text in Twilio's list, if it is there and no other row of ours has it."""
    assert channel.credentials is not None  # noqa: S101 - the caller has checked
    client = runtime.twilio.get(channel.credentials)
    listing = list(
        list_texts(client, to_number=message.to_number, from_number=message.from_number, limit=200)
    )
    earliest = message.created_at - ahead_of_twilio(runtime) - CLOCK_TOLERANCE
    for listed in listing:
        same = is_listed_as(message.body, listed.body) and listed.direction.startswith("outbound")
        recent = listed.date_created is None or listed.date_created >= earliest
        if same and recent and not _is_known(channel, listed.sid):
            return listed
    return None


def _is_known(channel: Channel, sid: str) -> bool:
    known = select(SmsMessage.id).where(SmsMessage.channel_id == channel.id, SmsMessage.message_sid == sid)
    with transaction() as connection:
        return connection.execute(known).first() is not None or is_erased(connection, channel.id, sid)


def adopt(message: Row[Any], found: ListedText) -> None:
    """Take over the SID and the status of the text that Twilio has."""
    with transaction() as connection:
        opted_out = apply_status(connection, message, parse_status(found.status), found.error_code, found.sid)
    if opted_out:
        honour_opt_out(message.session_id, found.sid)
    logger.info("message %s was found at Twilio", message.id)


class _MayNotGoOut(Exception):  # noqa: N818 - not an error: a limit was reached meanwhile
    """What was claimed to be sent again stays as it was."""


def resend(runtime: Runtime, channel: Channel, message_id: int, *, expected: SendState) -> bool:
    """Send a row again; False when it is not in the ``expected`` state any more, opted out, or nothing may be sent."""
    try:
        return _resend(runtime, channel, message_id, expected=expected)
    except _MayNotGoOut:
        return False


def _resend(runtime: Runtime, channel: Channel, message_id: int, *, expected: SendState) -> bool:
    reachable = select(SmsSession.id).where(
        SmsSession.id == SmsMessage.session_id,
        SmsSession.opted_out_at.is_(None),
        SmsSession.blocked_at.is_(None),
    )
    channel_paused = select(SmsChannel.id).where(SmsChannel.id == SmsMessage.channel_id, PAUSED.is_not(None))
    its_session = select(SmsMessage.session_id).where(SmsMessage.id == message_id).scalar_subquery()
    with transaction() as connection:
        # A STOP that is being recorded is waited for: the statement after this one sees it.
        locked = select(SmsSession.id).where(SmsSession.id == its_session)
        connection.execute(locked.with_for_update(key_share=True))
        claimed = connection.execute(
            update(SmsMessage)
            .where(
                SmsMessage.id == message_id,
                SmsMessage.send_state == expected,
                SmsMessage.kind != "confirm",  # who has opted out gets one at most, even if it was lost
                reachable.exists(),
                ~channel_paused.exists(),
            )
            .values(
                send_state=SendState.SENDING.value,
                resends=SmsMessage.resends + 1,
                looks=0,
                error_code=None,
                check_at=db_now(send_bound(runtime)),
            )
            .returning(SmsMessage.segments, SmsMessage.reserved, db_now().label("now"))
        ).first()
        reservation = claimed and _reserve_again(connection, runtime, channel, claimed, expected)
    if reservation is None:
        unsent = read_message(message_id)
        if unsent is not None and unsent.send_state == SendState.IN_DOUBT and not is_paused(channel.id):
            _leave_to_admin(unsent)
        return False
    message = read_message(message_id)
    if message is not None:
        left = seconds_left(runtime, message.id)
        deliver(runtime, channel, Outgoing.of(message, left, reservation.max_price))
    return True


def _reserve_again(
    connection: Connection, runtime: Runtime, channel: Channel, message: Any, expected: SendState
) -> Reservation:
    """An admin sends what Twilio may have sent: that is a second text. _MayNotGoOut when a limit was reached."""
    found = reserve_again(
        *(connection, runtime, channel, message.now),
        segments=message.segments,
        reserved=message.reserved or 0,
        may_be_second=expected is SendState.UNSETTLED,
    )
    if found is None:
        raise _MayNotGoOut
    return found


def _is_stale(runtime: Runtime, message: Row[Any]) -> bool:
    return seconds_left(runtime, message.id) <= 0


def _leave_to_admin(message: Row[Any]) -> None:
    """An opt-out confirmation is given up instead: nobody may send it again, and after five minutes it must not go out."""
    is_confirmation = message.kind == "confirm"
    state = SendState.FAILED if is_confirmation else SendState.UNSETTLED
    if not is_confirmation:
        logger.error("message %s: unknown whether Twilio sent it; an admin has to decide", message.id)
    with transaction() as connection:
        connection.execute(
            update(SmsMessage)
            .where(SmsMessage.id == message.id, SmsMessage.send_state == SendState.IN_DOUBT)
            .values(send_state=state.value, check_at=None)
        )


def dismiss(message_id: int, channel_id: int) -> bool:
    """An admin leaves an unsettled text as it is; False when it was settled meanwhile."""
    with transaction() as connection:
        dismissed = connection.execute(
            update(SmsMessage)
            .where(
                SmsMessage.id == message_id,
                SmsMessage.channel_id == channel_id,
                SmsMessage.send_state == SendState.UNSETTLED,
            )
            .values(send_state=SendState.DISMISSED.value)
            .returning(SmsMessage.id)
        ).first()
        if dismissed is not None:
            set_aside = connection.execute(
                update(SmsMessage)
                .where(SmsMessage.answer_id == message_id, SmsMessage.no_reply_reason.is_(None))
                .values(no_reply_reason=NoReply.SEND_FAILED.value)
                .returning(SmsMessage.channel_id, SmsMessage.created_at)
            ).all()
            mark_all_changed(connection, set_aside)
    return dismissed is not None
