"""Write down what there is to tell, once until it changes; part of housekeeping.

Channels in which something has just happened are looked at each time, of the others a page, so that a look costs the
same with ten channels and with ten thousand. docs/decisions/notices.md
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, delete, exists, literal, or_, select, update

from illumichat_sms_plugin.host import NoticeKind, offered
from illumichat_sms_plugin.models import (
    SmsChannel,
    SmsNotice,
    SmsSession,
    SmsSpending,
    SmsSwitch,
    db_now,
    db_now_once,
)
from illumichat_sms_plugin.models.database import insert_or_conflict, transaction
from illumichat_sms_plugin.models.one_of import locked_in_order
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.channel_health import suspects
from illumichat_sms_plugin.services.leases import named_lease
from illumichat_sms_plugin.services.notices.what_stands import (
    OF_CHANNELS,
    OF_SESSIONS,
    RECENT,
    Standing,
    of_channel,
    of_sessions,
    still_stand,
)
from illumichat_sms_plugin.services.setup.channel_settings import read_settings
from illumichat_sms_plugin.services.spending import WARN_AT, day_of

PAGE = 50
"""Channels in which nothing is known to have happened that one look takes."""
HAPPENED = 200
"""Channels in which something has happened that one look takes."""
JUST_NOW = 600.0
"""Seconds for which a pause or a refusal has just happened."""
KEPT = 86400.0
"""Seconds for which a notice is kept that stands no more."""
LEASE = 60.0
OPEN = 1000
"""Notices of sessions, of each kind, that one look checks."""


def look_for_notices(runtime: Runtime) -> int:
    """Bring the notices up to date; returns how many are new. Nothing where the host has no ``notices``."""
    if offered(runtime.host, "notices") is None:
        return 0
    with named_lease("notices", LEASE) as held:
        if not held:
            return 0
        new = _look_at_channels(runtime)
        with transaction() as connection:
            _end_of_sessions(connection)
            new += sum(_note(connection, standing) for standing in of_sessions(connection))
            connection.execute(delete(SmsNotice).where(SmsNotice.ended_at < db_now(-KEPT)))
    return new


def _look_at_channels(runtime: Runtime) -> int:
    with transaction() as connection:
        channels = {row.id: row.assistant_id for row in _to_look_at(connection, runtime)}
    new = 0
    for channel_id, assistant_id in sorted(channels.items()):
        stands = of_channel(read_settings(runtime, assistant_id))
        with transaction() as connection:
            _end_of_channel(connection, channel_id, stands)
            new += sum(_note(connection, standing) for standing in stands)
    return new


def _to_look_at(connection: Connection, runtime: Runtime) -> Iterable[Any]:
    columns = (SmsChannel.id, SmsChannel.assistant_id)
    connected = SmsChannel.account_sid.is_not(None)
    after = runtime.sweeps.get("notices", 0)
    page = connection.execute(
        select(*columns).where(connected, SmsChannel.id > after).order_by(SmsChannel.id).limit(PAGE)
    ).all()
    runtime.sweeps["notices"] = page[-1].id if len(page) == PAGE else 0
    happened = select(*columns).where(
        connected, or_(SmsChannel.id.in_(suspects()), *_something_happened(connection, runtime))
    )
    return [*page, *connection.execute(happened.limit(HAPPENED))]


def _something_happened(connection: Connection, runtime: Runtime) -> Sequence[ColumnElement[bool]]:
    settings, now = runtime.settings, connection.scalars(select(db_now())).one()
    money = or_(SmsChannel.money_per_day.is_not(None), SmsChannel.money_per_month.is_not(None))
    most = case(
        (SmsChannel.segments_per_day < settings.segments_per_day_bound, SmsChannel.segments_per_day),
        else_=settings.segments_per_day_bound,
    )
    spends = exists().where(
        SmsSpending.channel_id == SmsChannel.id,
        SmsSpending.day == day_of(now),
        or_(SmsSpending.day_segments >= most * WARN_AT, money, literal(settings.money_per_day_bound > 0)),
    )
    return (
        SmsChannel.paused_at > db_now(-JUST_NOW),
        SmsChannel.attention_at > db_now(-JUST_NOW),
        SmsChannel.id.in_(select(SmsNotice.channel_id).where(_is_open(*OF_CHANNELS))),
        spends,
        exists().where(SmsSwitch.at > db_now(-JUST_NOW)),
    )


def _is_open(*kinds: NoticeKind) -> Any:
    return and_(SmsNotice.kind.in_([str(kind) for kind in kinds]), SmsNotice.ended_at.is_(None))


def _end_of_channel(connection: Connection, channel_id: int, stands: Sequence[Standing]) -> None:
    known = connection.execute(
        select(SmsNotice.id, SmsNotice.kind, SmsNotice.subject).where(
            SmsNotice.channel_id == channel_id, _is_open(*OF_CHANNELS)
        )
    ).all()
    still = {(str(standing.kind), standing.subject) for standing in stands}
    _end(connection, [row.id for row in known if (row.kind, row.subject) not in still])


def _end_of_sessions(connection: Connection) -> None:
    """Each kind has a limit of its own, so that many of one hide none of the other."""
    _end(connection, _old_news(connection))
    for kind in OF_SESSIONS:
        open_ones = select(SmsNotice.session_id, SmsNotice.id).where(_is_open(kind))
        rows = connection.execute(open_ones.order_by(SmsNotice.id.desc()).limit(OPEN)).all()
        by_session = {row.session_id: row.id for row in rows}
        standing = set(still_stand(connection, kind, by_session.keys()))
        _end(connection, [id for session, id in by_session.items() if session not in standing])


def _old_news(connection: Connection) -> Sequence[int]:
    """Of machines that were stopped, those that the host knows of; nobody wakes most of them, ever."""
    since = SmsSession.machine_at
    long_ago = or_(since.is_(None), since < db_now_once(-RECENT))
    told = _is_open(NoticeKind.LOOP_STOPPED), SmsNotice.told_at < db_now_once(-RECENT)
    known = (
        select(SmsNotice.id).join(SmsSession, SmsSession.id == SmsNotice.session_id).where(*told, long_ago)
    )
    return connection.scalars(known.order_by(SmsNotice.id).limit(OPEN)).all()


def _end(connection: Connection, ids: Collection[int]) -> None:
    if ids:
        chosen = locked_in_order(connection.dialect.name, SmsNotice.__table__.c.id, list(ids))
        connection.execute(update(SmsNotice).where(chosen).values(ended_at=db_now()))


def _note(connection: Connection, standing: Standing) -> bool:
    """True when it is new, or has come back. What was told not long ago waits for its ``due_at``."""
    insert = insert_or_conflict(connection, SmsNotice).values(
        channel_id=standing.channel_id,
        kind=str(standing.kind),
        subject=standing.subject,
        session_id=standing.session_id,
        sentence=standing.sentence,
    )
    again = {
        "sentence": insert.excluded.sentence,
        "since": db_now(),
        "due_at": case((SmsNotice.due_at > db_now(), SmsNotice.due_at), else_=db_now()),
        "tries": 0,
        "told_at": None,
        "ended_at": None,
    }
    row = connection.execute(
        insert.on_conflict_do_update(
            index_elements=[SmsNotice.channel_id, SmsNotice.kind, SmsNotice.subject],
            set_=again,
            where=SmsNotice.ended_at.is_not(None),
        ).returning(SmsNotice.id)
    ).first()
    return row is not None
