"""What came with a text on its way into the host's chat: fetched for as long as the answer may wait, then handed over.

A file that cannot be had, or that the host's chat does not take, costs the texter no answer: the chat then has the text,
and the kinds of its files as words.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Protocol

from illumichat_sms_plugin.host import Attachment, ChatGone, ChatMessage
from illumichat_sms_plugin.host_attachments import takes_attachments
from illumichat_sms_plugin.models.database import DATABASE_AWAY
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.runtime.host_call import host_call
from illumichat_sms_plugin.services.answering.situation import OpenSession
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.services.leases import SessionLease
from illumichat_sms_plugin.services.media.fetch_files import Named, fetch_files, room_for_files
from illumichat_sms_plugin.services.media.files import File
from illumichat_sms_plugin.services.media.kept_files import Owner, keep_files, kept_files

logger = logging.getLogger("illumichat_sms.media")

Attachments = Sequence[Attachment]


class WithMedia(Protocol):
    """A text that may have come with files."""

    @property
    def id(self) -> int:
        """The message's."""

    @property
    def message_sid(self) -> str:
        """Twilio's."""

    @property
    def media(self) -> Sequence[Named]:
        """What Twilio named."""


class AttachedFiles:
    """Those of one round's texts. All fetching of a round together takes no longer than an answer may wait for it."""

    def __init__(self, runtime: Runtime, lease: SessionLease) -> None:
        self._runtime = runtime
        self._lease = lease
        self._seconds_left = runtime.settings.media_seconds

    @contextmanager
    def to(self, channel: Channel, session: OpenSession, text: WithMedia) -> Iterator[Attachments]:
        """What came with ``text``, in memory until the end of the block; nothing at all for a text alone."""
        if not text.media:
            yield ()
            return
        started = time.monotonic()
        with room_for_files(self._seconds_left) as has_room:
            files = kept_files(text.id)
            if not files:
                spent = time.monotonic() - started
                files = self._fetch(channel, text, self._seconds_left - spent if has_room else 0.0)
                self._keep(Owner(session.channel_id, session.id, text.id), files)
            self._seconds_left = max(0.0, self._seconds_left - (time.monotonic() - started))
            yield tuple(_attachment(file) for file in files)

    def _fetch(self, channel: Channel, text: WithMedia, seconds: float) -> list[File]:
        if not self._runtime.settings.media_seconds:
            return _without(text.media, "off")
        if seconds <= 0:
            return _without(text.media, "late")
        return fetch_files(self._runtime, channel, text.message_sid, text.media, seconds)

    def _keep(self, owner: Owner, files: Sequence[File]) -> None:
        settings = self._runtime.settings
        keep_files(self._lease, settings.assistant_timeout + settings.lease_ttl, owner, files)


def _without(media: Sequence[Named], problem: str) -> list[File]:
    return [File(position, kind, problem=problem) for position, (_, kind) in enumerate(media)]


def _attachment(file: File) -> Attachment:
    return Attachment(file.content_type, file.name, file.data, file.sentence)


def append_with_files(chats: Any, chat_id: str, message: ChatMessage, attachments: Attachments) -> bool:
    """Append a text with its files where the host's chat takes them; False where the text is to be appended alone.

    ChatGone and a database that is away are everybody's business; whatever else goes wrong costs the files only.
    """
    if not takes_attachments(chats):
        return False
    missing = [each.content_type for each in attachments if each.data is None]
    if missing:
        message = replace(message, content=f"{message.content}\n[could not be fetched: {', '.join(missing)}]")
    try:
        with host_call():
            chats.append(chat_id, message, attachments=tuple(attachments))
    except (ChatGone, *DATABASE_AWAY):
        raise
    except Exception:
        logger.exception("chat %s: the host did not take what is attached to a text", chat_id)
        return False
    return True
