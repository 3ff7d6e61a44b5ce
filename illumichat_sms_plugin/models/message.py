"""Each text, in or out, and what Twilio reported about it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from illumichat_sms_plugin import no_reply
from illumichat_sms_plugin.models.base import Base, BigId, UtcDateTime, db_now


class Direction(StrEnum):
    """From the texter, or to the texter."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class SendState(StrEnum):
    """How far our request to Twilio has come; what Twilio made of it is ``status``."""

    SENDING = "sending"
    """Committed before Twilio is called. After a crash this is all that is known."""
    ACCEPTED = "accepted"
    """Twilio has it and gave it a SID."""
    FAILED = "failed"
    """Twilio certainly does not have it."""
    IN_DOUBT = "in_doubt"
    """The request went out and no clear response came; it is being looked up."""
    UNSETTLED = "unsettled"
    """Looked up without result; waits for an admin: Resend or Dismiss."""
    DISMISSED = "dismissed"
    """An admin decided to leave it."""


OTHER = "other"
"""Direction and kind of a text that another system sent from our number: not ours, not counted, and no answer."""
PENDING = "direction = 'inbound' AND answer_id IS NULL AND no_reply_reason IS NULL"
"""An inbound text that still waits for its answer."""
UNFINISHED = "send_state IN ('sending', 'in_doubt')"
"""An outbound text of which we do not know yet whether Twilio has it."""
UNSETTLED = "send_state = 'unsettled'"
"""An outbound text that waits for an admin's decision."""
TO_CHECK = "check_at IS NOT NULL AND send_state <> 'sending'"
"""An outbound text about which Twilio is asked at some time. Those just handed over are found as unfinished."""
FOR_PERSON = "no_reply_reason = 'taken_over'"
"""An inbound text that waits for a person's answer."""
UNFILED = (
    "NOT in_chat AND (send_state = 'accepted' OR answer_id IS NOT NULL"
    f" OR no_reply_reason NOT IN {tuple(map(str, no_reply.UNFILED))})"
)
"""A text that belongs into the host's chat, is not there yet, and does not wait for its answer.

One that waits is found as such: it goes into the chat before the assistant is asked.
"""


class SmsMessage(Base):
    """One text. Rows of a session are numbered in the order in which they were recorded.

    Migration 0024 leaves room for a row's next version on its own page (``fillfactor``), so that no index is written for it.
    """

    __tablename__ = "sms_messages"
    __table_args__ = (
        UniqueConstraint("channel_id", "message_sid"),
        # With the direction in it, a session's texts are counted without reading them.
        Index("ix_sms_messages_of_session", "session_id", "id", "direction"),
        Index("ix_sms_messages_channel_id_created_at", "channel_id", "created_at"),
        Index(
            "ix_sms_messages_answer_id",
            "answer_id",
            postgresql_where=text("answer_id IS NOT NULL"),
            sqlite_where=text("answer_id IS NOT NULL"),
        ),
        Index(
            "ix_sms_messages_pending",
            "session_id",
            "id",
            postgresql_where=text(PENDING),
            sqlite_where=text(PENDING),
        ),
        Index(
            "ix_sms_messages_unfinished",
            "session_id",
            "id",
            postgresql_where=text(UNFINISHED),
            sqlite_where=text(UNFINISHED),
        ),
        Index(
            "ix_sms_messages_unsettled",
            "channel_id",
            "session_id",
            postgresql_where=text(UNSETTLED),
            sqlite_where=text(UNSETTLED),
        ),
        Index(
            "ix_sms_messages_unfiled",
            "session_id",
            "id",
            postgresql_where=text(UNFILED),
            sqlite_where=text(UNFILED),
        ),
        Index(
            "ix_sms_messages_for_person",
            "session_id",
            "id",
            postgresql_where=text(FOR_PERSON),
            sqlite_where=text(FOR_PERSON),
        ),
        Index(
            "ix_sms_messages_tests",
            "channel_id",
            "session_id",
            postgresql_where=text("is_test"),
            sqlite_where=text("is_test"),
        ),
        Index(
            "ix_sms_messages_check_at",
            "check_at",
            postgresql_where=text(TO_CHECK),
            sqlite_where=text(TO_CHECK),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("sms_channels.id"))
    session_id: Mapped[int] = mapped_column(ForeignKey("sms_sessions.id"))
    direction: Mapped[str] = mapped_column(String(8))
    message_sid: Mapped[str | None] = mapped_column(String(34))
    from_number: Mapped[str] = mapped_column(String(64))
    to_number: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)
    segments: Mapped[int] = mapped_column(SmallInteger, default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
    """Inbound: when it was recorded. Outbound: just before Twilio was called."""
    in_chat: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether the host's chat has it."""

    media: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    """``[{"url", "content_type"}]`` as Twilio named them. What was fetched is in ``sms_media``.
    Outbound: the picture that goes out with it."""

    # inbound
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("sms_messages.id"))
    no_reply_reason: Mapped[str | None] = mapped_column(String(20))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the texter, or another system, sent it, where known (Twilio's list); staleness counts from here."""
    replayed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When an admin asked for an answer after all; staleness then counts from here."""
    wish_rule: Mapped[str | None] = mapped_column(String(80))
    """By which rule the text was read as a wish for no more texts, certain or unclear; of the text itself."""
    wish_words: Mapped[str | None] = mapped_column(String(160))
    """In which of its words."""
    is_test: Mapped[bool] = mapped_column(Boolean, default=False)
    """A loop-back text of the Doctor: not counted and not answered."""

    # outbound
    kind: Mapped[str | None] = mapped_column(String(8))
    """``answer``, ``more``, ``person``, ``other``, or what the plugin says by itself: ``apology``, ``clarify`` or ``confirm``."""
    send_state: Mapped[str | None] = mapped_column(String(10))
    status: Mapped[str | None] = mapped_column(String(20))
    """Twilio's message status, see message_status.py; None before Twilio has it."""
    status_conflict: Mapped[bool] = mapped_column(Boolean, default=False)
    error_code: Mapped[int | None] = mapped_column(Integer)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    final_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a final status came."""
    looks: Mapped[int] = mapped_column(SmallInteger, default=0)
    """How often Twilio's list was searched for it while in doubt."""
    looked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    checks: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    """How often Twilio was asked for its status and price."""
    resends: Mapped[int] = mapped_column(SmallInteger, default=0)
    check_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When housekeeping next asks Twilio about it (doubt, missing status, missing price)."""
    reserved: Mapped[int | None] = mapped_column(Integer)
    """What was counted for it before its price was known, in millionths."""
    price: Mapped[Decimal | None] = mapped_column(Numeric(12, 6))
    """What Twilio billed, positive; None until known."""
    price_unit: Mapped[str | None] = mapped_column(String(3))


class SmsStatusEvent(Base):
    """One status callback: kept as evidence, repeats only once."""

    __tablename__ = "sms_status_events"

    message_id: Mapped[int] = mapped_column(ForeignKey("sms_messages.id"), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    """``status/error code/RawDlrDoneDate``: what makes two callbacks the same."""
    status: Mapped[str] = mapped_column(String(20))
    error_code: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
