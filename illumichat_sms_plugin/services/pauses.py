"""Stop a channel's sending, or that of all channels, and go on: by a person, or when a limit is reached.

The pause stands in the row that every step reads, so that it holds in every process from the next step on.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, exists, func, literal, null, or_, select, update

from illumichat_sms_plugin.channel_options import ChannelOptions
from illumichat_sms_plugin.errors import Conflict, NotFound
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import SmsChannel, SmsMessage, SmsSpending, SmsSwitch, db_now
from illumichat_sms_plugin.models.database import insert_or_conflict, transaction
from illumichat_sms_plugin.no_reply import NoReply
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services import audit
from illumichat_sms_plugin.services.operators_bounds import left_today
from illumichat_sms_plugin.services.spending import SpendingLimits

logger = logging.getLogger("illumichat_sms.pauses")

ALL = "all"
OPERATOR_ID = "flask-sms"
"""Whom the audit names for what ``flask sms`` did."""
BY_PERSON, BY_OPERATOR = "person", "operator"
"""Why a channel is paused, besides the limits ``segments``, ``money_day`` and ``money_month``."""
JUST_BEFORE = timedelta(seconds=60)
"""The text that was refused an answer when the pause began had come before it."""
LIMITS = ("segments", "money_day", "money_month")
BOUND_REACHED = say(
    "This channel has sent as much as its operator allows in a day. It can go on tomorrow (UTC), or when "
    "an operator resumes."
)
COUNTED = 10_000
"""Texts without an answer that are counted."""

ALL_PAUSED = exists().where(SmsSwitch.name == ALL)
PAUSED = case(
    (ALL_PAUSED, ALL),
    (
        SmsChannel.paused_at.is_not(None)
        & or_(SmsChannel.paused_until.is_(None), SmsChannel.paused_until > db_now()),
        SmsChannel.pause_reason,
    ),
    else_=null(),
)
"""Why a channel's sending is stopped now, or NULL."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Why, since when, until when (None: until somebody resumes) and by whom a channel is paused."""

    reason: str
    since: datetime
    until: datetime | None
    by: str
    kept_back: int
    """Texts that got no answer since, counted up to ``COUNTED``."""


def pause(runtime: Runtime, assistant_id: str, *, by: Person, reason: str = BY_PERSON) -> bool:
    """Stop a channel's sending; False when it was stopped. NotFound without a channel.

    An operator's stop takes the place of any other, for only an operator ends it.
    """
    with transaction() as connection:
        row = _lock(connection, assistant_id)
        is_stopped = row.paused_at is not None and row.paused_until is None
        if is_stopped and (reason != BY_OPERATOR or row.pause_reason == BY_OPERATOR):
            return False
        write_pause(connection, row.id, reason, by=by.name, over=True)
        audit.record(connection, row.id, by, "paused")
    _tell(runtime, assistant_id)
    return True


def resume(runtime: Runtime, assistant_id: str, *, by: Person) -> bool:
    """Let a channel send again, and count its limits anew where one was reached; False when nothing stopped it.

    Conflict while an operator's stop is in force, and where the operator's bound of the day is reached.
    """
    with transaction() as connection:
        _start_anew(connection, runtime, assistant_id, by)
        row = _lock(connection, assistant_id)
        if row.paused_at is None:
            return False
        if row.pause_reason == BY_OPERATOR and by.id != OPERATOR_ID:
            raise Conflict(say("An operator has stopped this channel. Only an operator can start it again."))
        connection.execute(
            update(SmsChannel)
            .where(SmsChannel.id == row.id)
            .values(
                paused_at=None,
                paused_until=None,
                pause_reason=None,
                paused_by=None,
                updated_at=SmsChannel.updated_at,
            )
        )
        audit.record(connection, row.id, by, "resumed")
    _tell(runtime, assistant_id)
    return True


