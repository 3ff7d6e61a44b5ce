"""The chats of a session's earlier conversations, for those who look at the session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from illumichat_sms_plugin.models import SmsPastChat
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime

MOST = 20


@dataclass(frozen=True, slots=True)
class PastChat:
    """The chat of an earlier conversation."""

    chat_id: str
    chat_url: str
    ended_at: datetime
    """When the next conversation began."""


def past_chats(runtime: Runtime, session_id: int) -> list[PastChat]:
    """Of a session, the newest first, at most ``MOST``."""
    wanted = (
        select(SmsPastChat.chat_id, SmsPastChat.ended_at)
        .where(SmsPastChat.session_id == session_id)
        .order_by(SmsPastChat.id.desc())
        .limit(MOST)
    )
    with transaction() as connection:
        rows = connection.execute(wanted).all()
    return [PastChat(row.chat_id, runtime.host.chats.url(row.chat_id), row.ended_at) for row in rows]
