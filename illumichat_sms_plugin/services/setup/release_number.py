"""Take a number from an assistant whose people are gone or locked it wrongly; an operator's business."""

from __future__ import annotations

from sqlalchemy import select

from illumichat_sms_plugin.errors import NotFound
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.models import SmsChannel
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.phone_number import to_e164
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.setup.save_channel import disconnect


def release(runtime: Runtime, phone_number: str, *, by: Person) -> str:
    """Disconnect the assistant that holds ``phone_number`` (E.164) and return its id; the host need not know it.

    As every disconnecting it keeps options and history and leaves an audit entry. InvalidInput for no number,
    NotFound when nobody holds it, Outdated when the channel is changed at this very moment.
    """
    number = to_e164(phone_number)
    with transaction() as connection:
        row = connection.execute(
            select(SmsChannel.assistant_id, SmsChannel.version).where(SmsChannel.phone_number == number)
        ).first()
    if row is None:
        raise NotFound(f"No assistant holds {number}.")
    disconnect(runtime, row.assistant_id, by=by, seen_version=row.version)
    assistant_id: str = row.assistant_id
    return assistant_id
