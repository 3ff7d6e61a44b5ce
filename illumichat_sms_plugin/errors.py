"""What can go wrong, and what to do about it.

    SmsError
    ├── StartRefused             the host or its settings are not fit to run the plugin
    ├── HostMistaken             the host gave something that its contract rules out
    ├── InvalidInput             somebody sent something unusable; says what, per field
    ├── Unauthorized / Forbidden / NotFound / Conflict / RateLimited
    ├── SecretUnreadable         a stored secret does not decrypt: "enter the token again"
    └── TwilioError              Twilio said no, or nothing
        ├── TwilioRefused        nothing was sent (4xx, or the connection never stood)
        │   ├── TwilioThrottled  429: the same request may be made again later
        │   └── TwilioUnreachable  no connection stood: likewise
        └── TwilioInDoubt        the request was written, the outcome is unknown: never blindly again

Every error knows the sentence a person reads (``str(error)``) and how the JSON API and the pages answer with it
(``http_status`` and ``code``). Whether to try again or to log is decided where it is caught: the same refusal
means something else for a text that goes out, for a list that is read and for credentials somebody is trying.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from click import ClickException


class SmsError(Exception):
    """Root of all errors the plugin raises on purpose."""

    http_status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    """First half of the API's ``code`` (``bad_request:api``)."""


class StartRefused(SmsError, ClickException):
    """The app must not start; the sentence says what to fix and where to read about it.

    For ``flask``, whose every command makes the app, it is a sentence on the terminal and no traceback.
    """


class HostMistaken(SmsError):
    """The host gave something that its contract rules out; the sentence names it, for the log."""


class InvalidInput(SmsError):
    """Input that cannot be used. ``fields`` maps a field name to its sentence."""

    http_status = 400
    code = "bad_request"

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields: dict[str, str] = dict(fields or {})


class Unauthorized(SmsError):
    """The caller is not signed in."""

    http_status = 401
    code = "unauthorized"


class Forbidden(SmsError):
    """The caller is known and may not do this."""

    http_status = 403
    code = "forbidden"


class NotFound(SmsError):
    """There is no such thing, as far as the caller may know."""

    http_status = 404
    code = "not_found"


class Conflict(SmsError):
    """Somebody else changed or holds it."""

    http_status = 409
    code = "conflict"


class RateLimited(SmsError):
    """Too often; ``retry_after`` is in seconds."""

    http_status = 429
    code = "rate_limit"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SecretUnreadable(SmsError):
    """A stored secret does not decrypt with any key of ``SMS_ENCRYPTION_KEYS``."""


class TwilioError(SmsError):
    """A call to Twilio did not work. ``error_code`` is Twilio's own, or None."""

    http_status = 502
    code = "bad_gateway"

    def __init__(
        self, message: str, *, error_code: int | None = None, http_status: int | None = None
    ) -> None:
        super().__init__(message)
        self.error_code = error_code
        self.twilio_http_status = http_status


class TwilioRefused(TwilioError):
    """Twilio certainly did not do it."""

    @property
    def is_missing(self) -> bool:
        """Whether Twilio has no such thing, or none for these credentials (404)."""
        return self.twilio_http_status == 404

    @property
    def refused_for_good(self) -> bool:
        """Whether it goes on being refused until the credentials or the account change, or it is not there at all."""
        return self.is_missing or self.twilio_http_status in (401, 403)


class TwilioThrottled(TwilioRefused):
    """Twilio did not do it because of a rate limit (HTTP 429)."""


class TwilioUnreachable(TwilioRefused):
    """Not one byte of the request left this machine."""


class TwilioInDoubt(TwilioError):
    """The request went out and the outcome is unknown."""
