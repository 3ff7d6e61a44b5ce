"""The files that were fetched: kept with the text, so that a repeated round asks Twilio for none of them again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Executable, Row, func, select, update

from illumichat_sms_plugin.models import SmsMedia, SmsSession
from illumichat_sms_plugin.models.base import db_now_once
from illumichat_sms_plugin.models.database import insert_or_conflict, transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.leases import SessionLease, holding, named
from illumichat_sms_plugin.services.media.files import File

BATCH = 100
"""Files that one round of housekeeping lets go."""
DAY = 86400.0


def kept_files(message_id: int) -> list[File]:
    """What was fetched for a text before, or could not be had."""
    wanted = select(SmsMedia.__table__).where(SmsMedia.message_id == message_id).order_by(SmsMedia.position)
    with transaction() as connection:
        return [_file(row) for row in connection.execute(wanted)]


def _file(row: Row[tuple[object, ...]]) -> File:
    size = (row.width, row.height) if row.width and row.height else None
    return File(row.position, row.content_type, row.data, row.problem or "", size)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose files they are."""

    channel_id: int
    session_id: int
    message_id: int


def keep_files(lease: SessionLease, ttl: float, owner: Owner, files: Sequence[File]) -> None:
    """Keep them, once, while the session is ours, which it stays for ``ttl`` more seconds; else nothing.

    The session is locked first, as everybody does: a texter who is being erased leaves no files behind.
    """
    rows = [
        {
            "channel_id": owner.channel_id,
            "session_id": owner.session_id,
            "message_id": owner.message_id,
            "position": file.position,
            "content_type": file.content_type,
            "size": len(file.data or b""),
            "width": file.size[0] if file.size else None,
            "height": file.size[1] if file.size else None,
            "data": file.data,
            "problem": file.problem or None,
        }
        for file in files
    ]
    with transaction() as connection:
        if connection.execute(holding(SmsSession.id), named(lease, ttl=ttl)).first() is None:
            return
        connection.execute(insert_or_conflict(connection, SmsMedia).on_conflict_do_nothing(), rows)


def let_files_go(runtime: Runtime) -> int:
    """Empty files that are older than they are kept, and of each channel the oldest beyond its room; returns how many."""
    days, room = runtime.settings.media_days, runtime.settings.media_megabytes * 1024 * 1024
    old = select(SmsMedia.id).where(
        SmsMedia.data.is_not(None), SmsMedia.created_at < db_now_once(-days * DAY)
    )
    gone = _empty(old, "old")
    newer = func.sum(SmsMedia.size).over(partition_by=SmsMedia.channel_id, order_by=SmsMedia.id.desc())
    sizes = select(SmsMedia.id, newer.label("used")).where(SmsMedia.data.is_not(None)).subquery()
    return gone + _empty(select(sizes.c.id).where(sizes.c.used > room), "space")


def _empty(which: Executable, problem: str) -> int:
    with transaction() as connection:
        ids: Collection[int] = connection.scalars(which.limit(BATCH)).all()  # type: ignore[attr-defined]
        if not ids:
            return 0
        emptied = update(SmsMedia).where(SmsMedia.id.in_(sorted(ids)), SmsMedia.data.is_not(None))
        return connection.execute(emptied.values(data=None, problem=problem)).rowcount
