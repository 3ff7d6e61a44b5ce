"""Hand sessions back to the assistant where people have written nothing for as long as the channel sets."""

from __future__ import annotations

import logging

from sqlalchemy import Float, cast, func, select, text

from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.models import SmsChannel, SmsSession, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.session import FOR_PEOPLE
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.people.handling import hand_back

logger = logging.getLogger("illumichat_sms.people")

BATCH = 50
"""Sessions handed back in one round."""
MARGIN = 3600.0
"""Seconds that a text may be older than the time set: what came since the person's last text is answered, for nobody
would be told of it."""
BY = Person("sms", "SMS (by itself)")
"""Who did it, in the audit."""

_LAST = func.coalesce(SmsSession.person_at, SmsSession.person_since)
_ALLOWED = cast(SmsChannel.hand_back_after_hours * -3600.0, Float)
_LATE = (
    select(SmsSession.id, _LAST.label("last"), SmsChannel.hand_back_after_hours.label("hours"))
    .join(SmsChannel, SmsChannel.id == SmsSession.channel_id)
    .where(
        text(f"({FOR_PEOPLE})"),
        SmsSession.person_since.is_not(None),
        ~SmsSession.person_by_host,
        SmsChannel.hand_back_after_hours > 0,
    )
    .where(db_now(_ALLOWED) > _LAST)
    .order_by(SmsSession.id)
    .limit(BATCH)
)


def hand_back_late(runtime: Runtime) -> int:
    """Returns how many sessions were handed back. Who writes at the same moment keeps theirs."""
    with transaction() as connection:
        late = connection.execute(_LATE).all()
    done = sum(
        hand_back(
            runtime,
            session.id,
            by=BY,
            unless_after=session.last,
            stale_after=session.hours * 3600.0 + MARGIN,
        )
        for session in late
    )
    if done:
        logger.info("%s sessions were handed back to the assistant", done)
    return done
