"""Twilio's copies of texts that are erased here: deleted soon after, and their SIDs remembered.

Housekeeping deletes them from a list of message SIDs. We keep the SIDs, because the signed request of a text stays valid for
ever, and sending it again must not bring the text back. What a person asked to erase goes before what is old.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select, tuple_, update

from illumichat_sms_plugin.errors import TwilioError
from illumichat_sms_plugin.models import SmsChannel, SmsErasedText, db_now
from illumichat_sms_plugin.models.database import insert_or_conflict, transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.channels import Channel, load_channel_by_id
from illumichat_sms_plugin.twilio_gateway.listing import delete_text
from illumichat_sms_plugin.twilio_gateway.media import delete_media, list_media

logger = logging.getLogger("illumichat_sms.erase")

BATCH = 50
"""Texts deleted at Twilio in one round."""
CLAIM = 300.0
"""Seconds for which no other process takes claimed rows."""
PAUSES = (60.0, 300.0, 3600.0, 21600.0, 86400.0)
"""Seconds before the next try after a failed one; the last one repeats."""
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Left:
    """What has yet to be deleted at Twilio; ``error_code`` is that of the last failure."""

    count: int
    failed: int
    error_code: int | None


def note_for_twilio(
    connection: Connection,
    channel_id: int,
    messages: Sequence[Any],
    *,
    by_age: bool = False,
    at_twilio: bool = True,
) -> None:
    """Note each SID once. Without an account there is nothing left to delete, nor where Twilio is to keep it."""
    account_sid = connection.scalar(select(SmsChannel.account_sid).where(SmsChannel.id == channel_id))
    gone_at = None if account_sid and at_twilio else db_now()
    statement = insert_or_conflict(connection, SmsErasedText).on_conflict_do_nothing()
    for start in range(0, len(messages), CHUNK):
        rows = [
            {
                "message_sid": message.message_sid,
                "channel_id": channel_id,
                "account_sid": account_sid or "",
                "media": len(message.media or ()),
                "by_age": by_age,
                "gone_at": gone_at,
            }
            for message in messages[start : start + CHUNK]
            if message.message_sid
        ]
        if rows:
            connection.execute(statement.values(rows))


def is_erased(connection: Connection, channel_id: int, sid: str) -> bool:
    """Whether this channel's text was erased."""
    return bool(erased_of(connection, channel_id, [sid]))


def erased_of(connection: Connection, channel_id: int, sids: Collection[str]) -> set[str]:
    """Those of ``sids`` whose texts this channel has erased."""
    return set(
        connection.scalars(
            select(SmsErasedText.message_sid).where(
                SmsErasedText.channel_id == channel_id, SmsErasedText.message_sid.in_(sids)
            )
        )
    )


def left_at_twilio(channel_id: int, *, by_age: bool = False) -> Left:
    """What Twilio still has of erased texters, or (``by_age``) of texts whose days were over."""
    failed = func.count(SmsErasedText.error_code)
    left = and_(
        SmsErasedText.channel_id == channel_id,
        SmsErasedText.by_age if by_age else ~SmsErasedText.by_age,
        SmsErasedText.gone_at.is_(None),
    )
    with transaction() as connection:
        row = connection.execute(
            select(func.count(), failed, func.max(SmsErasedText.error_code))
            .select_from(SmsErasedText)
            .where(left)
        ).one()
    return Left(*row)


def delete_erased_texts(runtime: Runtime) -> int:
    """Delete texts at Twilio that are due, ``BATCH`` at most; returns how many are gone there now."""
    return sum(_delete_at_twilio(runtime, row) for row in _claim_due())


def _claim_due() -> Sequence[Row[Any]]:
    due = (
        select(SmsErasedText.channel_id, SmsErasedText.message_sid)
        .where(SmsErasedText.try_at <= db_now(), SmsErasedText.gone_at.is_(None))
        .order_by(SmsErasedText.by_age, SmsErasedText.try_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .cte("due")  # a bare IN may choose anew for each row
    )
    with transaction() as connection:
        return connection.execute(
            update(SmsErasedText)
            .where(
                tuple_(SmsErasedText.channel_id, SmsErasedText.message_sid).in_(select(due)),
                SmsErasedText.try_at <= db_now(),
            )
            .values(try_at=db_now(CLAIM))
            .returning(SmsErasedText.__table__)
        ).all()


def _delete_at_twilio(runtime: Runtime, row: Row[Any]) -> int:
    channel = load_channel_by_id(runtime, row.channel_id)
    if channel is None or channel.credentials is None or channel.account_sid != row.account_sid:
        _put_off(row, error_code=20003)
        return 0
    try:
        _delete_one(runtime, channel, row)
    except TwilioError as error:
        whose = "an old text" if row.by_age else "a text of an erased texter"
        logger.warning("%s cannot be deleted at Twilio now: %s", whose, error)
        _put_off(row, error_code=error.error_code or 0)
        return 0
    with transaction() as connection:
        connection.execute(update(SmsErasedText).where(_is(row)).values(gone_at=db_now(), error_code=None))
    return 1


def _is(row: Row[Any]) -> ColumnElement[bool]:
    return and_(SmsErasedText.channel_id == row.channel_id, SmsErasedText.message_sid == row.message_sid)


def _delete_one(runtime: Runtime, channel: Channel, row: Row[Any]) -> None:
    """What is attached goes first, for nobody finds it once its text is gone."""
    assert channel.credentials is not None  # noqa: S101 - the caller has checked
    client = runtime.twilio.get(channel.credentials)
    if row.media:
        for place in list_media(client, row.message_sid):
            delete_media(client, place)
    delete_text(client, row.message_sid)


def _put_off(row: Row[Any], *, error_code: int) -> None:
    pause = PAUSES[min(row.tries, len(PAUSES) - 1)]
    with transaction() as connection:
        connection.execute(
            update(SmsErasedText)
            .where(_is(row))
            .values(tries=SmsErasedText.tries + 1, try_at=db_now(pause), error_code=error_code)
        )
