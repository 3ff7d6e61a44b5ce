"""The lines of the audit go with the texts of their time."""

from __future__ import annotations

from sqlalchemy import delete, select

from illumichat_sms_plugin.models import SmsAuditEntry
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.retention.place import Old, Page, Place, hold

PAGE = 500
"""Entries deleted in one transaction."""


def delete_audit(runtime: Runtime, old: Old, place: Place | None) -> Page:  # noqa: ARG001 - as all parts
    """The oldest entries, as long as they are old: entries are only ever added, so the first young one ends it."""
    oldest = (
        select(SmsAuditEntry.id, SmsAuditEntry.created_at)
        .where(SmsAuditEntry.channel_id == old.channel_id)
        .order_by(SmsAuditEntry.id)
        .limit(PAGE)
    )
    with transaction() as connection:
        hold(connection, old)
        rows = connection.execute(oldest).all()
        gone = [row for row in rows if row.created_at < old.before]
        if gone:
            connection.execute(delete(SmsAuditEntry).where(SmsAuditEntry.id.in_([row.id for row in gone])))
    return Page(len(gone), Place(gone[-1].created_at, gone[-1].id) if len(gone) == PAGE else None)
