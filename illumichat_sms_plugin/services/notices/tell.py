"""Tell the host what is to be told; part of housekeeping, in a lane of its own, for the host may take its time.

At least once, always with the same key: a host that has heard it does nothing. What a host cannot take is tried again,
ever more seldom, while it still stands.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from flask import current_app
from sqlalchemy import Connection, and_, func, select, text, update

from illumichat_sms_plugin.host import NoticeKind, offered
from illumichat_sms_plugin.models import SmsChannel, SmsNotice, db_now, db_now_once
from illumichat_sms_plugin.models.database import discreet_errors, insist, transaction
from illumichat_sms_plugin.models.notice import UNTOLD
from illumichat_sms_plugin.models.one_of import locked_in_order
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.runtime.host_call import host_call
from illumichat_sms_plugin.services.notices.what_stands import OF_SESSIONS, together

logger = logging.getLogger("illumichat_sms.notices")

BATCH = 50
"""Notices that one round takes."""
CLAIM = 120.0
"""Seconds for which no other process takes claimed notices."""
QUIET = 3600.0
"""Seconds in which the same is not told again when it ends and comes back."""
CALLS, HOUR = 10, 3600.0
"""So often an hour a host is told of one kind in one channel; what comes beyond is told together later."""
LATER = 600.0
PAUSES = (30.0, 60.0, 300.0, 1800.0, 3600.0)
"""Seconds before the next try after a failed one; the last one repeats."""

COLUMNS = (
    SmsNotice.id,
    SmsNotice.channel_id,
    SmsNotice.kind,
    SmsNotice.session_id,
    SmsNotice.sentence,
    SmsNotice.since,
    SmsNotice.tries,
)


def tell_notices(runtime: Runtime) -> int:
    """Tell the host; returns how many notices were tried."""
    notices = offered(runtime.host, "notices")
    if notices is None:
        return 0
    claimed = _claim()
    for rows in _calls(claimed):
        _tell(runtime, notices, rows)
    return len(claimed)


def _claim() -> Sequence[Any]:
    with transaction() as connection:
        due = select(SmsNotice.id).where(text(UNTOLD), SmsNotice.due_at <= db_now())
        ids = list(connection.scalars(due.order_by(SmsNotice.due_at).limit(BATCH)))
        if not ids:
            return ()
        chosen = locked_in_order(connection.dialect.name, SmsNotice.__table__.c.id, ids)
        return connection.execute(
            update(SmsNotice)
            .where(chosen, and_(text(UNTOLD), SmsNotice.due_at <= db_now()))
            .values(due_at=db_now(CLAIM), tries=SmsNotice.tries + 1)
            .returning(*COLUMNS)
        ).all()


def _calls(claimed: Sequence[Any]) -> Iterator[list[Any]]:
    """One call each; what concerns sessions of one channel in one call."""

    def call_of(row: Any) -> tuple[int, str, int]:
        return row.channel_id, row.kind, 0 if row.kind in OF_SESSIONS else row.id

    for _, rows in groupby(sorted(claimed, key=call_of), key=call_of):
        yield sorted(rows, key=lambda row: row.id)


def _tell(runtime: Runtime, notices: Any, rows: Sequence[Any]) -> None:
    newest, ids = rows[-1], [row.id for row in rows]
    kind = NoticeKind(newest.kind)
    with transaction() as connection:
        channel = connection.execute(
            select(SmsChannel.workspace_id, SmsChannel.assistant_id).where(SmsChannel.id == newest.channel_id)
        ).first()
        too_many = _told_lately(connection, newest) >= CALLS
    if channel is None:
        return
    if too_many:
        _put_off(ids, LATER, tried=False)
        return
    try:
        with discreet_errors(), host_call():
            notices.notify(
                channel.workspace_id,
                channel.assistant_id,
                kind=str(kind),
                sentence=newest.sentence if len(rows) == 1 else together(kind, len(rows)),
                url=_url(runtime, channel.assistant_id, rows),
                key=f"sms-{newest.id}-{newest.since:%Y%m%dT%H%M%S%f}",
            )
    except Exception:  # the host's code may raise anything; it is told again
        logger.exception("channel %s: the host could not take a notice (%s)", newest.channel_id, kind)
        _put_off(ids, PAUSES[min(newest.tries, len(PAUSES)) - 1], tried=True)
        return
    insist(lambda connection: _note_told(connection, ids))


def _note_told(connection: Connection, ids: Sequence[int]) -> None:
    """All at one moment: what was told together counts as one call."""
    chosen = locked_in_order(connection.dialect.name, SmsNotice.__table__.c.id, ids)
    told = update(SmsNotice).where(chosen, SmsNotice.told_at.is_(None))
    connection.execute(told.values(told_at=db_now_once(), due_at=db_now_once(QUIET)))


def _told_lately(connection: Connection, row: Any) -> int:
    """How often the host was told of this kind in this channel within the hour; what was told together is one time."""
    return (
        connection.scalar(
            select(func.count(SmsNotice.told_at.distinct())).where(
                SmsNotice.channel_id == row.channel_id,
                SmsNotice.kind == row.kind,
                SmsNotice.told_at > db_now(-HOUR),
            )
        )
        or 0
    )


def _put_off(ids: Sequence[int], seconds: float, *, tried: bool) -> None:
    with transaction() as connection:
        chosen = locked_in_order(connection.dialect.name, SmsNotice.__table__.c.id, ids)
        later = {"due_at": db_now(seconds), "tries": SmsNotice.tries - (0 if tried else 1)}
        connection.execute(update(SmsNotice).where(chosen).values(later))


def _url(runtime: Runtime, assistant_id: str, rows: Sequence[Any]) -> str:
    """Where something can be done about it: the session, the sessions, or the channel's page."""
    values = {"assistant_id": assistant_id}
    endpoint, kind = "sms_channel.channel_page", rows[0].kind
    if kind in OF_SESSIONS and len(rows) == 1:
        endpoint, values = "sms_sessions.session_page", {**values, "session_id": rows[0].session_id}
    elif kind in OF_SESSIONS:
        shown = "person" if kind == NoticeKind.WANTS_A_PERSON else "machine"
        endpoint, values = "sms_sessions.session_list", {**values, "show": shown}
    if endpoint not in current_app.view_functions:
        return ""
    return runtime.settings.public_url + current_app.url_map.bind("").build(endpoint, values)
