"""The form of the SMS page: what was typed, kept as it was typed, and turned into changes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.services.answering.guidelines import DEFAULT_APOLOGY, DEFAULT_GUIDELINES
from illumichat_sms_plugin.services.setup.channel_changes import ChannelChanges
from illumichat_sms_plugin.services.setup.channel_settings import ChannelSettings

LABELS = {
    "account_sid": "Account SID",
    "auth_token": "Auth Token",
    "next_auth_token": "Second Auth Token",
    "phone_number": "Phone Number",
    "signing_key": "Webhook signing key",
    "enabled": "Enabled",
    "max_message_length": "Max Message Length",
    "contact_matching": "Contact Matching",
    "auto_create_contacts": "Auto-Create Contacts",
    "guidelines": "SMS guidelines",
    "apology": "Apology",
    "opt_out_words": "Further opt-out words",
}
"""What people call each field, here, in the audit and in the question after a conflict."""
SHOWN = (
    "account_sid",
    "phone_number",
    "enabled",
    "max_message_length",
    "contact_matching",
    "auto_create_contacts",
    "guidelines",
    "apology",
    "opt_out_words",
)
"""The fields that a page may show; the others are secrets."""

MOST_DIGITS = 9
"""Of a length that are read; it is too long then whatever follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelForm:
    """The fields as text, so that a wrong value comes back as it was typed. ``version`` is the one seen."""

    version: int
    account_sid: str
    phone_number: str
    enabled: bool
    max_message_length: str
    contact_matching: bool
    auto_create_contacts: bool
    guidelines: str
    apology: str
    opt_out_words: str
    auth_token: str = dataclasses.field(default="", repr=False)
    signing_key: str = dataclasses.field(default="", repr=False)
    remove_signing_key: bool = False

    @classmethod
    def of_settings(cls, settings: ChannelSettings) -> ChannelForm:
        """The form as it is first shown."""
        return cls(
            version=settings.version,
            account_sid=settings.account_sid or "",
            phone_number=settings.phone_number or "",
            enabled=settings.enabled,
            max_message_length=str(settings.max_message_length),
            contact_matching=settings.contact_matching,
            auto_create_contacts=settings.auto_create_contacts,
            guidelines=settings.guidelines or DEFAULT_GUIDELINES,
            apology=settings.apology or DEFAULT_APOLOGY,
            opt_out_words="\n".join(settings.opt_out_words),
        )

    @classmethod
    def of_request(cls, form: Mapping[str, str]) -> ChannelForm:
        """The form as it was sent; a box that is not ticked is not sent."""

        def text(name: str) -> str:
            return form.get(name, "").replace("\r\n", "\n")

        version = text("version")
        if not (version.isascii() and version.isdigit() and len(version) < 10):
            raise InvalidInput("The form is not complete. Reload the page and fill it in again.")
        return cls(
            version=int(version),
            account_sid=text("account_sid"),
            phone_number=text("phone_number"),
            enabled="enabled" in form,
            max_message_length=text("max_message_length"),
            contact_matching="contact_matching" in form,
            auto_create_contacts="auto_create_contacts" in form,
            guidelines=text("guidelines"),
            apology=text("apology"),
            opt_out_words=text("opt_out_words"),
            auth_token=text("auth_token"),
            signing_key=text("signing_key"),
            remove_signing_key="remove_signing_key" in form,
        )

    @property
    def typed_length(self) -> int:
        """The maximum length, 0 for what is no whole number."""
        length = self.max_message_length.strip()
        return int(length[:MOST_DIGITS]) if length.isascii() and length.isdigit() else 0

    def changes(self, settings: ChannelSettings) -> ChannelChanges:
        """What to save. Empty credentials are left alone, so that options can be saved before connecting."""
        signing_key = "" if self.remove_signing_key else self.signing_key or None
        words = tuple(self.opt_out_words.split("\n"))
        first_number = settings.phone_number is None and not self.opt_out_words.strip()
        return ChannelChanges(
            account_sid=self.account_sid if self.account_sid.strip() or settings.account_sid else None,
            auth_token=self.auth_token or None,
            signing_key=signing_key,
            phone_number=self.phone_number if self.phone_number.strip() or settings.phone_number else None,
            enabled=self.enabled,
            max_message_length=self.typed_length,
            contact_matching=self.contact_matching,
            auto_create_contacts=self.auto_create_contacts,
            guidelines=_unless_default(self.guidelines, DEFAULT_GUIDELINES),
            apology=_unless_default(self.apology, DEFAULT_APOLOGY),
            # Left out, a first number gets the usual words of its country.
            opt_out_words=None if first_number else words,
        )

    def differences(self, settings: ChannelSettings) -> dict[str, str]:
        """What is stored now where it is not what was typed, by field."""
        stored = ChannelForm.of_settings(settings)
        return {
            name: _in_words(getattr(stored, name))
            for name in SHOWN
            if _in_words(getattr(stored, name)) != _in_words(getattr(self, name))
        }


def length_in_words(length: int) -> str:
    """What a length means in segments: at most, for some characters count twice."""
    plain, special = _parts(length, 160, 153), _parts(length, 70, 67)
    return (
        f"A reply of {length} characters is up to {plain} segment{'s' if plain > 1 else ''}, "
        f"or up to {special} when it has an emoji or other special characters. Twilio bills each segment."
    )


def _parts(length: int, single: int, part: int) -> int:
    return 1 if length <= single else -(-length // part)


def _unless_default(typed: str, default: str) -> str:
    """Empty, which stands for the default, when that is what was typed."""
    return "" if typed.strip() == default.strip() else typed


def _in_words(value: str | bool) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return value.strip() or "empty"
