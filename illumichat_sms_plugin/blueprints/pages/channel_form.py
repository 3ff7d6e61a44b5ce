"""The form of the SMS page: what was typed, kept as it was typed, and turned into changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from illumichat_sms_plugin.blueprints.pages.reply_lengths import introduction_in_words, length_in_words
from illumichat_sms_plugin.blueprints.pages.seen_values import SECRETS, compare, read_marks, write_marks
from illumichat_sms_plugin.blueprints.pages.typed_form import typed_fields, typed_secret
from illumichat_sms_plugin.channel_options import ADMIN_OPTIONS, OPTIONS
from illumichat_sms_plugin.choices import AnswerTo
from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.option_kinds import Length
from illumichat_sms_plugin.phone_number import to_e164
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.setup.channel_changes import ChannelChanges
from illumichat_sms_plugin.services.setup.channel_settings import ChannelSettings

LABELS = {
    "account_sid": say("Account SID"),
    "auth_token": say("Auth Token"),
    "api_key_sid": say("API Key SID"),
    "api_key_secret": say("API key's secret"),
    "next_auth_token": say("Second Auth Token"),
    "phone_number": say("Phone Number"),
    "signing_key": say("Webhook signing key"),
    "trial_number": say("Test with your own phone first"),
    "token_verifies": say("Auth Token verifies beside the signing key"),
} | {name: option.label for name, option in OPTIONS.items()}
"""What people call each field, here, in the audit and in the question after a conflict."""
EMPTY = Secret("")
CREDENTIALS = ("account_sid", "phone_number", "api_key_sid")
"""Those that a page shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelForm:
    """The fields as text, so that a wrong value comes back as it was typed. ``version`` is the one seen."""

    version: int
    account_sid: str
    phone_number: str
    options: Mapping[str, str]
    """What is typed for each option that admins see; ``on`` or ``off`` for a box."""
    api_key_sid: str = ""
    auth_token: Secret = EMPTY
    api_key_secret: Secret = EMPTY
    remove_auth_token: bool = False
    signing_key: Secret = EMPTY
    remove_signing_key: bool = False
    token_verifies: bool = False
    trial_number: str = ""
    """An admin's own phone, which alone is answered at first."""
    seen: str = ""
    """Marks of the values that the form was first shown with, see seen_values.py."""

    @classmethod
    def of_settings(cls, settings: ChannelSettings) -> ChannelForm:
        """The form as it is first shown."""
        stored = settings.options.values()
        form = cls(
            version=settings.version,
            account_sid=settings.account_sid or "",
            api_key_sid=settings.api_key_sid or "",
            phone_number=settings.phone_number or "",
            token_verifies=settings.token_verifies_until is not None,
            options={name: option.typed(stored[name]) for name, option in ADMIN_OPTIONS.items()},
        )
        return replace(form, seen=write_marks(form._shown() | {SECRETS: settings.secrets_mark}))

    @classmethod
    def of_request(cls) -> ChannelForm:
        """The form as it was sent."""
        form = typed_fields()

        def text(name: str) -> str:
            return form.get(name, "")

        version = text("version")
        if not (version.isascii() and version.isdigit() and len(version) < 10):
            raise InvalidInput(say("The form is not complete. Reload the page and fill it in again."))
        return cls(
            version=int(version),
            account_sid=text("account_sid"),
            phone_number=text("phone_number"),
            options={name: option.of_form(form) for name, option in ADMIN_OPTIONS.items()},
            api_key_sid=text("api_key_sid"),
            auth_token=typed_secret("auth_token"),
            api_key_secret=typed_secret("api_key_secret"),
            remove_auth_token="remove_auth_token" in form,
            signing_key=typed_secret("signing_key"),
            remove_signing_key="remove_signing_key" in form,
            token_verifies="token_verifies" in form,
            trial_number=text("trial_number"),
            seen=text("seen"),
        )

    @property
    def typed_secrets(self) -> bool:
        """Whether there is a token or key that a page would not show again."""
        return bool(self.auth_token or self.signing_key or self.api_key_secret)

    def changes(self, settings: ChannelSettings) -> ChannelChanges:
        """What to save. Empty credentials are left alone, so that options can be saved before connecting."""
        options = {name: option.parse(self.options[name]) for name, option in ADMIN_OPTIONS.items()}
        if settings.phone_number is None and not self.options["opt_out_words"].strip():
            del options["opt_out_words"]  # a first number gets the usual words of its country
        if self.trial_number.strip() and not settings.is_connected:
            options["answer_to"] = AnswerTo.TRIAL.value
            options["only_numbers"] = (*options["only_numbers"], self._own_phone())
        return ChannelChanges(
            account_sid=self.account_sid if self.account_sid.strip() or settings.account_sid else None,
            auth_token=self.auth_token or None,
            remove_auth_token=self.remove_auth_token or None,
            api_key_sid=self.api_key_sid if self.api_key_sid.strip() or settings.api_key_sid else None,
            api_key_secret=self.api_key_secret or None,
            signing_key=EMPTY if self.remove_signing_key else self.signing_key or None,
            phone_number=self.phone_number if self.phone_number.strip() or settings.phone_number else None,
            token_verifies=self.token_verifies,
            options=options,
        )

    def _own_phone(self) -> str:
        try:
            return to_e164(self.trial_number)
        except InvalidInput as error:
            raise InvalidInput(str(error), {"trial_number": str(error)}) from None

    def rebased(self, settings: ChannelSettings) -> tuple[ChannelForm, dict[str, str]]:
        """This form on top of what is stored now: fields that were not touched take the stored values.

        And what is stored in the fields that both changed, by field, which only a person can decide about; of tokens and
        keys only that they changed.
        """
        now = ChannelForm.of_settings(settings)
        stored = now._shown()
        typed = self._shown() | ({SECRETS: "typed"} if self._touches_secrets else {})
        if self.trial_number.strip() and not settings.is_connected:
            typed["answer_to"] = AnswerTo.TRIAL.value
        found = compare(read_marks(self.seen), typed, stored | {SECRETS: settings.secrets_mark})
        own = {name: getattr(now, name) for name in CREDENTIALS if name in found.untouched}
        if "token_verifies" in found.untouched:
            own["token_verifies"] = now.token_verifies
        options = {
            name: now.options[name] if name in found.untouched else value
            for name, value in self.options.items()
        }
        form = replace(self, version=now.version, seen=now.seen, options=options, **own)
        shown = stored | {SECRETS: "changed"}
        return form, {name: shown[name] or "empty" for name in shown if name in found.clashing}

    @property
    def _touches_secrets(self) -> bool:
        return self.typed_secrets or self.remove_auth_token or self.remove_signing_key

    def _shown(self) -> dict[str, str]:
        """The fields that a page may show, without white space around them."""
        shown = {name: getattr(self, name) for name in CREDENTIALS} | dict(self.options)
        values = {name: typed.strip() for name, typed in shown.items()}
        return values | {"token_verifies": "on" if self.token_verifies else "off"}

    def meanings(self, workspace: str) -> dict[str, str]:
        """What each typed length means in segments, nothing for one that its field refuses; and how the introduction reads."""
        typed = {
            name: option.parse(self.options[name])
            for name, option in ADMIN_OPTIONS.items()
            if isinstance(option, Length) and option.accepts(self.options[name])
        }
        lengths: dict[str, str] = {name: length_in_words(length) for name, length in typed.items()}
        return lengths | {"introduction": introduction_in_words(self.options["introduction"], workspace)}
