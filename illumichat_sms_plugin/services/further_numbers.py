"""The further numbers of a channel: noted when a text comes to one, asked about once, remembered.

Nothing is sent from a number of which Twilio has not said that the account owns it. docs/decisions/further-numbers.md
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from illumichat_sms_plugin.errors import TwilioError
from illumichat_sms_plugin.models import SmsChannel, SmsFurtherNumber, db_now
from illumichat_sms_plugin.models.database import insert_or_conflict, transaction
from illumichat_sms_plugin.models.one_of import one_of
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.channels import load_channel_by_id
from illumichat_sms_plugin.twilio_gateway.lookup import owned_sender

logger = logging.getLogger("illumichat_sms.numbers")

MOST = 50
"""Numbers kept for a channel: whoever has its key may write any number into a form."""
BATCH = 20
"""Numbers asked about in one round."""
FIRST_PAUSE, LONGEST_PAUSE = 60.0, 6 * 3600.0
"""Seconds between two questions that Twilio did not answer."""
CLAIM = 120.0


_CHANNEL = aliased(SmsChannel)


def belongs_to_a_channel(number: Any) -> ColumnElement[bool]:
    """Whether a number is one of a confirmed channel, in SQL: there an assistant answers."""
    return or_(
        exists().where(_CHANNEL.phone_number == number, _CHANNEL.confirmed_at.is_not(None)),
        exists().where(SmsFurtherNumber.phone_number == number, SmsFurtherNumber.confirmed_at.is_not(None)),
    )


class Standing(StrEnum):
    """What is known of a further number."""

    UNKNOWN = "unknown"
    """Twilio has not said yet whose it is."""
    OURS = "ours"
    OFF = "off"
    """Ours, and an admin does not want it to be answered."""
    NOT_OURS = "not_ours"
    """The account does not own it, says Twilio."""


@dataclass(frozen=True, slots=True)
class FurtherNumber:
    """A further number as the page shows it."""

    id: int
    phone_number: str
    standing: Standing
    enabled: bool
    confirmed_at: datetime | None
    look_at: datetime | None


_own = aliased(SmsChannel)
_OWN_OF_ANOTHER = exists().where(
    _own.phone_number == SmsFurtherNumber.phone_number,
    _own.confirmed_at.is_not(None),
    _own.id != SmsFurtherNumber.channel_id,
)
"""A channel has been connected to it since: it is that one's own number."""


def note_number(connection: Connection, channel_id: int, phone_number: str) -> None:
    """Remember that a text has come to a number that is not the channel's own; once, and not without end."""
    known = select(func.count()).where(SmsFurtherNumber.channel_id == channel_id)
    if (connection.scalar(known) or 0) >= MOST:
        return
    connection.execute(
        insert_or_conflict(connection, SmsFurtherNumber)
        .values(channel_id=channel_id, phone_number=phone_number)
        .on_conflict_do_nothing(index_elements=[SmsFurtherNumber.channel_id, SmsFurtherNumber.phone_number])
    )


def standings(connection: Connection, channel_id: int, numbers: Collection[str]) -> Mapping[str, Standing]:
    """What is known of these numbers; one that was never noted is missing, and as unknown as any."""
    rows = connection.execute(
        select(SmsFurtherNumber.__table__, _OWN_OF_ANOTHER.label("elsewhere")).where(
            SmsFurtherNumber.channel_id == channel_id, SmsFurtherNumber.phone_number.in_(numbers)
        )
    ).all()
    return {row.phone_number: _standing(row) for row in rows}


def further_numbers(channel_id: int) -> Sequence[FurtherNumber]:
    """All of a channel, the first that was noted first."""
    with transaction() as connection:
        rows = connection.execute(
            select(SmsFurtherNumber.__table__, _OWN_OF_ANOTHER.label("elsewhere"))
            .where(SmsFurtherNumber.channel_id == channel_id)
            .order_by(SmsFurtherNumber.id)
        ).all()
    return [
        FurtherNumber(row.id, row.phone_number, _standing(row), row.enabled, row.confirmed_at, row.look_at)
        for row in rows
    ]


