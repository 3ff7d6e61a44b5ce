"""The record of who changed a channel's configuration, and of what people decided about its texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.models import SmsAuditEntry
from illumichat_sms_plugin.models.database import transaction

CHANGES_NOTHING = frozenset(
    {
        "woken",
        "taken_over",
        "handed_back",
        "text_started",
        "suggestion_sent",
        "suggestion_discarded",
        "texter_exported",
        "blocked",
        "unblocked",
        "doctor_run",
        "resent",
        "dismissed",
        "answered_again",
        "opted_out",
        "opted_in",
        "texter_erased",
    }
)
"""Actions that leave the channel's configuration as it is."""
LONGEST_VALUE = 200
"""Characters of a value that are kept; guidelines may have thousands."""


def record(
    connection: Connection,
    channel_id: int,
    by: Person,
    action: str,
    changes: Iterable[Mapping[str, Any]] = (),
) -> None:
    """Add an entry in the caller's transaction; the caller makes sure that no secret is in ``changes``."""
    connection.execute(
        insert(SmsAuditEntry).values(
            channel_id=channel_id,
            person_id=by.id[:128],
            person_name=by.name[:200],
            action=action,
            changes=[dict(change) for change in changes],
        )
    )


def changed(field: str, old: Any, new: Any) -> dict[str, Any]:
    """A change with its values; long values are cut to where they differ."""
    if isinstance(old, str) and isinstance(new, str):
        start = _where_to_begin(old, new)
        old, new = _from(start, old), _from(start, new)
    return {"field": field, "old": _short(old), "new": _short(new)}


def about(field: str, value: int | str) -> dict[str, Any]:
    """What the action was about, such as the id of a text."""
    return {"field": field, "value": value}


def changed_secret(field: str) -> dict[str, Any]:
    """A change whose values must not be shown."""
    return {"field": field}


def recent_entries(channel_id: int, limit: int = 20, before: int | None = None) -> Sequence[Row[Any]]:
    """The newest entries of a channel, newest first; with ``before`` those older than the one with that id."""
    entries = select(SmsAuditEntry.__table__).where(SmsAuditEntry.channel_id == channel_id)
    if before is not None:
        entries = entries.where(SmsAuditEntry.id < before)
    with transaction() as connection:
        return connection.execute(entries.order_by(SmsAuditEntry.id.desc()).limit(limit)).all()


def last_change(channel_id: int) -> Row[Any] | None:
    """The newest entry that changed the channel's configuration, None when nobody has."""
    with transaction() as connection:
        return connection.execute(
            select(SmsAuditEntry.__table__)
            .where(SmsAuditEntry.channel_id == channel_id, SmsAuditEntry.action.not_in(CHANGES_NOTHING))
            .order_by(SmsAuditEntry.id.desc())
            .limit(1)
        ).first()


def _where_to_begin(old: str, new: str) -> int:
    """The first character to keep: 0, unless the values differ only after what is kept of them."""
    shorter = min(len(old), len(new))
    same = next((place for place in range(shorter) if old[place] != new[place]), shorter)
    return 0 if same < LONGEST_VALUE // 2 else same - LONGEST_VALUE // 4


def _from(start: int, value: str) -> str:
    return f"…{value[start:]}" if start else value


def _short(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST_VALUE:
        return value[: LONGEST_VALUE - 1] + "…"
    return value
