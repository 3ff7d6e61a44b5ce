"""What somebody attached to a message of a chat."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from demo.host.database import Base
from demo.host.models.chat import BigId, ChatMessage


class ChatFile(Base):
    """One file. Without ``data`` it could not be had, and ``problem`` says why."""

    __tablename__ = "chat_files"
    __table_args__ = (UniqueConstraint("message_id", "position"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("chat_messages.id"))
    position: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(120))
    content_type: Mapped[str] = mapped_column(String(100))
    problem: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    message: Mapped[ChatMessage] = relationship(back_populates="files")

    @property
    def is_picture(self) -> bool:
        """Whether a browser shows it in a page."""
        return not self.problem and self.content_type in (
            "image/png",
            "image/jpeg",
            "image/gif",
            "image/webp",
        )
