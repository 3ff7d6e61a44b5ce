"""Keep the host's chat equal to the session: every text and answer, in order, once.

Every append has a key, so repeating one after a crash adds nothing. So it is enough to record what the chat
has in the next transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import Connection, Executable, Row, bindparam, func, select, text, update

from illumichat_sms_plugin.host import PEOPLE, TEXTERS, ChatGone, ChatMessage, Contact, version_of
from illumichat_sms_plugin.models import Direction, SmsMessage, SmsPersonText, SmsRest, SmsSession
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.message import OTHER, PENDING, UNFILED, UNFINISHED
from illumichat_sms_plugin.models.one_of import locked_in_order
from illumichat_sms_plugin.no_reply import NoReply
from illumichat_sms_plugin.phone_number import mask, mask_numbers_in
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.runtime.host_call import host_call
from illumichat_sms_plugin.services.answering.attached_files import (
    AttachedFiles,
    Attachments,
    append_with_files,
)
from illumichat_sms_plugin.services.answering.outgoing import picture_in
from illumichat_sms_plugin.services.answering.situation import OpenSession
from illumichat_sms_plugin.services.channels import Channel
from illumichat_sms_plugin.services.host_ids import stored_id
from illumichat_sms_plugin.services.leases import SessionLease

logger = logging.getLogger("illumichat_sms.chat")

BATCH = 200
NOT_SENT = "[The answer was longer than Max Message Length. This part goes out if the texter asks for MORE within 24 hours:]"
SENT_BY_ANOTHER = "[sent by another system]"
"""The first line of such a text in the chat."""

_OF_SESSION = SmsMessage.session_id == bindparam("session")
_COLUMNS = (
    *(SmsMessage.id, SmsMessage.direction, SmsMessage.kind, SmsMessage.body, SmsMessage.media),
    *(SmsMessage.no_reply_reason, SmsMessage.answer_id, SmsMessage.created_at, SmsMessage.message_sid),
    SmsMessage.sent_at,
)
_LACKING = (
    select(*_COLUMNS)
    .where(_OF_SESSION, text(UNFILED))
    .union_all(select(*_COLUMNS).where(_OF_SESSION, text(PENDING), ~SmsMessage.in_chat))
    .subquery()
)
_UNFILED = (
    select(
        _LACKING,
        select(SmsRest.body).where(SmsRest.message_id == _LACKING.c.id).scalar_subquery().label("rest"),
        select(SmsPersonText.by_name)
        .where(SmsPersonText.message_id == _LACKING.c.id)
        .scalar_subquery()
        .label("person"),
        select(func.min(SmsMessage.id))
        .where(_OF_SESSION, text(UNFINISHED))
        .scalar_subquery()
        .label("barrier"),
    )
    .order_by(_LACKING.c.id)
    .limit(BATCH)
)
_CHAT = update(SmsSession).where(SmsSession.id == bindparam("session")).values(chat_id=bindparam("chat"))


Role = Literal["user", "assistant", "note", "person"]
ANSWER = "answer"
"""The kind of what the assistant says, also where a person has sent it as the assistant suggested it."""
PERSON = "person"
"""The kind of a message that a person wrote."""
FIRST = "first"
"""The kind of a text that the host started. The assistant takes it for its own, so that it understands the answer to it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A message that the chat lacks."""

    id: int
    role: Role
    content: str = field(repr=False)
    created_at: datetime
    is_open: bool
    """It waits for its answer."""
    rest: str = field(default="", repr=False)
    """What the message left out."""
    by: str = ""
    """Which person wrote it."""
    media: tuple[tuple[str, str], ...] = ()
    """Addresses and content types of what came with it, as Twilio named them."""
    message_sid: str = ""


def read_unfiled(connection: Connection, session_id: int) -> list[Entry]:
    """The messages that the chat lacks, in the order in which they are appended; at most ``BATCH``.

    They end before an answer whose outcome is unknown, to keep the order. An open text goes after an answer that
    was written without it: an assistant that sees an answer at the end of the chat takes everything before
    it as answered.
    """
    rows = connection.execute(_UNFILED, {"session": session_id}).all()
    entries = [_entry(row) for row in rows]
    barrier = rows[0].barrier if rows else None
    if barrier is not None:
        return [entry for entry in entries if entry.id < barrier and not entry.is_open]
    return sorted(entries, key=lambda entry: (entry.is_open, entry.id))


def note_filed(connection: Connection, messages: Collection[int]) -> None:
    """The chat has these."""
    if messages:
        connection.execute(_filing(connection.dialect.name), {"filed": list(messages)})


@cache
def _filing(dialect: str) -> Executable:
    chosen = locked_in_order(dialect, SmsMessage.__table__.c.id, bindparam("filed", expanding=True))
    return update(SmsMessage).where(chosen).values(in_chat=True)


def leave_out_next(connection: Connection, session_id: int) -> None:
    """Give up on the message that has killed each worker which tried to file it. The session's page still shows it."""
    for entry in read_unfiled(connection, session_id)[:1]:
        logger.error("message %s: filing it kills workers, it is left out of the chat", entry.id)
        note_filed(connection, [entry.id])


