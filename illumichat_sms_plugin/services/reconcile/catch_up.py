"""Fetch the texts that Twilio has and we never got, because we were down when they came.

Twilio does not deliver a webhook again later; its message list is the only way back to them.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.exc import DataError

from illumichat_sms_plugin.errors import SmsError, TwilioError
from illumichat_sms_plugin.models import SmsChannel, SmsMessage, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.one_of import one_of
from illumichat_sms_plugin.phone_number import parse_sender
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.channels import (
    Channel,
    load_channel_by_id,
    note_attention,
    note_let_in,
)
from illumichat_sms_plugin.services.further_numbers import confirmed_numbers
from illumichat_sms_plugin.services.inbound.receive_message import receive_message
from illumichat_sms_plugin.services.reconcile.inbound_prices import note_prices
from illumichat_sms_plugin.services.reconcile.texts_of_others import find_texts_of_others
from illumichat_sms_plugin.services.reconcile.time_slices import Read, read_slices
from illumichat_sms_plugin.services.reconcile.twilio_time import ahead_of_twilio
from illumichat_sms_plugin.services.texters.erase_at_twilio import erased_of
from illumichat_sms_plugin.twilio_gateway.error_codes import shut_out_codes
from illumichat_sms_plugin.twilio_gateway.listing import list_texts
from illumichat_sms_plugin.twilio_gateway.response_fields import LARGEST_PAGE
from illumichat_sms_plugin.twilio_gateway.values import ListedText
from illumichat_sms_plugin.twilio_gateway.webhook_forms import InboundText, clean_text

_WORKING = and_(
    SmsChannel.confirmed_at.is_not(None),
    or_(SmsChannel.attention_code.is_(None), SmsChannel.attention_code.not_in(shut_out_codes())),
)
"""Channels that Twilio lets in; see setup/look_at_accounts.py for the others."""

logger = logging.getLogger("illumichat_sms.catch_up")

BATCH = 100
"""Channels compared in one round, those first that have waited longest."""
LIMIT = 5000
"""Texts that are listed and compared at once."""
MAX_SLICES = 100
"""So often in one round of one channel; the rest follows in the next round."""
TRIES = 4
"""How often a page of the list is asked for."""
OVERLAP = timedelta(hours=1)
"""Compared once more, for texts that Twilio lists late, and for prices."""


def catch_up(runtime: Runtime) -> int:
    """Compare every channel that is due with Twilio's list; returns how many texts were missing."""
    return sum(_catch_up_or_log(runtime, channel_id) for channel_id in _claim_due(runtime))


def _catch_up_or_log(runtime: Runtime, channel_id: int) -> int:
    """Compare one channel; its failure must not stop the others."""
    try:
        return catch_up_channel(runtime, channel_id)
    except (SmsError, DataError):
        logger.exception("channel %s: could not be compared with Twilio", channel_id)
        return 0


def hasten(runtime: Runtime) -> None:
    """Compare soon, because texts may have been missed: once the grace period of their webhooks is over.

    However often and by however many processes it is asked for, one comparison comes of it in that time.
    """
    soon = _last_if_due_in(runtime, runtime.settings.catch_up_after)
    with transaction() as connection:
        connection.execute(
            update(SmsChannel)
            .where(SmsChannel.confirmed_at.is_not(None), SmsChannel.catch_up_at > soon)
            .values(catch_up_at=soon, updated_at=SmsChannel.updated_at)
        )


def _again_in(runtime: Runtime, channel_id: int, seconds: float) -> None:
    """Compare this channel again after ``seconds``, or when it is due anyway."""
    with transaction() as connection:
        connection.execute(
            update(SmsChannel)
            .where(SmsChannel.id == channel_id)
            .values(catch_up_at=_last_if_due_in(runtime, seconds), updated_at=SmsChannel.updated_at)
        )


def _last_if_due_in(runtime: Runtime, seconds: float) -> Any:
    """The time to store as the last comparison so that the next one is due in ``seconds``."""
    return db_now(min(seconds - runtime.settings.catch_up_interval, 0.0))


