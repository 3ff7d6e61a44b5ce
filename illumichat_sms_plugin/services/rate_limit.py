"""How often a person may do what costs something, counted in the database for all processes together."""

from __future__ import annotations

from sqlalchemy import case

from illumichat_sms_plugin.errors import RateLimited
from illumichat_sms_plugin.in_words import count
from illumichat_sms_plugin.models import SmsRateCount
from illumichat_sms_plugin.models.database import insert_or_conflict, read_now, transaction


def spend(subject: str, *, limit: int, period: int, what: str = "This was done") -> None:
    """Count one more for ``subject``; RateLimited beyond ``limit`` in ``period`` seconds, which says ``what``.

    Periods are fixed and counting is one statement, so that two processes cannot both take the last one.
    """
    now = read_now().timestamp()
    number = int(now // period)
    with transaction() as connection:
        statement = insert_or_conflict(connection, SmsRateCount).values(
            subject=subject[:200], period=number, count=1
        )
        is_new = SmsRateCount.period != statement.excluded.period
        used = connection.execute(
            statement.on_conflict_do_update(
                index_elements=[SmsRateCount.subject],
                set_={
                    "count": case((is_new, 1), else_=SmsRateCount.count + 1),
                    "period": case((is_new, statement.excluded.period), else_=SmsRateCount.period),
                },
            ).returning(SmsRateCount.count)
        ).scalar_one()
    if used > limit:
        wait = max(1, int((number + 1) * period - now) + 1)
        minutes = -(-wait // 60)
        raise RateLimited(f"{what} too often. Try again in {count(minutes, 'minute')}.", wait)
