"""Forget replaced Auth Tokens whose time is over; part of housekeeping."""

from __future__ import annotations

from sqlalchemy import update

from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.models import SmsChannel, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services import audit
from illumichat_sms_plugin.services.channels import forget_channel

HOUSEKEEPING = Person("housekeeping", "Housekeeping (24 hours were over)")
"""Who stands in the audit."""


def end_replaced_tokens(runtime: Runtime) -> int:
    """Drop the tokens that were replaced 24 hours ago; returns how many."""
    over = (SmsChannel.next_auth_token.is_not(None), SmsChannel.next_auth_token_until <= db_now())
    with transaction() as connection:
        ended = connection.execute(
            update(SmsChannel)
            .where(*over)
            .values(next_auth_token=None, next_auth_token_until=None, version=SmsChannel.version + 1)
            .returning(SmsChannel.id, SmsChannel.assistant_id)
        ).all()
        for row in ended:
            audit.record(connection, row.id, HOUSEKEEPING, "token_dropped")
    for row in ended:
        forget_channel(runtime, row.assistant_id)
    return len(ended)
