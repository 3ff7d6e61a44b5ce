"""Follow what Twilio says about an outbound text: from its response, its callbacks and its list.

All three may come early, late, twice or in any order; the ladder in message_status.py decides.
"""

from __future__ import annotations

import logging
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Connection, Executable, Row, and_, bindparam, exists, func, insert, select, update

from illumichat_sms_plugin.message_status import Delivery, MessageStatus, advance, is_final, parse_status
from illumichat_sms_plugin.models import (
    Direction,
    SendState,
    SmsMessage,
    SmsStatusEvent,
    db_now,
)
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.changed_hours import mark_changed
from illumichat_sms_plugin.services.channels import Channel, note_delivery
from illumichat_sms_plugin.services.texters.consent import record_consent
from illumichat_sms_plugin.twilio_gateway.error_codes import is_opt_out
from illumichat_sms_plugin.twilio_gateway.webhook_forms import StatusReport

logger = logging.getLogger("illumichat_sms.delivery")

ARRIVED = (MessageStatus.DELIVERED, MessageStatus.READ)
MAX_EVENTS = 20
"""Status events kept per message; more only ever come from a fault."""
FIRST_CHECK = 60.0
"""Seconds after which Twilio is asked about a text that was in doubt and turned up."""
WITHOUT_SID = (SendState.SENDING, SendState.IN_DOUBT, SendState.UNSETTLED)
COLUMNS = (
    *(SmsMessage.id, SmsMessage.channel_id, SmsMessage.session_id, SmsMessage.created_at),
    *(SmsMessage.message_sid, SmsMessage.send_state, SmsMessage.final_at),
    *(SmsMessage.status, SmsMessage.error_code, SmsMessage.status_conflict),
)
"""What :func:`apply_status` reads of a message."""


def record_status_report(runtime: Runtime, channel: Channel, report: StatusReport) -> bool:
    """Apply one status callback; False when it refers to no message of this channel."""
    with transaction() as connection:
        message = _find(connection, channel, report)
        if message is None:
            return False
        _keep_event(connection, message, report)
        was_doubtful = message.send_state in (SendState.IN_DOUBT, SendState.UNSETTLED)
        opted_out = apply_status(connection, message, report.status, report.error_code, report.message_sid)
    if opted_out:
        honour_opt_out(message.session_id, report.message_sid)
    if report.status in ARRIVED:
        note_delivery(channel)
    if was_doubtful:
        runtime.queue.answer_session(message.session_id, message.channel_id)
    return True


def _find(connection: Connection, channel: Channel, report: StatusReport) -> Row[Any] | None:
    """The message named by its SID, or by our own id when Twilio's response never reached us."""
    by_sid = {"channel": channel.id, "sid": report.message_sid}
    found = connection.execute(_finding("sid"), by_sid).first()
    if found is not None or report.message_id is None:
        return found
    named = connection.execute(_finding("id"), {"channel": channel.id, "id": report.message_id}).first()
    if named is None:
        return None
    if named.message_sid not in (None, report.message_sid):
        logger.warning("message %s: status callback of another SID ignored", named.id)
        return None
    return named


def _keep_event(connection: Connection, message: Row[Any], report: StatusReport) -> None:
    fingerprint = f"{report.status}/{report.error_code or ''}/{report.done_date}"
    connection.execute(
        _keeping(),
        {
            "message_id": message.id,
            "fingerprint": fingerprint[:64],
            "status": report.status.value,
            "error_code": report.error_code,
        },
    )


# Built once: putting such a statement together takes longer than the database takes to run it.
@cache
def _finding(by: str) -> Executable:
    named = SmsMessage.message_sid == bindparam("sid") if by == "sid" else SmsMessage.id == bindparam("id")
    ours = and_(
        SmsMessage.channel_id == bindparam("channel"), SmsMessage.direction == Direction.OUTBOUND.value
    )
    return select(*COLUMNS, db_now().label("now")).where(ours, named).with_for_update(of=SmsMessage)


@cache
def _reading() -> Any:
    return select(*COLUMNS).where(SmsMessage.id == bindparam("id"))


