"""The SMS channel of one assistant: credentials, number and options."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Index, Integer, SmallInteger, String, Text, false, text
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column
from sqlalchemy.types import TypeEngine

from illumichat_sms_plugin.channel_options import OPTIONS
from illumichat_sms_plugin.models.base import Base, BigId, UtcDateTime, db_now


def _option(name: str, kind: type[TypeEngine[Any]]) -> MappedColumn[Any]:
    """The column of an option. A migration that adds it gives the channels there are the option's default."""
    option = OPTIONS[name]
    value = option.check(option.default)
    in_sql = value if value is None else text(_literal(value))
    return mapped_column(kind, default=value, server_default=in_sql)


def _literal(value: bool | int | str) -> str:
    """A default as both databases read it."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value).lower()


CONFIRMED = "confirmed_at IS NOT NULL"
"""Twilio has accepted the credentials and said that the account owns the number."""


class SmsChannel(Base):
    """One per assistant. Disconnecting empties the credentials and keeps the row and its history.

    Secrets are ciphertexts of :class:`illumichat_sms_plugin.encryption.SecretBox`, bound to this
    assistant and to their column. ``version`` counts saves; a save must name the one it has seen.
    The columns of the options are those of ``channel_options``, which says what they mean.
    A number is one channel's once it is confirmed; drafts may name any.
    """

    __tablename__ = "sms_channels"
    __table_args__ = (
        Index(
            "uq_sms_channels_confirmed_number",
            "phone_number",
            unique=True,
            postgresql_where=text(CONFIRMED),
            sqlite_where=text(CONFIRMED),
        ),
        Index(
            "ix_sms_channels_look_at",
            "look_at",
            postgresql_where=text("look_at IS NOT NULL"),
            sqlite_where=text("look_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    assistant_id: Mapped[str] = mapped_column(String(64), unique=True)
    workspace_id: Mapped[str] = mapped_column(String(64), index=True)
    account_sid: Mapped[str | None] = mapped_column(String(34))
    phone_number: Mapped[str | None] = mapped_column(String(16))
    auth_token: Mapped[str | None] = mapped_column(Text)
    next_auth_token: Mapped[str | None] = mapped_column(Text)
    """The other token during a rotation: it verifies webhooks too, and is never used to send."""
    next_auth_token_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the other token is dropped: 24 hours after it was replaced. None for one that has yet to be the main one."""
    signing_key: Mapped[str | None] = mapped_column(Text)
    """Twilio's SharedKey for webhooks (HMAC-SHA256), when the account uses one. It verifies in the tokens' place."""
    token_verifies_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until when tokens verify webhooks beside a signing key; None for not at all."""
    api_key_sid: Mapped[str | None] = mapped_column(String(34))
    """The API key that calls Twilio's REST API in the Auth Token's place, when there is one."""
    api_key_secret: Mapped[str | None] = mapped_column(Text)
    enabled: Mapped[bool] = _option("enabled", Boolean)
    max_message_length: Mapped[int] = _option("max_message_length", Integer)
    offer_more: Mapped[bool] = _option("offer_more", Boolean)
    wait_seconds: Mapped[int] = _option("wait_seconds", Integer)
    hand_back_after_hours: Mapped[int] = _option("hand_back_after_hours", Integer)
    tell_of_take_over: Mapped[bool] = _option("tell_of_take_over", Boolean)
    take_over_text: Mapped[str | None] = _option("take_over_text", Text)
    suggest_answers: Mapped[bool] = _option("suggest_answers", Boolean)
    new_chat_after_days: Mapped[int] = _option("new_chat_after_days", Integer)
    contact_matching: Mapped[bool] = _option("contact_matching", Boolean)
    auto_create_contacts: Mapped[bool] = _option("auto_create_contacts", Boolean)
    answer_to: Mapped[str] = _option("answer_to", String)
    only_numbers: Mapped[str] = _option("only_numbers", Text)
    countries: Mapped[str] = _option("countries", Text)
    answers_per_hour: Mapped[int] = _option("answers_per_hour", Integer)
    answers_per_day: Mapped[int] = _option("answers_per_day", Integer)
    segments_per_day: Mapped[int] = _option("segments_per_day", Integer)
    money_per_day: Mapped[str | None] = _option("money_per_day", String)
    money_per_month: Mapped[str | None] = _option("money_per_month", String)
    resume_by_itself: Mapped[bool] = _option("resume_by_itself", Boolean)
    guidelines: Mapped[str | None] = _option("guidelines", Text)
    introduce: Mapped[bool] = _option("introduce", Boolean)
    introduction: Mapped[str | None] = _option("introduction", Text)
    apology: Mapped[str | None] = _option("apology", Text)
    confirmation: Mapped[str | None] = _option("confirmation", Text)
    clarification: Mapped[str | None] = _option("clarification", Text)
    opt_out_words: Mapped[str] = _option("opt_out_words", Text)
    keep_days: Mapped[int] = _option("keep_days", Integer)
    delete_at_twilio: Mapped[bool] = _option("delete_at_twilio", Boolean)
    opt_out_pepper: Mapped[str | None] = mapped_column(Text)
    """Ciphertext: what the opt-outs of erased texters are kept under, see services/texters/suppressions.py."""
    attention_code: Mapped[int | None] = mapped_column(Integer)
    """Twilio's error code that an admin has to fix; None when the last sending worked."""
    attention_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When Twilio said that the token opens the account and the account owns the number; None for a draft."""
    number_in_use: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Twilio confirms a draft's number, and another channel of the same account has it."""
    looks: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    """How often in a row Twilio was asked about the account and did not let it in."""
    look_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When housekeeping next asks Twilio about a draft or a shut-out account."""
    examined_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When housekeeping last made the Doctor's cheap checks, or began to."""
    examined_version: Mapped[int | None] = mapped_column(Integer)
    """The version that they were made of; what they found says nothing of a later one."""
    found: Mapped[list[dict[str, str]] | None] = mapped_column(JSON(none_as_null=True))
    """What they found wrong: ``[{"name", "evidence", "fix", "said"}]``."""
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when a person or a limit has stopped its sending: see services/pauses.py."""
    paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it goes on by itself; None when somebody has to resume it."""
    pause_reason: Mapped[str | None] = mapped_column(String(16))
    paused_by: Mapped[str | None] = mapped_column(String(200))
    connected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When this account and number were entered; earlier texts were somebody else's business."""
    catch_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was last compared with Twilio's list, or that comparison was put off or brought forward."""
    compared_to: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Up to when everything that Twilio lists has been compared."""
    host_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the host was last asked whether it knows the assistant."""
    missing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when it says that it does not; None while it does."""
    missed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it last said so."""
    others_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When Twilio's list last had a text that another system sent from its number, right to an hour."""
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now(), onupdate=db_now())

    def __repr__(self) -> str:
        return f"<SmsChannel {self.id} of {self.assistant_id}>"

    @property
    def is_connected(self) -> bool:
        """Whether there are credentials and a number to work with."""
        return is_connected(self)


def is_connected(row: Any) -> bool:
    """Whether a row's credentials call Twilio's REST API and verify its webhooks, and there is a number.

    The Auth Token does both. An API key calls, and needs a signing key beside it when there is no token.
    """
    keys = row.api_key_sid and row.api_key_secret and row.signing_key
    return bool(row.account_sid and row.phone_number and (row.auth_token or keys))
