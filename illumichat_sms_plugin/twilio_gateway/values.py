"""What goes to Twilio and what comes back, as plain values.

No ``repr`` shows a secret, a texter's number or what somebody wrote.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal, get_args

from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.secret import Secret

Algorithm = Literal["HMAC_SHA1", "HMAC_SHA256"]


_WORD = re.compile("[A-Za-z0-9]+")
ACCOUNT_SID, AUTH_TOKEN = say("Account SID"), say("Auth Token")
API_KEY_SID, API_KEY_SECRET = say("API Key SID"), say("API key's secret")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What one account is called with: ``secret`` is its Auth Token, or that of the API key ``api_key_sid``.

    InvalidInput if one is empty or holds what none of them ever does. Twilio's library takes an empty value for
    "use TWILIO_ACCOUNT_SID of the process", which would send one customer's texts from another's account.
    """

    account_sid: str
    secret: Secret
    api_key_sid: str | None = None

    def __post_init__(self) -> None:
        # Also keeps the SID, which goes into a URL's path, to one part of it.
        _check_word("account_sid", ACCOUNT_SID, Secret(self.account_sid))
        if self.api_key_sid is None:
            _check_word("auth_token", AUTH_TOKEN, self.secret)
        else:
            _check_word("api_key_sid", API_KEY_SID, Secret(self.api_key_sid))
            _check_word("api_key_secret", API_KEY_SECRET, self.secret)

    @property
    def username(self) -> str:
        """Who logs in."""
        return self.api_key_sid or self.account_sid


def _check_word(name: str, words: str, value: Secret) -> None:
    if not value.stripped():
        raise InvalidInput(
            say("The {words} is missing.", words=words), {name: say("Enter the {words}.", words=words)}
        )
    if not value.matches(_WORD):
        sentence = say("The {words} has letters and digits only; copy it again, without spaces.", words=words)
        raise InvalidInput(sentence, {name: sentence})


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret that Twilio may sign webhooks with; ``name`` says which one it is, for the log.

    The Auth Token signs with HMAC_SHA1, a SharedKey of Twilio's Webhooks API with the algorithm it was made for.
    """

    name: str
    secret: Secret
    algorithm: Algorithm = "HMAC_SHA1"

    def __post_init__(self) -> None:
        if not self.secret:
            raise InvalidInput(f"The signing key {self.name} is empty; anybody could sign with it.")
        if self.algorithm not in get_args(Algorithm):
            raise InvalidInput(f"The signing key {self.name} has an unknown algorithm.")


@dataclass(frozen=True, slots=True)
class SentText:
    """A text Twilio has taken over. ``segments`` is None while Twilio does not know yet."""

    sid: str
    status: str
    segments: int | None


@dataclass(frozen=True, slots=True)
class ListedText:
    """A text as Twilio's message log has it.

    ``direction`` is Twilio's: inbound, outbound-api, outbound-call or outbound-reply. ``price`` is what the
    text cost, zero or more, None until it is billed. Times are aware, in UTC; ``date_sent`` is None while queued.
    """

    sid: str
    direction: str
    from_number: str = field(repr=False)
    to_number: str = field(repr=False)
    body: str = field(repr=False)
    status: str
    error_code: int | None
    segments: int | None
    media_count: int
    price: Decimal | None
    price_unit: str | None
    date_created: datetime | None
    date_sent: datetime | None


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """An account: ``status`` is active, suspended or closed, ``type`` Trial or Full.

    The name is often the owner's e-mail address. Twilio's response also holds the Auth Token; this does not.
    """

    sid: str
    friendly_name: str = field(repr=False)
    status: str
    type: str


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left on the account, some minutes old; ``currency`` is an ISO 4217 code."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class OwnedNumber:
    """A number of the account, what it can do and where it delivers. A short code (SID ``SC…``) is one, too.

    ``sms_application_sid``, when set, takes the place of ``sms_url``:
    https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
    """

    sid: str
    phone_number: str = field(repr=False)
    friendly_name: str = field(repr=False)
    sms: bool
    mms: bool
    sms_url: str | None
    sms_method: str | None
    sms_fallback_url: str | None
    sms_application_sid: str | None