def _start_anew(connection: Connection, runtime: Runtime, assistant_id: str, by: Person) -> None:
    """Forget what was used of a limit that has paused the channel: who resumes wants it to go on.

    What the operator allows in a day is not forgotten, unless it is an operator who resumes. Before the channel's row is
    locked, as those who count do.
    """
    reached = select(SmsChannel.__table__, db_now().label("now")).where(
        SmsChannel.assistant_id == assistant_id, SmsChannel.pause_reason.in_(LIMITS)
    )
    row = connection.execute(reached).first()
    if row is None:
        return
    segments, money = 0, 0
    if by.id != OPERATOR_ID:
        left = left_today(connection, runtime.settings, row.id, row.now)
        if left.is_nothing:
            raise Conflict(BOUND_REACHED)
        segments, money = left.used_at_least(SpendingLimits.of(runtime.settings, ChannelOptions.of_row(row)))
    month = 0 if row.pause_reason == "money_month" else SmsSpending.month_money
    connection.execute(
        update(SmsSpending)
        .where(SmsSpending.channel_id == row.id)
        .values(day_segments=segments, day_money=money, month_money=month)
    )


def pause_all(runtime: Runtime, *, by: Person) -> bool:
    """Stop the sending of every channel of the installation; False when it was stopped."""
    with transaction() as connection:
        stopped = connection.execute(
            insert_or_conflict(connection, SmsSwitch)
            .values(name=ALL, by=by.name[:200])
            .on_conflict_do_nothing(index_elements=[SmsSwitch.name])
            .returning(SmsSwitch.name)
        ).first()
    runtime.channels.forget_all()
    runtime.changes.send()
    logger.warning("sending is stopped for all channels, by %s", by.name)
    return stopped is not None


def resume_all(runtime: Runtime, *, by: Person) -> bool:
    """Let every channel send again that nothing else stops; False when nothing was stopped."""
    with transaction() as connection:
        gone = connection.execute(SmsSwitch.__table__.delete().where(SmsSwitch.name == ALL))  # type: ignore[attr-defined]
    runtime.channels.forget_all()
    runtime.changes.send()
    logger.warning("sending goes on for all channels, by %s", by.name)
    return bool(gone.rowcount)


def write_pause(
    connection: Connection,
    channel_id: int,
    reason: str,
    *,
    by: str = "",
    until: datetime | None = None,
    over: bool = False,
) -> None:
    """Stop a channel in the caller's transaction; a pause that is in force stays as it is, unless ``over``."""
    in_force = SmsChannel.paused_at.is_not(None) & or_(
        SmsChannel.paused_until.is_(None), SmsChannel.paused_until > db_now()
    )
    connection.execute(
        update(SmsChannel)
        .where(SmsChannel.id == channel_id, or_(~in_force, literal(over)))
        .values(
            paused_at=db_now(),
            paused_until=until,
            pause_reason=reason,
            paused_by=by[:200],
            updated_at=SmsChannel.updated_at,
        )
    )


def read_pause(connection: Connection, row: Any) -> Pause | None:
    """The pause of a channel's row that has ``PAUSED`` as ``paused``; None when it ended meanwhile."""
    if row.paused != ALL:
        kept_back = _kept_back(connection, row.id, row.paused_at)
        return Pause(row.paused, row.paused_at, row.paused_until, row.paused_by or "", kept_back)
    switch = connection.execute(select(SmsSwitch.__table__).where(SmsSwitch.name == ALL)).first()
    if switch is None:
        return None
    return Pause(ALL, switch.at, None, switch.by, _kept_back(connection, row.id, switch.at))


def is_paused(channel_id: int) -> bool:
    """Whether a channel's sending is stopped now."""
    with transaction() as connection:
        return connection.scalar(select(PAUSED).where(SmsChannel.id == channel_id)) is not None


def _kept_back(connection: Connection, channel_id: int, since: datetime) -> int:
    some = (
        select(SmsMessage.id)
        .where(
            SmsMessage.channel_id == channel_id,
            SmsMessage.created_at >= since - JUST_BEFORE,
            SmsMessage.no_reply_reason == NoReply.PAUSED.value,
        )
        .limit(COUNTED)
        .subquery()
    )
    return connection.scalar(select(func.count()).select_from(some)) or 0


def _lock(connection: Connection, assistant_id: str) -> Any:
    row = connection.execute(
        select(SmsChannel.__table__)
        .where(SmsChannel.assistant_id == assistant_id)
        .with_for_update(key_share=True)
    ).first()
    if row is None:
        raise NotFound(say("SMS is not connected for this assistant."))
    return row


def _tell(runtime: Runtime, assistant_id: str) -> None:
    runtime.channels.forget(assistant_id)
    runtime.changes.send()
