"""Say that an assistant's number was taken from it, which none of its admins did."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import SmsAuditEntry
from illumichat_sms_plugin.services.pauses import OPERATOR_ID as OPERATOR_ID  # noqa: PLC0414 - offered here, too

TWILIO_ID = "twilio"
"""The audit's actor for a number that went to the account that owns it."""


@dataclass(frozen=True, slots=True)
class LostNumber:
    """The number, and whether Twilio said that another account owns it; else an operator released it."""

    phone_number: str
    to_owner: bool

    @property
    def sentence(self) -> str:
        """What happened, for an admin."""
        if self.to_owner:
            return say(
                "{number} was disconnected: another account connected it, and Twilio says that it owns it.",
                number=self.phone_number,
            )
        return say("{number} was disconnected by an operator of this platform.", number=self.phone_number)


def find_lost_number(connection: Connection, channel_id: int) -> LostNumber | None:
    """What was lost by a channel that is not connected, or None when it was given up by an admin, or never was."""
    newest = connection.execute(
        select(SmsAuditEntry.action, SmsAuditEntry.person_id, SmsAuditEntry.changes)
        .where(
            SmsAuditEntry.channel_id == channel_id, SmsAuditEntry.action.in_(("connected", "disconnected"))
        )
        .order_by(SmsAuditEntry.id.desc())
        .limit(1)
    ).first()
    if newest is None or newest.action != "disconnected" or newest.person_id not in (TWILIO_ID, OPERATOR_ID):
        return None
    old = next((change.get("old") for change in newest.changes if change["field"] == "phone_number"), None)
    return LostNumber(old, newest.person_id == TWILIO_ID) if old else None
