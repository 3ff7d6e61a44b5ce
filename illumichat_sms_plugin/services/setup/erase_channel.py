"""Erase a whole channel: the end of an assistant or a workspace. Only an operator does it, and nothing is kept.

Disconnected first, so that nothing comes in or goes out any more; then its sessions, a bounded number in a
transaction, and at last the channel's own row with all that belongs to it. Interrupted, it is called again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Table, delete, func, select, update

from illumichat_sms_plugin.errors import Conflict, NotFound
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.models import (
    Base,
    SmsChannel,
    SmsConsentEvent,
    SmsDoctorResult,
    SmsDoctorRun,
    SmsMedia,
    SmsMessage,
    SmsNotice,
    SmsPastChat,
    SmsPersonText,
    SmsRest,
    SmsRollup,
    SmsSession,
    SmsStatusEvent,
    SmsSuggestion,
    db_now,
)
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.channels import forget_channel
from illumichat_sms_plugin.services.setup.save_channel import disconnect

logger = logging.getLogger("illumichat_sms.erase")

SESSIONS = 20
"""Sessions deleted in one transaction, with at most ``MESSAGES`` texts of each at a time."""
MESSAGES = 500
BUSY = "A text is being answered right now. Call this again in a minute; what is gone already stays gone."


@dataclass(frozen=True, slots=True)
class Erased:
    """What was deleted."""

    sessions: int
    messages: int


def channels_of(workspace_id: str) -> Sequence[str]:
    """The assistants of a workspace that have, or had, a channel."""
    with transaction() as connection:
        return connection.scalars(
            select(SmsChannel.assistant_id)
            .where(SmsChannel.workspace_id == workspace_id)
            .order_by(SmsChannel.id)
        ).all()


def erase_channel(runtime: Runtime, assistant_id: str, *, by: Person) -> Erased:
    """Delete all that is stored of an assistant's channel; NotFound, Conflict while a worker is at one of its sessions."""
    channel_id = _disconnected(runtime, assistant_id, by)
    sessions = messages = 0
    while found := _some_sessions(channel_id):
        for session_id in found:
            while deleted := _delete_texts(session_id):
                messages += deleted
        sessions += _delete_sessions(found)
    _delete_rest(channel_id, assistant_id)
    forget_channel(runtime, assistant_id)
    logger.warning(
        "channel %s was erased with %s sessions and %s texts, by %s", channel_id, sessions, messages, by.name
    )
    return Erased(sessions, messages)


def _disconnected(runtime: Runtime, assistant_id: str, by: Person) -> int:
    """The channel's id, once nothing comes in any more. The host need not know the assistant."""
    with transaction() as connection:
        row = connection.execute(
            select(SmsChannel.id, SmsChannel.account_sid, SmsChannel.phone_number).where(
                SmsChannel.assistant_id == assistant_id
            )
        ).first()
    if row is None:
        raise NotFound(f"Nothing is stored of a channel of {assistant_id}.")
    if row.account_sid or row.phone_number:
        disconnect(runtime, assistant_id, by=by)
    channel_id: int = row.id
    return channel_id


def _some_sessions(channel_id: int) -> Sequence[int]:
    """Sessions to delete next; Conflict when a worker is at one of them and may be handing a text to Twilio."""
    with transaction() as connection:
        rows = connection.execute(
            select(SmsSession.id, (SmsSession.lease_expires_at > db_now()).label("busy"))
            .where(SmsSession.channel_id == channel_id)
            .order_by(SmsSession.id)
            .limit(SESSIONS)
        ).all()
    if any(row.busy for row in rows):
        raise Conflict(BUSY)
    return [row.id for row in rows]


def _delete_texts(session_id: int) -> int:
    """Delete some texts of a session and what hangs on them; returns how many. Locked in the order of their ids."""
    with transaction() as connection:
        ids = connection.scalars(
            select(SmsMessage.id)
            .where(SmsMessage.session_id == session_id)
            .order_by(SmsMessage.id)
            .limit(MESSAGES)
            .with_for_update()
        ).all()
        connection.execute(delete(SmsStatusEvent).where(SmsStatusEvent.message_id.in_(ids)))
        connection.execute(delete(SmsMedia).where(SmsMedia.message_id.in_(ids)))
        for table in (SmsRest, SmsSuggestion, SmsPersonText, SmsNotice):
            connection.execute(delete(table).where(table.session_id == session_id))
        answers = SmsMessage.session_id == session_id, SmsMessage.answer_id.in_(ids)
        connection.execute(update(SmsMessage).where(*answers).values(answer_id=None))
        connection.execute(delete(SmsMessage).where(SmsMessage.id.in_(ids)))
    return len(ids)


def _delete_sessions(session_ids: Sequence[int]) -> int:
    with transaction() as connection:
        for table in (SmsConsentEvent, SmsNotice, SmsPastChat):
            connection.execute(delete(table).where(table.session_id.in_(session_ids)))
        empty = ~select(SmsMessage.id).where(SmsMessage.session_id == SmsSession.id).exists()
        gone = connection.execute(delete(SmsSession).where(SmsSession.id.in_(session_ids), empty))
    return gone.rowcount


def _delete_rest(channel_id: int, assistant_id: str) -> None:
    """What belongs to the channel itself: figures, audit, numbers, runs of the Doctor, and its row.

    Twice: small at first, then again while the row is locked and nobody can add to it.
    """
    for table in _tables_of_a_channel():
        with transaction() as connection:
            _delete_from(connection, table, channel_id)
    with transaction() as connection:
        # Who counts has locked this before it adds a row.
        connection.execute(delete(SmsRollup).where(SmsRollup.channel_id == channel_id))
        connection.execute(select(SmsChannel.id).where(SmsChannel.id == channel_id).with_for_update())
        if connection.scalar(select(func.count()).where(SmsSession.channel_id == channel_id)):
            raise Conflict(BUSY)
        for table in _tables_of_a_channel():
            _delete_from(connection, table, channel_id)
        runs = select(SmsDoctorRun.id).where(SmsDoctorRun.assistant_id == assistant_id)
        connection.execute(delete(SmsDoctorResult).where(SmsDoctorResult.run_id.in_(runs)))
        connection.execute(delete(SmsDoctorRun).where(SmsDoctorRun.assistant_id == assistant_id))
        connection.execute(delete(SmsChannel).where(SmsChannel.id == channel_id))


def _tables_of_a_channel() -> Sequence[Table]:
    """All with a ``channel_id`` but those of texts and sessions, which are empty by now; what refers to others first."""
    done = {SmsMessage.__tablename__, SmsSession.__tablename__}
    return [
        table
        for table in reversed(Base.metadata.sorted_tables)
        if "channel_id" in table.c and table.name not in done
    ]


def _delete_from(connection: Connection, table: Table, channel_id: int) -> None:
    connection.execute(delete(table).where(table.c.channel_id == channel_id))
