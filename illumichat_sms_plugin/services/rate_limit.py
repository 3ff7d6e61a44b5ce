"""How often a person may do what costs something, counted in the database for all processes together."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import case, delete, select

from illumichat_sms_plugin.errors import RateLimited
from illumichat_sms_plugin.in_words import count
from illumichat_sms_plugin.languages.wording import joined, say
from illumichat_sms_plugin.models import SmsRateCount, db_now
from illumichat_sms_plugin.models.database import insert_or_conflict, read_now, transaction
from illumichat_sms_plugin.runtime import Runtime

BATCH = 1000
"""Counts deleted in one round."""
TOO_OFTEN = say("This was done too often.")


def spend(subject: str, *, limit: int, period: int, too_often: str = TOO_OFTEN) -> None:
    """Count one more for ``subject``; RateLimited beyond ``limit`` in ``period`` seconds, which says ``too_often``.

    Periods are fixed and counting is one statement, so that two processes cannot both take the last one.
    """
    now = read_now().timestamp()
    number = int(now // period)
    ends_at = datetime.fromtimestamp((number + 1) * period, UTC)
    with transaction() as connection:
        statement = insert_or_conflict(connection, SmsRateCount).values(
            subject=subject[:200], period=number, count=1, ends_at=ends_at
        )
        is_new = SmsRateCount.period != statement.excluded.period
        used = connection.execute(
            statement.on_conflict_do_update(
                index_elements=[SmsRateCount.subject],
                set_={
                    "count": case((is_new, 1), else_=SmsRateCount.count + 1),
                    "ends_at": statement.excluded.ends_at,
                    "period": case((is_new, statement.excluded.period), else_=SmsRateCount.period),
                },
            ).returning(SmsRateCount.count)
        ).scalar_one()
    if used > limit:
        wait = max(1, int((number + 1) * period - now) + 1)
        minutes = -(-wait // 60)
        again = say("Try again in {minutes}.", minutes=count(minutes, "minute"))
        raise RateLimited(joined(" ", (too_often, again)), wait)


def forget_old_counts(runtime: Runtime) -> int:  # noqa: ARG001 - a chore's signature
    """Delete the counts whose period is over, a bounded number; part of housekeeping."""
    over = select(SmsRateCount.subject).where(SmsRateCount.ends_at < db_now()).limit(BATCH)
    with transaction() as connection:
        gone = connection.execute(
            delete(SmsRateCount).where(
                SmsRateCount.subject.in_(over.scalar_subquery()), SmsRateCount.ends_at < db_now()
            )
        )
    return gone.rowcount
