"""Take a number from an assistant that should not hold it: by an operator, or because its owner connected it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select

from illumichat_sms_plugin.errors import NotFound
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.models import SmsChannel
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.phone_number import to_e164
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.channels import load_channel
from illumichat_sms_plugin.services.setup.lost_number import TWILIO_ID
from illumichat_sms_plugin.services.setup.ownership import Asked, ask_for_number
from illumichat_sms_plugin.services.setup.save_channel import disconnect
from illumichat_sms_plugin.twilio_gateway.values import Credentials

TWILIO = Person(TWILIO_ID, "Twilio (another account owns the number)")
"""The audit's actor for a channel that lost its number to the number's owner."""


HOLDER: tuple[Any, ...] = (SmsChannel.assistant_id, SmsChannel.account_sid, SmsChannel.version)


def release(runtime: Runtime, phone_number: str, *, by: Person) -> str:
    """Disconnect the assistant that holds ``phone_number`` (E.164) and return its id; the host need not know it.

    Of several, which can only be drafts, the first.

    As every disconnecting it keeps options and history and leaves an audit entry. InvalidInput for no number,
    NotFound when no assistant holds it, Outdated when the channel is being changed at the same moment.
    """
    number = to_e164(phone_number)
    row = _any_holder(number)
    if row is None:
        raise NotFound(f"No assistant holds {number}.")
    disconnect(runtime, row.assistant_id, by=by, seen_version=row.version)
    assistant_id: str = row.assistant_id
    return assistant_id


def take_from_wrong_holder(runtime: Runtime, owner: Credentials, phone_number: str) -> bool:
    """Disconnect whoever holds a number that Twilio says is ``owner``'s; whether the number is free now.

    A draft holds nothing. A number is one account's at a time, so another account's credentials are not the number's
    any more. With the same account it stays where it is, unless Twilio refuses the holder's token.
    """
    holder = _confirmed_holder(phone_number)
    if holder is None:
        return True
    if holder.account_sid == owner.account_sid:
        channel = load_channel(runtime, holder.assistant_id)
        stored = channel.credentials if channel is not None else None
        if stored is None or ask_for_number(runtime, stored, phone_number).asked is not Asked.REFUSED:
            return False
    disconnect(runtime, holder.assistant_id, by=TWILIO, seen_version=holder.version)
    return True


def _confirmed_holder(phone_number: str) -> Row[Any] | None:
    with transaction() as connection:
        return connection.execute(
            select(*HOLDER).where(
                SmsChannel.phone_number == phone_number, SmsChannel.confirmed_at.is_not(None)
            )
        ).first()


def _any_holder(phone_number: str) -> Row[Any] | None:
    """The channel that has the number, else the oldest draft that names it."""
    with transaction() as connection:
        return connection.execute(
            select(*HOLDER)
            .where(SmsChannel.phone_number == phone_number)
            .order_by(SmsChannel.confirmed_at.is_(None), SmsChannel.id)
            .limit(1)
        ).first()
