"""Keep the host's chat equal to the session: every text and answer, in order, once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select, text, update

from illumichat_sms_plugin.host import ChatGone, ChatMessage
from illumichat_sms_plugin.models import Direction, NoReply, SmsMessage, SmsSession
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.message import UNFILED, UNFINISHED
from illumichat_sms_plugin.phone_number import mask
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.channels import Channel

logger = logging.getLogger("illumichat_sms.chat")

BATCH = 200


def file_messages(runtime: Runtime, channel: Channel, session: Row[Any]) -> str:
    """Append what the chat does not have yet and return the chat's id.

    Stops before an answer whose fate is unknown, so that the order stays right. Every append has
    a key, so one that is repeated after a crash adds nothing.
    """
    chat_id: str = session.chat_id or _open_chat(runtime, channel, session)
    while waiting := _unfiled(session.id):
        for message in waiting:
            try:
                runtime.host.chats.append(chat_id, _entry(message))
            except ChatGone:
                logger.warning("session %s: its chat was deleted, a new one is opened", session.id)
                chat_id = _open_chat(runtime, channel, session, instead_of=chat_id)
                runtime.host.chats.append(chat_id, _entry(message))
            _mark_filed(message)
    return chat_id


def leave_out_next(session_id: int) -> None:
    """Give up on the message whose filing has ended one worker after the other; the session's page still has it."""
    for message in _unfiled(session_id)[:1]:
        logger.error("message %s: filing it kills workers, it is left out of the chat", message.id)
        _mark_filed(message)


def _mark_filed(message: Row[Any]) -> None:
    with transaction() as connection:
        connection.execute(update(SmsMessage).where(SmsMessage.id == message.id).values(in_chat=True))


def _open_chat(runtime: Runtime, channel: Channel, session: Row[Any], instead_of: str = "") -> str:
    chat_id = runtime.host.chats.open(
        assistant_id=channel.assistant_id,
        # Everybody who may read chats sees titles; the full number is for admins, on the session's page.
        title=f"SMS {mask(session.phone_number)}",
        key=f"sms-session-{session.id}" + (f"-after-{instead_of}" if instead_of else ""),
    )
    with transaction() as connection:
        connection.execute(update(SmsSession).where(SmsSession.id == session.id).values(chat_id=chat_id))
    return chat_id


def _unfiled(session_id: int) -> Sequence[Row[Any]]:
    unfinished = (
        select(SmsMessage.id)
        .where(SmsMessage.session_id == session_id, text(UNFINISHED))
        .order_by(SmsMessage.id)
        .limit(1)
    )
    waiting = (
        select(SmsMessage.__table__)
        .where(SmsMessage.session_id == session_id, text(UNFILED))
        .order_by(SmsMessage.id)
        .limit(BATCH)
    )
    with transaction() as connection:
        barrier = connection.scalar(unfinished)
        rows = connection.execute(waiting).all()
    if barrier is not None:
        return [row for row in rows if row.id < barrier and not _is_pending(row)]
    return sorted(rows, key=lambda row: (_is_pending(row), row.id))


def _is_pending(message: Row[Any]) -> bool:
    """Whether it waits for its answer: then it goes after an answer that did not know of it yet.

    An assistant that finds an answer at the end of the chat takes everything before it for answered.
    """
    return (
        message.direction == Direction.INBOUND
        and message.answer_id is None
        and message.no_reply_reason is None
    )


def _entry(message: Row[Any]) -> ChatMessage:
    return ChatMessage(
        role=_role(message),
        content=content_of(message),
        key=f"sms-message-{message.id}",
        created_at=message.created_at,
    )


def _role(message: Row[Any]) -> Any:
    if message.direction == Direction.OUTBOUND:
        # An apology is no answer: the assistant shall still see the question as open.
        return "note" if message.kind == "apology" else "assistant"
    return "note" if message.no_reply_reason == NoReply.KEYWORD else "user"


def content_of(message: Row[Any]) -> str:
    """The text as people and the assistant read it; media are named, never fetched."""
    kinds = [item.get("content_type") or "file" for item in message.media or ()]
    attached = f"[attached: {', '.join(kinds)}]" if kinds else ""
    return "\n".join(part for part in (message.body.strip(), attached) if part) or "[empty message]"
