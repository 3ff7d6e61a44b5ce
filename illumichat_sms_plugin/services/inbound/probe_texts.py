"""The texts that the Doctor sends to itself, and how the webhook knows them from all others.

Their MessageSid carries a code that only the holder of the encryption keys can make. So no
outsider can mark a text as a test, and have it recorded without an answer.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, exists, select, text

from illumichat_sms_plugin.models import SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.roll_up_sessions import uncount_sessions
from illumichat_sms_plugin.services.analytics.rollup_state import lock_rollup

PREFIX = "SMd0c7"
SENDER = "SMSDoctor"
"""A name, so that it cannot be the number of a person."""
LEFT_BEHIND = 300.0
"""Seconds after which a test text that is still there was forgotten by a process that died."""


def new_probe_sid(runtime: Runtime, channel_id: int) -> str:
    """A MessageSid that :func:`probe_columns` recognises for this channel."""
    nonce = secrets.token_hex(6)
    return f"{PREFIX}{nonce}{next(_codes(runtime, channel_id, nonce))}"


def probe_columns(runtime: Runtime, channel_id: int, message_sid: str) -> dict[str, Any]:
    """The columns that mark an inbound text as a test; empty for ordinary texts."""
    if not message_sid.startswith(PREFIX):
        return {}
    nonce, code = message_sid[6:18], message_sid[18:]
    if any(
        hmac.compare_digest(code.encode(), right.encode()) for right in _codes(runtime, channel_id, nonce)
    ):
        return {"is_test": True}
    return {}


def is_recorded(channel_id: int, message_sid: str) -> bool:
    """Whether a text with this SID is in the database, marked as a test."""
    found = select(SmsMessage.id).where(
        SmsMessage.channel_id == channel_id, SmsMessage.message_sid == message_sid, SmsMessage.is_test
    )
    with transaction() as connection:
        return connection.execute(found).first() is not None


def remove_probes(channel_id: int, message_sid: str | None = None) -> None:
    """Delete one test text, or those that were left behind, and the session if nothing else is in it."""
    which = (
        SmsMessage.message_sid == message_sid
        if message_sid is not None
        else SmsMessage.created_at < db_now(-LEFT_BEHIND)
    )
    # By themselves, and word for word as in the partial index: else SQLite goes through all texts.
    tests = select(SmsMessage.id).where(SmsMessage.channel_id == channel_id, text("is_test"))
    with transaction() as connection:
        lock_rollup(connection, channel_id)
        gone = connection.execute(
            delete(SmsMessage).where(SmsMessage.id.in_(tests), which).returning(SmsMessage.session_id)
        ).all()
        empty = connection.scalars(
            select(SmsSession.id).where(
                SmsSession.id.in_({row.session_id for row in gone}),
                ~exists().where(SmsMessage.session_id == SmsSession.id),
            )
        ).all()
        uncount_sessions(connection, channel_id, empty)
        connection.execute(
            delete(SmsSession).where(
                SmsSession.id.in_(empty), ~exists().where(SmsMessage.session_id == SmsSession.id)
            )
        )


def _codes(runtime: Runtime, channel_id: int, nonce: str) -> Iterator[str]:
    """The code under each encryption key, the newest first: processes may differ during a rotation."""
    for key in runtime.settings.encryption_keys:
        derived = sha256(b"illumichat-sms doctor " + key.encode()).digest()
        yield hmac.new(derived, f"{channel_id}/{nonce}".encode(), "sha256").hexdigest()[:16]