def confirmed_numbers(channel_id: int) -> Sequence[str]:
    """Those that the channel has, answered or not: their texts are its own."""
    ours = (Standing.OURS, Standing.OFF)
    return [number.phone_number for number in further_numbers(channel_id) if number.standing in ours]


def answered_numbers(channel_id: int) -> Sequence[str]:
    """Those that texts are answered from."""
    return [n.phone_number for n in further_numbers(channel_id) if n.standing is Standing.OURS]


def _standing(row: Row[Any]) -> Standing:
    if row.elsewhere or row.denied_at is not None:
        return Standing.NOT_OURS
    if row.confirmed_at is None:
        return Standing.UNKNOWN
    return Standing.OURS if row.enabled else Standing.OFF


def forget_numbers(connection: Connection, channel_id: int) -> None:
    """Another account owns other numbers."""
    connection.execute(delete(SmsFurtherNumber).where(SmsFurtherNumber.channel_id == channel_id))


def look_at_numbers(runtime: Runtime, channel_id: int | None = None) -> int:
    """Ask Twilio whose the numbers are that are due, of one channel or all; returns how many it told of."""
    return sum(_look(runtime, row) for row in _claim_due(channel_id))


def _claim_due(channel_id: int | None) -> Sequence[Any]:
    due = select(SmsFurtherNumber.id).where(SmsFurtherNumber.look_at <= db_now())
    if channel_id is not None:
        due = due.where(SmsFurtherNumber.channel_id == channel_id)
    due = due.order_by(SmsFurtherNumber.look_at).limit(BATCH).with_for_update(skip_locked=True)
    with transaction() as connection:
        return connection.execute(
            update(SmsFurtherNumber)
            .where(one_of(connection, SmsFurtherNumber.id, due), SmsFurtherNumber.look_at <= db_now())
            .values(look_at=db_now(CLAIM))
            .returning(
                SmsFurtherNumber.id,
                SmsFurtherNumber.channel_id,
                SmsFurtherNumber.phone_number,
                SmsFurtherNumber.looks,
            )
        ).all()


def _look(runtime: Runtime, row: Any) -> bool:
    channel = load_channel_by_id(runtime, row.channel_id)
    if channel is None or not channel.may_answer or channel.credentials is None:
        _write(row, look_at=db_now(FIRST_PAUSE))  # asks nobody: the account comes first
        return False
    try:
        owned = owned_sender(runtime.twilio.get(channel.credentials), row.phone_number) is not None
    except TwilioError as error:
        logger.warning("channel %s: Twilio does not say whose a further number is: %s", channel.id, error)
        pause = min(FIRST_PAUSE * 2.0**row.looks, LONGEST_PAUSE)
        _write(row, look_at=db_now(pause), looks=min(row.looks + 1, 20))
        return False
    answer = {"confirmed_at": db_now()} if owned else {"denied_at": db_now()}
    try:
        _write(row, look_at=None, looks=0, **answer)
    except IntegrityError:
        _take_over(row)
    return True


def _take_over(row: Any) -> None:
    """Another channel has it. A number is one account's at a time: of another account's channel it is no more."""
    account = select(SmsChannel.account_sid).where(SmsChannel.id == row.channel_id).scalar_subquery()
    others = select(SmsChannel.id).where(SmsChannel.account_sid.is_distinct_from(account))
    with transaction() as connection:
        gone = connection.execute(
            delete(SmsFurtherNumber).where(
                SmsFurtherNumber.phone_number == row.phone_number,
                SmsFurtherNumber.channel_id.in_(others),
            )
        )
        confirmed = {"confirmed_at": db_now()} if gone.rowcount else {"denied_at": db_now()}
        connection.execute(
            update(SmsFurtherNumber)
            .where(SmsFurtherNumber.id == row.id)
            .values(look_at=None, looks=0, **confirmed)
        )


def _write(row: Any, **values: Any) -> None:
    with transaction() as connection:
        connection.execute(update(SmsFurtherNumber).where(SmsFurtherNumber.id == row.id).values(**values))
