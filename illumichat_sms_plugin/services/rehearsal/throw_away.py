"""Have the host delete the chat of a rehearsal. A process that dies, or a host that is away, loses none."""

from __future__ import annotations

import logging

from sqlalchemy import Connection

from illumichat_sms_plugin.host import offered
from illumichat_sms_plugin.models.database import discreet_errors
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.runtime.host_call import host_call
from illumichat_sms_plugin.services.texters.erase_at_host import erase_chat, note_chat

logger = logging.getLogger("illumichat_sms.rehearsal")


def note(connection: Connection, channel_id: int, chat_id: str | None) -> None:
    """Write down, in the transaction that forgets the rehearsal, that its chat is to go."""
    if chat_id:
        note_chat(connection, channel_id, chat_id)


def throw_away(runtime: Runtime, chat_id: str | None) -> None:
    """Have a chat that was noted deleted at once, or closed if the host can do no more. Housekeeping tries again."""
    if not chat_id:
        return
    chats = runtime.host.chats
    erase_chat(runtime, chat_id)
    close = None if offered(chats, "erase") else offered(chats, "close")
    if close is None:
        return
    try:
        with discreet_errors(), host_call():
            close(chat_id)
    except Exception:  # the host's code may raise anything; a chat that stays says in its title what it is
        logger.exception("the host could not close the chat of a rehearsal")
