"""The session of one phone number with one assistant, and the record of its consent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from illumichat_sms_plugin.models.base import Base, BigId, UtcDateTime, db_now

OPTED_OUT = "opted_out_at IS NOT NULL"
BLOCKED = "blocked_at IS NOT NULL"
FOR_PEOPLE = "person_since IS NOT NULL OR suggested_at IS NOT NULL"
"""A person answers, or has a suggestion to decide on."""
IN_CHAT = "chat_id IS NOT NULL"
LINKED = "contact_id IS NOT NULL"
MACHINE = "machine_at IS NOT NULL"


def _backwards(context: Any) -> str:
    number: str = context.get_current_parameters()["phone_number"]
    return number[::-1]


class SmsSession(Base):
    """Opened by the first text of a sender, resumed by every later one.

    ``lease_token`` names the worker that is bringing the session up to date; it counts until
    ``lease_expires_at`` (the database's clock), and sending checks it again.
    """

    __tablename__ = "sms_sessions"
    __table_args__ = (
        UniqueConstraint("channel_id", "phone_number"),
        # In the order of the list; with the contact in it, the analytics count sessions without reading their rows.
        Index("ix_sms_sessions_last_message", "channel_id", "last_message_at", "id", "contact_id"),
        Index(
            "ix_sms_sessions_opted_out",
            "channel_id",
            "last_message_at",
            "id",
            postgresql_where=text(OPTED_OUT),
            sqlite_where=text(OPTED_OUT),
        ),
        Index(
            "ix_sms_sessions_blocked",
            "channel_id",
            "last_message_at",
            "id",
            postgresql_where=text(BLOCKED),
            sqlite_where=text(BLOCKED),
        ),
        Index(
            "ix_sms_sessions_person",
            "channel_id",
            "last_message_at",
            "id",
            postgresql_where=text(FOR_PEOPLE),
            sqlite_where=text(FOR_PEOPLE),
        ),
        Index(
            "ix_sms_sessions_machine",
            "machine_at",
            postgresql_where=text(MACHINE),
            sqlite_where=text(MACHINE),
        ),
        Index(
            "ix_sms_sessions_chat_id",
            "chat_id",
            postgresql_where=text(IN_CHAT),
            sqlite_where=text(IN_CHAT),
        ),
        Index(
            "ix_sms_sessions_contact_id",
            "contact_id",
            postgresql_where=text(LINKED),
            sqlite_where=text(LINKED),
        ),
        Index("ix_sms_sessions_reversed_number", "channel_id", "reversed_number"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("sms_channels.id"))
    phone_number: Mapped[str] = mapped_column(String(64))
    """The sender's address: E.164 for a phone, else as Twilio names it (short code, name, …)."""
    reversed_number: Mapped[str] = mapped_column(String(64), default=_backwards, server_default="")
    """``phone_number`` from its end, so that an index finds a number by its last digits."""
    contact_id: Mapped[str | None] = mapped_column(String(64))
    contact_created: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """The contact was made because of the text, so it was not known before."""
    chat_id: Mapped[str | None] = mapped_column(String(64))
    opted_out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    """Tries at the texts now unanswered; 0 when the last try worked."""
    retry_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    crashed: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """The last try at the texts now unanswered ended with its worker: they may be what kills workers."""
    swept_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When housekeeping last enqueued it."""
    apologised_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    introduced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was told what answers it; None when never."""
    clarified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the texter was asked whether no more texts are wished; None once a further text has decided."""
    confirm_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until when the opt-out may be confirmed; None when it was, or when Twilio does it."""
    blocked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when an admin lets it go unanswered; says nothing of what the texter wishes."""
    person_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when a person answers in the assistant's place; None while the assistant does."""
    person_by: Mapped[str | None] = mapped_column(String(200))
    """The name of who took it over; None when nobody has yet."""
    person_why: Mapped[str | None] = mapped_column(String(200))
    """In the assistant's words, when it handed off."""
    person_by_host: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Only the host knows of it, by giving no answer: it is asked about every text, and an answer ends it."""
    person_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a person last wrote or took over."""
    suggested_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when an answer that the assistant suggests waits for a person; None when none does."""
    machine_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the texter was last taken for a machine; None when never, or when an admin said that it is a person."""
    machine_evidence: Mapped[str | None] = mapped_column(String(200))
    """By what, in words for an admin."""
    machine_said: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    """What made these words, for other languages: languages/kept.py."""
    awake_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the text came, or the admin's word, since which it is answered again; earlier texts say nothing any more."""
    hour_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the hour began in which these are counted: answers, and times the assistant was asked."""
    hour_answers: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    hour_calls: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    day_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the day began in which these are counted: answers, and times the assistant was asked."""
    day_answers: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    day_calls: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    lease_token: Mapped[str | None] = mapped_column(String(32))
    lease_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
    last_message_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
    """When the last text came in."""


class SmsConsentEvent(Base):
    """Append-only evidence: who agreed to be texted, opted out or in, when, and by what."""

    __tablename__ = "sms_consent_events"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sms_sessions.id"), index=True)
    action: Mapped[str] = mapped_column(String(8))
    """``opt_out``, ``opt_in`` or ``agreed``."""
    source: Mapped[str] = mapped_column(String(32))
    """``text`` (a keyword or a plain wish), ``twilio`` (error 21610), ``admin``, ``host``."""
    detail: Mapped[str] = mapped_column(String(160), default="")
    """The MessageSid of the text, or the id of the person."""
    agreed_to: Mapped[str | None] = mapped_column(String(200))
    """To what the person agreed before the host texted first."""
    agreed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    agreed_how: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
