"""Delete sessions whose texts are all gone, with number and consent record. An opt-out stays, as that of an erased texter does.

What they count for in the figures stays: they are only forgotten as sessions that may move to another hour.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, and_, delete, select, union_all

from illumichat_sms_plugin.models import (
    SmsConsentEvent,
    SmsCountedSession,
    SmsMedia,
    SmsMessage,
    SmsNotice,
    SmsPastChat,
    SmsPersonText,
    SmsRest,
    SmsSession,
    SmsSuggestion,
    db_now,
)
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.rollup_state import lock_rollup
from illumichat_sms_plugin.services.channels import forget_channel
from illumichat_sms_plugin.services.retention.place import Old, Page, Place, after, hold
from illumichat_sms_plugin.services.texters.suppressions import keep_opt_out

PAGE = 50
"""Sessions looked at, and mostly deleted, in one transaction."""


def delete_sessions(runtime: Runtime, old: Old, place: Place | None) -> Page:
    """One page of the sessions that have not texted lately."""
    silent = and_(SmsSession.channel_id == old.channel_id, SmsSession.last_message_at < old.before)
    of_page = (
        select(SmsSession.id, SmsSession.last_message_at)
        .where(silent, after(SmsSession.last_message_at, SmsSession.id, place))
        .order_by(SmsSession.last_message_at, SmsSession.id)
        .limit(PAGE)
    )
    with transaction() as connection:
        hold(connection, old)
        found = connection.execute(of_page).all()
        lock_rollup(connection, old.channel_id)
        rows = _lock(connection, [row.id for row in found])
        needed = _needed(connection, old, [row.id for row in rows])
        gone = [row for row in rows if row.id not in needed and _is_over(row, old)]
        for row in gone:
            keep_opt_out(connection, runtime, old.channel_id, row.phone_number, row.opted_out_at)
        _delete(connection, [row.id for row in gone])
    if any(row.opted_out_at for row in gone):
        forget_channel(runtime, old.assistant_id)  # it may have a pepper now
    last = found[-1] if len(found) == PAGE else None
    return Page(len(gone), Place(last.last_message_at, last.id) if last else None)


def _lock(connection: Connection, ids: Sequence[int]) -> Sequence[Any]:
    """As they are by now. Who texts waits, and opens a session anew. By id alone, else SQLite goes through the silent ones."""
    return connection.execute(
        select(SmsSession.__table__, (SmsSession.lease_expires_at > db_now()).label("busy"))
        .where(SmsSession.id.in_(ids))
        .order_by(SmsSession.id)
        .with_for_update()
    ).all()


def _is_over(row: Any, old: Old) -> bool:
    """Whether nobody is at it, and nobody has begun something about it lately."""
    since = (row.created_at, row.last_message_at, row.person_since, row.person_at, row.suggested_at)
    return not row.busy and row.suggested_at is None and all(at is None or at < old.before for at in since)


def _needed(connection: Connection, old: Old, ids: Sequence[int]) -> set[int]:
    """Those that still have a text, something a person wrote, or younger consent. Read after they are locked."""
    kept = union_all(
        select(SmsMessage.session_id).where(SmsMessage.session_id.in_(ids)),
        select(SmsPersonText.session_id).where(
            SmsPersonText.session_id.in_(ids), SmsPersonText.created_at >= old.before
        ),
        select(SmsConsentEvent.session_id).where(
            SmsConsentEvent.session_id.in_(ids), SmsConsentEvent.created_at >= old.before
        ),
    )
    return set(connection.scalars(kept))


def _delete(connection: Connection, ids: Collection[int]) -> None:
    if not ids:
        return
    connection.execute(delete(SmsCountedSession).where(SmsCountedSession.session_id.in_(ids)))
    for table in (SmsMedia, SmsRest, SmsSuggestion, SmsPersonText, SmsNotice, SmsPastChat, SmsConsentEvent):
        connection.execute(delete(table).where(table.session_id.in_(ids)))
    connection.execute(delete(SmsSession).where(SmsSession.id.in_(ids)))
