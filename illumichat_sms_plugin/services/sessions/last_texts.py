"""The newest text of each of a few sessions, for a list of conversations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from illumichat_sms_plugin.models import Direction, SmsMessage, SmsSession
from illumichat_sms_plugin.models.database import transaction

SHOWN = 120
"""Characters of a text that a list shows."""


@dataclass(frozen=True, slots=True)
class LastText:
    """The beginning of a text, and whether the texter wrote it."""

    beginning: str
    is_inbound: bool


def last_texts(session_ids: Sequence[int]) -> Mapping[int, LastText]:
    """The newest text by the session's id. Each is found by an index, so a long session costs no more than a new one."""
    if not session_ids:
        return {}
    newest = (
        select(func.max(SmsMessage.id))
        .where(SmsMessage.session_id == SmsSession.id)
        .correlate(SmsSession)
        .scalar_subquery()
    )
    texts = (
        select(
            SmsMessage.session_id, SmsMessage.direction, func.substr(SmsMessage.body, 1, SHOWN).label("body")
        )
        .join(SmsSession, SmsMessage.id == newest)
        .where(SmsSession.id.in_(session_ids))
    )
    with transaction() as connection:
        return {
            row.session_id: LastText(" ".join(row.body.split()), row.direction == Direction.INBOUND.value)
            for row in connection.execute(texts)
        }
