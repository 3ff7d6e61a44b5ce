"""Open chats, add to them, read them. Writing takes a key, so that a repeated call changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, selectinload

from demo.host.database import insert_or_conflict
from demo.host.models import Chat, ChatFile, ChatMessage, MessageRole, Origin, Person, new_id, now


class NoSuchChat(LookupError):  # noqa: N818 - an error says what happened
    """There is no chat with this id."""


def open_chat(
    session: Session, *, assistant_id: str, title: str, key: str, origin: Origin = Origin.CHANNEL
) -> str:
    """The id of the chat with this key, which is opened when it is not there yet."""
    values = {
        "id": new_id("conv"),
        "assistant_id": assistant_id,
        "key": key,
        "title": title[:200],
        "origin": origin.value,
        "message_count": 0,
        "created_at": now(),
        "updated_at": now(),
    }
    session.execute(
        insert_or_conflict(session, Chat).values(values).on_conflict_do_nothing(index_elements=["key"])
    )
    return session.scalars(select(Chat.id).where(Chat.key == key)).one()


def append_message(
    session: Session,
    chat_id: str,
    *,
    role: MessageRole,
    content: str,
    key: str,
    created_at: datetime | None = None,
    author: str | None = None,
) -> bool:
    """Add a message at the end; False when the key is already there."""
    with session.begin_nested() as savepoint:
        # Counting on the chat's row first makes writers of one chat wait for each other.
        sequence = session.scalar(
            update(Chat)
            .where(Chat.id == chat_id)
            .values(message_count=Chat.message_count + 1, updated_at=now())
            .returning(Chat.message_count)
        )
        if sequence is None:
            raise NoSuchChat(chat_id)
        values = {
            "chat_id": chat_id,
            "sequence": sequence,
            "role": role.value,
            "author": author,
            "content": content.replace("\0", ""),
            "key": key,
            "created_at": created_at or now(),
        }
        insert = insert_or_conflict(session, ChatMessage).values(values)
        once = insert.on_conflict_do_nothing(index_elements=["chat_id", "key"])
        added = session.scalar(once.returning(ChatMessage.id)) is not None
        if not added:
            savepoint.rollback()
    return added


def last_messages(
    session: Session,
    chat_id: str,
    *,
    limit: int,
    roles: Sequence[MessageRole] = tuple(MessageRole),
    with_files: bool = False,
) -> list[ChatMessage]:
    """The last ``limit`` messages of these roles, oldest first; with their files for who shows them."""
    newest_first = (
        select(ChatMessage)
        .where(ChatMessage.chat_id == chat_id, ChatMessage.role.in_(roles))
        .order_by(ChatMessage.sequence.desc())
        .limit(limit)
    )
    if with_files:
        newest_first = newest_first.options(selectinload(ChatMessage.files))
    return list(session.scalars(newest_first))[::-1]


def messages_after(session: Session, chat_id: str, sequence: int, *, limit: int) -> list[ChatMessage]:
    """Up to ``limit`` messages that follow ``sequence``, oldest first."""
    following = (
        select(ChatMessage)
        .where(ChatMessage.chat_id == chat_id, ChatMessage.sequence > sequence)
        .order_by(ChatMessage.sequence)
        .limit(limit)
        .options(selectinload(ChatMessage.files))
    )
    return list(session.scalars(following))


def hand_over(session: Session, chat: Chat, to: Person | None, *, by: Person | None) -> None:
    """Let a person answer instead of the assistant, or (None) the assistant again; leaves a note."""
    handler = to.id if to else None
    if handler == chat.handled_by_id:
        return
    chat.handled_by_id = handler
    session.flush()
    words = "took the chat over. The assistant is silent." if to else "handed the chat back to the assistant."
    append_message(
        session,
        chat.id,
        role=MessageRole.NOTE,
        content=f"{by.name if by else 'Somebody'} {words}",
        key=new_id("note"),
    )


def erase_chat(session: Session, chat_id: str) -> None:
    """Delete a chat with all its messages and files; one that is gone stays gone."""
    messages = select(ChatMessage.id).where(ChatMessage.chat_id == chat_id)
    session.execute(delete(ChatFile).where(ChatFile.message_id.in_(messages)))
    session.execute(delete(ChatMessage).where(ChatMessage.chat_id == chat_id))
    session.execute(delete(Chat).where(Chat.id == chat_id))