def _claim_due(runtime: Runtime) -> list[int]:
    due = or_(
        SmsChannel.catch_up_at.is_(None),
        SmsChannel.catch_up_at < db_now(-runtime.settings.catch_up_interval),
        SmsChannel.catch_up_at > db_now(),  # the database's clock was set back
    )
    longest = (
        select(SmsChannel.id)
        .where(_WORKING, due)
        .order_by(SmsChannel.catch_up_at.nulls_first())
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    with transaction() as connection:
        rows = connection.execute(
            update(SmsChannel)
            .where(one_of(connection, SmsChannel.id, longest), due)
            .values(catch_up_at=db_now(), updated_at=SmsChannel.updated_at)
            .returning(SmsChannel.id)
        ).all()
    return [row.id for row in rows]


def catch_up_channel(runtime: Runtime, channel_id: int) -> int:
    """Record what one channel missed; returns how many texts.

    From the oldest on, slice by slice: what was compared before a failure need not be compared again.
    """
    channel = load_channel_by_id(runtime, channel_id)
    if channel is None or not channel.may_answer or channel.credentials is None:
        return 0
    now, since = _now_and_since(runtime, channel)
    slices = read_slices(_reader(runtime, channel), since, now, LIMIT)
    found = 0
    try:
        for until, listed in islice(slices, MAX_SLICES):
            found += _record_missing(runtime, channel, listed, now)
            _note_compared(channel, until)
    except TwilioError as error:
        logger.warning("channel %s: cannot compare with Twilio now: %s", channel.id, error)
        if error.error_code in shut_out_codes():
            note_attention(channel, error.error_code)  # no text could be answered either
        _again_in(runtime, channel.id, runtime.settings.settle_interval)
        return found
    note_let_in(channel)
    if until < now:
        logger.warning("channel %s: compared up to %s, the rest follows", channel.id, until)
        _again_in(runtime, channel.id, 0.0)
    find_texts_of_others(runtime, channel, since, now)
    return found


def _reader(runtime: Runtime, channel: Channel) -> Read:
    """Lists the inbound texts to all numbers of the channel between two times of the database."""
    assert channel.credentials is not None  # noqa: S101 - the caller has checked
    client = runtime.twilio.get(channel.credentials)

    numbers = (channel.phone_number, *confirmed_numbers(channel.id))

    def read(start: datetime, end: datetime | None) -> list[ListedText]:
        ahead = ahead_of_twilio(runtime)
        listed = [
            text
            for number in numbers
            for text in list_texts(
                client,
                to_number=number,
                sent_since=start - ahead,
                sent_until=None if end is None else end - ahead,
                limit=LIMIT,
                page_size=LARGEST_PAGE,
                tries=TRIES,
            )
        ]
        return listed if len(numbers) == 1 else sorted(listed, key=_came_at, reverse=True)

    return read


def _came_at(text: ListedText) -> datetime:
    return text.date_sent or text.date_created or datetime.max.replace(tzinfo=UTC)


def _record_missing(runtime: Runtime, channel: Channel, listed: Sequence[ListedText], now: datetime) -> int:
    inbound = [text for text in listed if text.direction == "inbound"]
    note_prices(channel.id, inbound)
    known = _known(channel, [text.sid for text in inbound])
    missing = [text for text in reversed(inbound) if text.sid not in known]
    ahead = ahead_of_twilio(runtime)
    settled = now - ahead - timedelta(seconds=runtime.settings.catch_up_after)
    due = [text for text in missing if text.date_created is None or text.date_created < settled]
    if len(due) < len(missing):
        _again_in(runtime, channel.id, runtime.settings.catch_up_after)
    return sum(_record(runtime, channel, text, ahead) for text in due)


def _known(channel: Channel, sids: Sequence[str]) -> set[str]:
    """Those that are recorded or were erased; one question for a page of them."""
    known: set[str] = set()
    for at in range(0, len(sids), LARGEST_PAGE):
        some = sids[at : at + LARGEST_PAGE]
        recorded = select(SmsMessage.message_sid).where(
            SmsMessage.channel_id == channel.id, SmsMessage.message_sid.in_(some)
        )
        with transaction() as connection:
            known |= {sid for sid in connection.scalars(recorded) if sid} | erased_of(
                connection, channel.id, some
            )
    return known


def _now_and_since(runtime: Runtime, channel: Channel) -> tuple[datetime, datetime]:
    """By the database's clock: what has not been compared yet, within ``SMS_CATCH_UP_WINDOW``.

    Texts from before the channel was set up were somebody else's business.
    """
    with transaction() as connection:
        row = connection.execute(
            select(
                db_now().label("now"),
                func.coalesce(SmsChannel.connected_at, SmsChannel.created_at).label("connected"),
                SmsChannel.compared_to,
            ).where(SmsChannel.id == channel.id)
        ).one()
    starts = [row.now - timedelta(seconds=runtime.settings.catch_up_window), row.connected]
    if row.compared_to is not None:
        starts.append(min(row.compared_to, row.now) - OVERLAP)
    return row.now, max(starts)


def _note_compared(channel: Channel, until: datetime) -> None:
    with transaction() as connection:
        connection.execute(
            update(SmsChannel)
            .where(SmsChannel.id == channel.id)
            .values(compared_to=until, updated_at=SmsChannel.updated_at)
        )


def _record(runtime: Runtime, channel: Channel, listed: ListedText, ahead: timedelta) -> int:
    sent_at = listed.date_sent or listed.date_created
    text = InboundText(
        message_sid=listed.sid,
        sender=parse_sender(listed.from_number),
        to_number=listed.to_number,
        body=clean_text(listed.body),
        segments=listed.segments or 1,
        media=(("", "file"),) * (listed.media_count or 0),
        opt_out_type=None,
    )
    recorded = receive_message(runtime, channel, text, sent_at=sent_at + ahead if sent_at else None)
    if recorded is not None:
        logger.warning("channel %s: message %s came by catch-up", channel.id, recorded)
    return int(recorded is not None)