@cache
def _keeping() -> Executable:
    """Keep an event once, and no more than MAX_EVENTS of a message, whose row is locked: so nobody keeps the same one meanwhile."""
    event = SmsStatusEvent.__table__.c
    values = {
        name: bindparam(name, type_=event[name].type)
        for name in ("message_id", "fingerprint", "status", "error_code")
    }
    of_message = event.message_id == values["message_id"]
    kept = select(func.count()).where(of_message).scalar_subquery()
    known = exists().where(of_message, event.fingerprint == values["fingerprint"])
    row = select(*values.values(), db_now()).where(kept < MAX_EVENTS, ~known)
    return insert(SmsStatusEvent).from_select([*values, "created_at"], row)


def apply_status(
    connection: Connection,
    message: Row[Any],
    status: MessageStatus,
    error_code: int | None,
    message_sid: str,
    **columns: Any,
) -> bool:
    """Move ``message`` up the ladder, unless somebody else moves it at the same time: then again.

    ``columns`` are written with it (price, segments). Whatever the status says, Twilio has the
    message, so a row still waiting for its SID takes it over.
    """
    while True:
        before = Delivery(
            MessageStatus(message.status) if message.status else None,
            message.error_code,
            message.status_conflict,
        )
        after = advance(before, status, error_code)
        values: dict[str, Any] = {**columns}
        if after != before:
            values |= {
                "status": after.status.value if after.status else None,
                "error_code": after.error_code,
                "status_conflict": after.conflict,
            }
            if after.status and is_final(after.status) and message.final_at is None:
                values["final_at"] = db_now()
        if message.message_sid is None:
            values["message_sid"] = message_sid
        if message.send_state in WITHOUT_SID:
            values |= {
                "send_state": SendState.ACCEPTED.value,
                "accepted_at": db_now(),
                "error_code": after.error_code,
                "check_at": db_now(FIRST_CHECK),
            } | columns
        if not values or _write(connection, message, values):
            break
        message = connection.execute(_reading(), {"id": message.id}).one()
    if values:
        mark_changed(connection, message.channel_id, message.created_at, getattr(message, "now", None))
    return is_opt_out(after.error_code) and after.error_code != before.error_code


def honour_opt_out(session_id: int, message_sid: str = "") -> None:
    """Twilio says (21610) that the texter wants nothing more.

    In a transaction of its own: elsewhere a session is locked before its messages, never after.
    """
    with transaction() as connection:
        record_consent(connection, session_id, "opt_out", source="twilio", detail=message_sid)


def _write(connection: Connection, message: Row[Any], values: dict[str, Any]) -> bool:
    """Write only if the row is still as we read it."""
    moments = tuple((name, value.offset) for name, value in values.items() if isinstance(value, db_now))
    plain = {f"new_{name}": value for name, value in values.items() if not isinstance(value, db_now)}
    known = {
        "the_id": message.id,
        "old_status": message.status,
        "old_error_code": message.error_code,
        "old_send_state": message.send_state,
        "old_message_sid": message.message_sid,
    }
    statement = _writing(tuple(name for name in values if f"new_{name}" in plain), moments)
    return connection.execute(statement, plain | known).first() is not None


@lru_cache(maxsize=128)
def _writing(plain: tuple[str, ...], moments: tuple[tuple[str, float], ...]) -> Executable:
    """An UPDATE of the columns ``plain``, and of ``moments`` to the database's time plus so many seconds."""
    columns = SmsMessage.__table__.c
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=columns[name].type) for name in plain}
    values |= {name: db_now(offset) for name, offset in moments}
    unchanged = (
        columns[name].is_not_distinct_from(bindparam(f"old_{name}", type_=columns[name].type))
        for name in ("status", "error_code", "send_state", "message_sid")
    )
    return (
        update(SmsMessage)
        .where(SmsMessage.id == bindparam("the_id"), *unchanged)
        .values(values)
        .returning(SmsMessage.id)
    )


def accept(connection: Connection, message: Row[Any], *, sid: str, status: str, segments: int | None) -> None:
    """Twilio has accepted our request and named a SID."""
    columns: dict[str, Any] = {"segments": segments} if segments else {}
    apply_status(connection, message, parse_status(status), None, sid, **columns)