class ChatLog:
    """Writes one session into its chat, and remembers what the database does not record yet."""

    def __init__(self, runtime: Runtime, lease: SessionLease) -> None:
        self._runtime = runtime
        self._attached = AttachedFiles(runtime, lease)
        self._chat_id: str | None = None
        self._contact: Contact | None = None
        self._written: list[int] = []

    def write(
        self,
        channel: Channel,
        session: OpenSession,
        entries: Sequence[Entry],
        contact: Contact | None = None,
    ) -> str:
        """Append all that the chat lacks, beginning with these, and return the chat's id. ``contact`` is who texts."""
        self._contact = contact or self._contact
        self._chat_id = self._chat_id or session.chat_id or self._open(channel, session)
        while entries:
            for entry in entries:
                self._append(channel, session, entry)
                self._written.append(entry.id)
                if session.crashed:  # then it is known which one kills workers
                    with transaction() as connection:
                        self.note(connection)
            if len(entries) < BATCH:
                break
            entries = self._next(session)
        return self._chat_id

    def write_answer(
        self,
        channel: Channel,
        session: OpenSession,
        entries: Sequence[Entry],
        contact: Contact | None = None,
    ) -> bool:
        """Append these, the last of which is being sent; returns whether the caller should record that one."""
        self.write(channel, session, entries, contact)
        answer = entries[-1].id
        if answer not in self._written:
            return False
        self._written.remove(answer)
        return True

    def _next(self, session: OpenSession) -> list[Entry]:
        with transaction() as connection:
            self.note(connection)
            return read_unfiled(connection, session.id)

    def note(self, connection: Connection, *, but: Collection[int] = ()) -> None:
        """Record what is written, except ``but``, which the caller records."""
        note_filed(connection, [id for id in self._written if id not in but])
        self._written.clear()

    def has_all(self, messages: Collection[int]) -> bool:
        """Whether all of these were written just now."""
        return set(messages) <= set(self._written)

    def _append(self, channel: Channel, session: OpenSession, entry: Entry) -> None:
        """The message, and a note for people of what it left out."""
        key = f"sms-message-{entry.id}"
        role = entry.role
        if role == "person" and version_of(self._runtime.host) < PEOPLE:
            role = "assistant"  # so that the assistant knows what was said
        message = ChatMessage(role, entry.content, key, entry.created_at, entry.by)
        with self._attached.to(channel, session, entry) as attachments:
            self._add(channel, session, message, attachments)
        if entry.rest:
            note = f"{NOT_SENT}\n{entry.rest}"
            self._add(channel, session, ChatMessage("note", note, f"{key}-rest", entry.created_at))

    def _add(
        self, channel: Channel, session: OpenSession, message: ChatMessage, attachments: Attachments = ()
    ) -> None:
        chat_id = self._chat_id or self._open(channel, session)
        try:
            self._append_to(chat_id, message, attachments)
        except ChatGone:
            logger.warning("session %s: its chat was deleted, a new one is opened", session.id)
            self._chat_id = self._open(channel, session, instead_of=chat_id)
            self._append_to(self._chat_id, message, attachments)

    def _append_to(self, chat_id: str, message: ChatMessage, attachments: Attachments) -> None:
        chats = self._runtime.host.chats
        if not (attachments and append_with_files(chats, chat_id, message, attachments)):
            with host_call():
                chats.append(chat_id, message)

    def _open(self, channel: Channel, session: OpenSession, instead_of: str = "") -> str:
        before = instead_of or session.chat_before
        key = f"sms-session-{session.id}" + (f"-after-{before}" if before else "")
        wanted = {"assistant_id": channel.assistant_id, "title": _title(session, self._contact), "key": key}
        who: dict[str, Any] = {"contact": self._contact} if version_of(self._runtime.host) >= TEXTERS else {}
        with host_call():
            chat_id = stored_id(self._runtime.host.chats.open(**wanted, **who), "a chat")
        with transaction() as connection:
            connection.execute(_CHAT, {"session": session.id, "chat": chat_id})
        return chat_id


