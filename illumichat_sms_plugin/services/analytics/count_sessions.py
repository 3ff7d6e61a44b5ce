"""How many sessions texted within a period: from what was counted, and from all of them for a recount."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import aliased

from illumichat_sms_plugin.local_days import HOUR, floor_hour
from illumichat_sms_plugin.models import (
    SmsCountedSession,
    SmsMessage,
    SmsRollup,
    SmsSession,
    SmsSessionHour,
    UtcDateTime,
)
from illumichat_sms_plugin.phone_number import ANONYMOUS_NUMBER


@dataclass(frozen=True, slots=True)
class Sessions:
    """``total``: phones that texted in within the period; names and short codes are none. ``active``: of those, with a text
    within ``SMS_SESSION_ACTIVE_WITHIN``, and neither opted out nor blocked. ``contacts_matched``: of the total, linked to a
    contact that was there before. ``contacts_created``: of the total, with a contact that was made for them."""

    total: int
    active: int
    contacts_matched: int
    contacts_created: int = 0


A_PHONE = and_(
    SmsSession.phone_number.startswith("+", autoescape=True), SmsSession.phone_number != ANONYMOUS_NUMBER
)
"""Not a name, a short code, or nobody."""
NAMES = ("total", "active", "matched", "created")


def read_sessions(
    connection: Connection, channel_id: int, start: datetime, active_since: datetime, until: datetime
) -> Sessions | None:
    """Count the sessions whose last text came at ``start`` or later, of which those before ``until`` are rolled up.

    What is read grows with the sessions of an hour or two, not with those of the period. None when the
    roll-up has not come as far as ``start`` yet, or gone on from ``until`` meanwhile.
    """
    active = max(start, active_since)
    start_hour, active_hour = _next_hour(start), _next_hour(active)
    if until < start_hour:
        return None
    span = {
        "channel_id": channel_id,
        "until": until,
        "start": start,
        "start_hour": start_hour,
        "active": active,
        "active_hour": active_hour,
    }
    rollup, *parts = connection.execute(_read(), span)
    if rollup.until != until:
        return None
    return Sessions(
        total=sum(part.sign * (part.total or 0) for part in parts),
        active=sum(part.sign * (part.active or 0) for part in parts),
        contacts_matched=sum(part.sign * (part.matched or 0) for part in parts),
        contacts_created=sum(part.sign * (part.created or 0) for part in parts),
    )


def _next_hour(instant: datetime) -> datetime:
    """``instant`` where it is a full hour, else the next one."""
    hour = floor_hour(instant)
    return hour if hour == instant else hour + HOUR


def count_sessions(
    connection: Connection, channel_id: int, start: datetime, active_since: datetime
) -> Sessions:
    """The same without the roll-up: reads an index entry for each."""
    span = {"channel_id": channel_id, "start": start, "active": max(start, active_since)}
    found, tests = (connection.execute(query, span).one() for query in (_count_all(), _count_tests()))
    silent = connection.scalar(_silent(), span) or 0
    total, active, matched, created = (count - test for count, test in zip(found, tests, strict=True))
    return Sessions(total, active - silent, matched, created)


# Built once: putting such a statement together takes longer than the database takes to run it.
@cache
def _count_all(channel_id: Any = SmsSession.channel_id) -> Select[*tuple[Any, ...]]:
    """All of them, found by the index ``ix_sms_sessions_last_message``."""
    return _count(SmsSession.last_message_at >= _time("start"), channel_id=channel_id)


@cache
def _count_tests() -> Select[*tuple[Any, ...]]:
    """The same for sessions in which only the Doctor ever texted."""
    real = aliased(SmsMessage)
    tests = select(SmsMessage.session_id).where(
        SmsMessage.channel_id == bindparam("channel_id"),
        text("sms_messages.is_test"),  # word for word as in the partial index, else SQLite reads all texts
        ~exists().where(real.session_id == SmsMessage.session_id, ~real.is_test),
    )
    # Of those few: "+ 0" keeps SQLite from going through all sessions of the period to find them.
    return _count_all(SmsSession.channel_id + 0).where(SmsSession.id.in_(tests))


def _count(*which: Any, channel_id: Any = SmsSession.channel_id) -> Select[*tuple[Any, ...]]:
    active = SmsSession.last_message_at >= _time("active")
    return (
        select(
            func.count().label("total"),
            func.count(case((active, 1))).label("active"),
            func.count(case((~SmsSession.contact_created, SmsSession.contact_id))).label("matched"),
            func.count(case((SmsSession.contact_created, SmsSession.contact_id))).label("created"),
        )
        .select_from(SmsSession)
        .where(channel_id == bindparam("channel_id"), A_PHONE, *which)
    )


@cache
def _silent() -> Select[*tuple[Any, ...]]:
    """Those that count as active by their last text, and get no answers: found by the indexes of such sessions."""
    last = SmsSession.last_message_at >= _time("active")
    opted_out = select(SmsSession.id).where(SmsSession.opted_out_at.is_not(None))
    blocked = select(SmsSession.id).where(
        SmsSession.blocked_at.is_not(None), SmsSession.opted_out_at.is_(None)
    )
    of_channel = SmsSession.channel_id == bindparam("channel_id")
    found = union_all(*(which.where(of_channel, last, A_PHONE) for which in (opted_out, blocked))).subquery()
    return select(func.count().label("active")).select_from(found)


def _time(name: str) -> Any:
    return bindparam(name, type_=UtcDateTime)


@cache
def _read() -> CompoundSelect[*tuple[Any, ...]]:
    """One statement, so that its parts go together whatever is committed meanwhile; the first says until when
    sessions are rolled up, each other one what to add or to take away."""
    until = select(SmsRollup.sessions_until).where(SmsRollup.channel_id == bindparam("channel_id"))
    last = SmsSession.last_message_at
    before_start_hour = _count(last >= _time("start"), last < _time("start_hour"))
    before_active_hour = _count(last >= _time("active"), last < _time("active_hour"), last < _time("until"))
    return union_all(
        select(
            until.scalar_subquery().label("until"),
            literal(0).label("sign"),
            cast(null(), BigInteger).label("total"),
            cast(null(), BigInteger).label("active"),
            cast(null(), BigInteger).label("matched"),
            cast(null(), BigInteger).label("created"),
        ),
        _part(+1, _rolled_up()),
        _part(-1, _moved_on()),
        _part(+1, _count(last >= _time("until"))),
        _part(+1, before_start_hour, "total", "matched", "created"),
        _part(+1, before_active_hour, "active"),
        _part(-1, _count_tests()),
        _part(-1, _silent(), "active"),
    )


def _part(sign: int, counted: Select[*tuple[Any, ...]], *names: str) -> Select[*tuple[Any, ...]]:
    """``counted``, of which only ``names`` count; all of them where there are none."""
    found = counted.subquery()
    columns = [found.c[name] if not names or name in names else cast(null(), BigInteger) for name in NAMES]
    return select(cast(null(), UtcDateTime), literal(sign), *columns)


def _rolled_up() -> Select[*tuple[Any, ...]]:
    hour = SmsSessionHour
    return select(
        func.sum(hour.sessions).label("total"),
        func.sum(case((hour.hour >= _time("active_hour"), hour.sessions))).label("active"),
        func.sum(hour.matched).label("matched"),
        func.sum(hour.created).label("created"),
    ).where(hour.channel_id == bindparam("channel_id"), hour.hour >= _time("start_hour"))


def _moved_on() -> Select[*tuple[Any, ...]]:
    """Sessions that are rolled up where they were before their last text."""
    counted = SmsCountedSession
    return (
        select(
            func.count().label("total"),
            func.count(case((counted.hour >= _time("active_hour"), 1))).label("active"),
            func.count(case((counted.matched, 1))).label("matched"),
            func.count(case((counted.created, 1))).label("created"),
        )
        .select_from(SmsSession)
        .join(counted, counted.session_id == SmsSession.id)
        .where(
            SmsSession.channel_id == bindparam("channel_id"),
            SmsSession.last_message_at >= _time("until"),
            counted.hour >= _time("start_hour"),
        )
    )
