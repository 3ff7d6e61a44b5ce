"""How the installation is doing, for a load balancer and for Prometheus. No ids, no numbers, no secrets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from illumichat_sms_plugin.models import (
    SmsChannel,
    SmsHeartbeat,
    SmsMessage,
    SmsRejection,
    db_now,
)
from illumichat_sms_plugin.models.by_index import by_index
from illumichat_sms_plugin.models.database import behind_pooler, patience, transaction
from illumichat_sms_plugin.models.message import PENDING, UNFINISHED, UNSETTLED
from illumichat_sms_plugin.models.sql_time import milliseconds_between
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.channel_health import count_failing
from illumichat_sms_plugin.services.last_hour import count_cut_answers, count_last_hour
from illumichat_sms_plugin.services.pauses import PAUSED
from illumichat_sms_plugin.services.security_events import events_of_the_last_hour

PATIENCE = 1.0
"""Seconds that the health check waits for a statement."""
SCRAPE_PATIENCE = 10.0
LATE_AFTER = 60.0
"""Seconds without a sign of housekeeping after which it is reported."""
MOST_WAITING = 100_000
"""Waiting texts are counted up to here; who has as many waiting does not need to know how many more there are."""
LAST_HOUR = -3600.0


Reached = Literal["ok", "unreachable"]
Heard = Literal["ok", "late", "unknown"]
Overall = Literal["ok", "degraded", "down"]


@dataclass(frozen=True, slots=True)
class Health:
    """``database`` and ``queue`` are ``ok`` or ``unreachable``, ``housekeeping`` ``ok``, ``late`` or ``unknown``."""

    database: Reached
    queue: Reached
    housekeeping: Heard
    pooler: bool = False
    """Whether a pooler such as PgBouncer stands before the database."""

    @property
    def status(self) -> Overall:
        """``down`` when this process can record no text; ``degraded`` when answers come late."""
        if self.database != "ok":
            return "down"
        return "ok" if (self.queue, self.housekeeping) == ("ok", "ok") else "degraded"


def check_health(runtime: Runtime) -> Health:
    """Look, but not more often than once a second."""
    found: Health = runtime.health.get("health", lambda: _look(runtime))
    return found


def _look(runtime: Runtime) -> Health:
    queue: Reached = "ok" if runtime.queue.ping() else "unreachable"
    try:
        with patience(PATIENCE):
            age, pooler = housekeeping_age(), behind_pooler()
    except SQLAlchemyError:
        return Health("unreachable", queue, "unknown")
    return Health("ok", queue, "ok" if age is not None and age < LATE_AFTER else "late", pooler)


def housekeeping_age() -> float | None:
    """Seconds since housekeeping last did something; None when it never has."""
    age = select(milliseconds_between(SmsHeartbeat.beat_at, db_now())).where(
        SmsHeartbeat.name == "housekeeping"
    )
    with transaction() as connection:
        milliseconds = connection.scalar(age)
    return None if milliseconds is None else max(milliseconds / 1000, 0.0)


@dataclass(frozen=True, slots=True)
class Figures:
    """What Prometheus gets; ages in seconds, None for what could not be found out."""

    waiting: int
    oldest_waiting: float
    unfinished: int
    unsettled: int
    channels: int
    channels_with_trouble: int
    housekeeping_age: float | None
    inbound: int
    outbound: dict[str, int]
    cut: dict[str, int]
    """Answers of the last hour that were cut, by what became of their rest."""
    refused: dict[str, int]
    queue_length: int | None
    workers: int | None
    foreign_jobs: int | None
    attention: dict[str, int]
    """Connected channels that somebody has to look at, by reason."""
    security: dict[tuple[str, str], int]
    """Security events of the last hour, by event and reason."""


def read_figures(runtime: Runtime) -> Figures:
    """Count; SQLAlchemyError when the database cannot be asked."""
    with patience(SCRAPE_PATIENCE):
        age = housekeeping_age()
        with transaction() as connection:
            with by_index(connection):
                waiting = connection.execute(_waiting()).one()
                unfinished, unsettled = (connection.scalar(_count(kind)) for kind in (UNFINISHED, UNSETTLED))
            recent = count_last_hour(connection)
            cut = count_cut_answers(connection)
            channels = connection.execute(_channels()).one()
            refused = connection.execute(_refused()).all()
            attention = _attention(connection)
        security = events_of_the_last_hour()
    return Figures(
        waiting=waiting.number,
        oldest_waiting=max((waiting.age or 0.0) / 1000, 0.0),
        unfinished=unfinished or 0,
        unsettled=unsettled or 0,
        channels=channels.connected,
        channels_with_trouble=channels.trouble,
        housekeeping_age=age,
        inbound=recent.inbound,
        outbound=recent.outbound,
        cut=cut,
        refused={row.reason: row.number for row in refused},
        queue_length=runtime.queue.length(),
        workers=runtime.queue.workers(),
        foreign_jobs=runtime.queue.foreign_jobs(),
        attention=attention,
        security=security,
    )


def _waiting() -> Any:
    waiting = select(SmsMessage.created_at).where(text(PENDING)).limit(MOST_WAITING).subquery()
    age = milliseconds_between(func.min(waiting.c.created_at), db_now())
    return select(func.count().label("number"), age.label("age")).select_from(waiting)


def _count(kind: str) -> Any:
    return select(func.count()).select_from(SmsMessage).where(text(kind))


def _channels() -> Any:
    return select(
        func.count().label("connected"), func.count(SmsChannel.attention_code).label("trouble")
    ).where(SmsChannel.account_sid.is_not(None), SmsChannel.enabled)


def _attention(connection: Connection) -> dict[str, int]:
    """``refused``: an error that an admin has to mend; ``paused``; ``not_arriving``, as the card judges it;
    ``assistant_missing``, connected or not: the host does not know it."""
    connected = SmsChannel.account_sid.is_not(None) & SmsChannel.enabled
    row = connection.execute(
        select(func.count(SmsChannel.attention_code), func.count(PAUSED)).where(connected)
    ).one()
    missing = select(func.count()).select_from(SmsChannel).where(SmsChannel.missing_since.is_not(None))
    return {
        "refused": row[0],
        "paused": row[1],
        "not_arriving": count_failing(connection),
        "assistant_missing": connection.scalars(missing).one(),
    }


def _refused() -> Any:
    return (
        select(SmsRejection.reason, func.sum(SmsRejection.count).label("number"))
        .where(SmsRejection.last_at > db_now(LAST_HOUR))
        .group_by(SmsRejection.reason)
    )
