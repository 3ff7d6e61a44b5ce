"""The SMS channel of one assistant: credentials, number and options."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from illumichat_sms_plugin.channel_options import OPTIONS
from illumichat_sms_plugin.models.base import Base, BigId, UtcDateTime, db_now


def _default(name: str) -> Any:
    """What the column of an option holds until somebody changes it."""
    option = OPTIONS[name]
    return option.check(option.default)


class SmsChannel(Base):
    """One per assistant. Disconnecting empties the credentials and keeps the row and its history.

    Secrets are ciphertexts of :class:`illumichat_sms_plugin.encryption.SecretBox`, bound to this
    assistant and to their column. ``version`` counts saves; a save must name the one it has seen.
    The columns of the options are those of ``channel_options``, which says what they mean.
    """

    __tablename__ = "sms_channels"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    assistant_id: Mapped[str] = mapped_column(String(64), unique=True)
    workspace_id: Mapped[str] = mapped_column(String(64), index=True)
    account_sid: Mapped[str | None] = mapped_column(String(34))
    phone_number: Mapped[str | None] = mapped_column(String(16), unique=True)
    auth_token: Mapped[str | None] = mapped_column(Text)
    next_auth_token: Mapped[str | None] = mapped_column(Text)
    """The other token during a rotation: it verifies webhooks too, and is never used to send."""
    signing_key: Mapped[str | None] = mapped_column(Text)
    """Twilio's SharedKey for webhooks (HMAC-SHA256), when the account uses one."""
    enabled: Mapped[bool] = mapped_column(Boolean, default=_default("enabled"))
    max_message_length: Mapped[int] = mapped_column(Integer, default=_default("max_message_length"))
    contact_matching: Mapped[bool] = mapped_column(Boolean, default=_default("contact_matching"))
    auto_create_contacts: Mapped[bool] = mapped_column(Boolean, default=_default("auto_create_contacts"))
    guidelines: Mapped[str | None] = mapped_column(Text)
    apology: Mapped[str | None] = mapped_column(Text)
    opt_out_words: Mapped[str] = mapped_column(Text, default=_default("opt_out_words"))
    opt_out_pepper: Mapped[str | None] = mapped_column(Text)
    """Ciphertext: what the opt-outs of erased texters are kept under, see services/texters/suppressions.py."""
    attention_code: Mapped[int | None] = mapped_column(Integer)
    """Twilio's error code that an admin has to mend; None when the last sending worked."""
    attention_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    connected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When this account and number were entered; earlier texts were somebody else's business."""
    catch_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now())
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=db_now(), onupdate=db_now())

    def __repr__(self) -> str:
        return f"<SmsChannel {self.id} of {self.assistant_id}>"

    @property
    def is_connected(self) -> bool:
        """Whether there are credentials and a number to work with."""
        return bool(self.account_sid and self.auth_token and self.phone_number)
