"""Put every stored secret under the newest key of ``SMS_ENCRYPTION_KEYS``.

Each secret is a transaction of its own, written only if it has not changed meanwhile. So this may be
interrupted, repeated, and run while the app does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import select, update

from illumichat_sms_plugin.errors import SecretUnreadable
from illumichat_sms_plugin.models import SmsChannel
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.channel_secrets import PEPPER, SECRET_COLUMNS, secret_context

COLUMNS = (*SECRET_COLUMNS, PEPPER)


@dataclass(slots=True)
class Rotation:
    """How many secrets were rewritten, how many needed nothing, and which can no longer be read."""

    rewritten: int = 0
    current: int = 0
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    """(assistant id, column)."""


def rotate_keys(runtime: Runtime) -> Rotation:
    """Rewrite what is not under the newest key yet."""
    done = Rotation()
    for assistant_id, column, ciphertext in _secrets():
        context = secret_context(assistant_id, column)
        try:
            runtime.secrets.decrypt(ciphertext, context=context)
            if runtime.secrets.is_current(ciphertext):
                done.current += 1
                continue
            fresh = runtime.secrets.reencrypt(ciphertext, context=context)
        except SecretUnreadable:
            if column != PEPPER:  # not entered by anybody; a new one is made
                done.unreadable.append((assistant_id, column))
            continue
        done.rewritten += _replace(assistant_id, column, ciphertext, fresh)
    return done


def _secrets() -> Iterator[tuple[str, str, str]]:
    columns = [getattr(SmsChannel, column) for column in COLUMNS]
    with transaction() as connection:
        rows = connection.execute(
            select(SmsChannel.assistant_id, *columns).order_by(SmsChannel.assistant_id)
        ).all()
    for row in rows:
        for column in COLUMNS:
            ciphertext = getattr(row, column)
            if ciphertext:
                yield row.assistant_id, column, ciphertext


def _replace(assistant_id: str, column: str, old: str, new: str) -> int:
    """1, or 0 when somebody entered another secret meanwhile: that one is under the newest key already."""
    stored = getattr(SmsChannel, column)
    with transaction() as connection:
        replaced = connection.execute(
            update(SmsChannel)
            .where(SmsChannel.assistant_id == assistant_id, stored == old)
            .values({stored: new, SmsChannel.updated_at: SmsChannel.updated_at})
            .returning(SmsChannel.id)
        ).first()
    return int(replaced is not None)