def _title(session: OpenSession, contact: Contact | None) -> str:
    """Everybody who may read chats sees it, so the number is masked; the session tells two apart that look alike."""
    name = contact.name.strip() if contact else ""
    number = contact.phone_number if contact else None
    if name and name not in (number, session.phone_number):
        return f"SMS {mask_numbers_in(name)}"
    return f"SMS {mask(session.phone_number)} ({session.id})"


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        role=_role(row),
        content=content_of(row),
        created_at=row.sent_at if row.direction == OTHER and row.sent_at else row.created_at,
        rest=row.rest or "",
        by=(row.person or "") if row.kind == PERSON else "",
        is_open=row.direction == Direction.INBOUND and row.answer_id is None and row.no_reply_reason is None,
        media=_attached(row),
        message_sid=row.message_sid or "",
    )


def _attached(row: Row[Any]) -> tuple[tuple[str, str], ...]:
    """What a texter has attached. The picture of an answer is the host's own, and of another system's there is none here."""
    if row.direction != Direction.INBOUND:
        return ()
    return tuple((item.get("url") or "", item.get("content_type") or "file") for item in row.media or ())


def _role(message: Row[Any]) -> Role:
    if message.kind == PERSON:
        return "person"
    if message.direction == OTHER:
        return "assistant"  # its own number said it: so the assistant understands the answer to it
    if message.direction == Direction.OUTBOUND:
        # An apology is no answer: the assistant shall still see the question as open. A clarifying text it shall know,
        # else the reply to it makes no sense.
        return "note" if message.kind in ("apology", "confirm") else "assistant"
    return "note" if message.no_reply_reason in (NoReply.KEYWORD, NoReply.PLAIN_WISH) else "user"


def content_of(message: Row[Any]) -> str:
    """The text as people and the assistant read it; media are named."""
    if message.direction == Direction.OUTBOUND:
        return with_picture(message.body.strip(), picture_in(message.media)) or "[empty message]"
    kinds = [item.get("content_type") or "file" for item in message.media or ()]
    attached = f"[attached: {', '.join(kinds)}]" if kinds else ""
    mark = SENT_BY_ANOTHER if message.direction == OTHER else ""
    return "\n".join(part for part in (mark, message.body.strip(), attached) if part) or "[empty message]"


def with_picture(text: str, media_url: str) -> str:
    """An answer as the chat has it, with the address of the picture that went out with it."""
    return "\n".join(part for part in (text, f"[picture: {media_url}]" if media_url else "") if part)
