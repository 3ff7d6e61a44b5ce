"""Files in chats: kept with their message, shown to people, and shown to a model that can look at them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from demo.host.models import ChatFile, ChatMessage

MOST_FOR_A_MODEL = 4
"""Files that a language model is given at once, the newest; each picture costs as much as many words."""
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")


class Attached(Protocol):
    """As the plugin hands it over."""

    content_type: str
    name: str
    data: bytes | None
    problem: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as a model gets it."""

    content_type: str
    name: str
    data: bytes = field(repr=False)

    @property
    def is_picture(self) -> bool:
        """Whether a model that looks at pictures can look at it."""
        return self.content_type in PICTURES

    @property
    def is_speech(self) -> bool:
        """Whether it can be written down."""
        return self.content_type.startswith("audio/")

    def as_part(self) -> dict[str, Any]:
        """A part of a message, as language models take pictures."""
        encoded = base64.b64encode(self.data).decode()
        return {"type": "image_url", "image_url": {"url": f"data:{self.content_type};base64,{encoded}"}}


def keep(session: Session, chat_id: str, key: str, files: Sequence[Attached]) -> None:
    """Keep the files of a message that was just added."""
    wanted = select(ChatMessage.id).where(ChatMessage.chat_id == chat_id, ChatMessage.key == key)
    message_id = session.scalars(wanted).one()
    for position, file in enumerate(files):
        described = {"name": file.name, "content_type": file.content_type, "problem": file.problem}
        session.add(ChatFile(message_id=message_id, position=position, data=file.data, **described))
    session.flush()


def read(session: Session, chat_id: str, file_id: int) -> ChatFile | None:
    """A file of this chat, with its content."""
    wanted = (
        select(ChatFile)
        .join(ChatFile.message)
        .where(ChatFile.id == file_id, ChatMessage.chat_id == chat_id, ChatFile.data.is_not(None))
    )
    return session.scalars(wanted).first()


def seen_in(message: ChatMessage) -> tuple[Seen, ...]:
    """What came with a message and can be looked at or listened to."""
    there = (file for file in message.files[:MOST_FOR_A_MODEL] if file.data is not None)
    files = (Seen(file.content_type, file.name, file.data or b"") for file in there)
    return tuple(file for file in files if file.is_picture or file.is_speech)
