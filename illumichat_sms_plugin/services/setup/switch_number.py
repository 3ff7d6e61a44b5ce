"""Whether texts to a further number are answered: an admin's switch."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, select, update

from illumichat_sms_plugin.errors import NotFound
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import SmsChannel, SmsFurtherNumber, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.services import audit
from illumichat_sms_plugin.services.rate_limit import spend

ASKS, PERIOD = 60, 600
"""How often a person may have Twilio asked about a further number, in so many seconds."""
NO_NUMBER = say("There is no such further number.")


def switch_number(assistant_id: str, number_id: int, *, enabled: bool, by: Person) -> None:
    """Answer texts to it or not; NotFound for one of another channel."""
    with transaction() as connection:
        row = connection.execute(
            select(SmsFurtherNumber.__table__)
            .where(_one(assistant_id, number_id))
            .with_for_update(key_share=True)
        ).first()
        if row is None:
            raise NotFound(NO_NUMBER)
        if row.enabled == enabled:
            return
        connection.execute(
            update(SmsFurtherNumber).where(SmsFurtherNumber.id == number_id).values(enabled=enabled)
        )
        change = audit.changed(row.phone_number, row.enabled, enabled)
        audit.record(connection, row.channel_id, by, "number_switched", [change])


def ask_again(assistant_id: str, number_id: int, *, by: Person) -> None:
    """Have housekeeping ask Twilio once more about a number that it did not confirm; NotFound as above, RateLimited."""
    unconfirmed = _one(assistant_id, number_id), SmsFurtherNumber.confirmed_at.is_(None)
    with transaction() as connection:
        found = connection.scalar(select(SmsFurtherNumber.id).where(*unconfirmed))
    if found is None:
        raise NotFound(NO_NUMBER)
    spend(f"number/person/{by.id}", limit=ASKS, period=PERIOD)
    with transaction() as connection:
        connection.execute(
            update(SmsFurtherNumber).where(*unconfirmed).values(denied_at=None, looks=0, look_at=db_now())
        )


def _one(assistant_id: str, number_id: int) -> ColumnElement[bool]:
    channel = select(SmsChannel.id).where(SmsChannel.assistant_id == assistant_id).scalar_subquery()
    return and_(SmsFurtherNumber.id == number_id, SmsFurtherNumber.channel_id == channel)
