"""The waiting times: as they come, as they are here, and what is left of the promised two minutes."""

from __future__ import annotations

from illumichat_sms_plugin.config import Settings
from illumichat_sms_plugin.encryption import generate_key
from illumichat_sms_plugin.services.answering.send_message import SETTLE_MARGIN
from illumichat_sms_plugin.services.reconcile.fetch_statuses import CLAIM

SHORTENED = {
    "SMS_ASSISTANT_TIMEOUT": "2",
    "SMS_LONGEST_WAIT_FOR_TEXTS": "0.3",
    "SMS_APOLOGY_INTERVAL": "0",
    "SMS_RETRY_DELAY": "0.3",
    "SMS_LEASE_TTL": "2",
    "SMS_HOUSEKEEPING_INTERVAL": "0.5",
    "SMS_SWEEP_AFTER": "2",
    "SMS_SETTLE_INTERVAL": "1.5",
    "SMS_CATCH_UP_AFTER": "1.5",
    "SMS_CHANNEL_CACHE_TTL": "2",
    "SMS_STATUS_DELAY": "2",
    "SMS_PRICE_DELAYS": "5,10",
    "SMS_TWILIO_CONNECT_TIMEOUT": "1",
    "SMS_TWILIO_READ_TIMEOUT": "1.5",
    "SMS_MEDIA_SECONDS": "0.5",
}
"""So that an hour holds many faults. The regular catch-up is not among them: it stays at its ten minutes,
which is after every run, so what is fetched is fetched because an outage was noticed."""

PROMISE = 120.0
"""Seconds after the last fault within which everything is final with the settings as they come."""
SENDING = (
    "twilio_connect_timeout",
    "twilio_read_timeout",
    "lease_ttl",
    "settle_interval",
    "housekeeping_interval",
    "housekeeping_interval",
)
"""What one text waits for in turn when its worker dies while sending: until nobody can be sending any more, until
the session is free, from the first look at Twilio's list to the second, and for housekeeping to come round twice."""


CHECKING = ("status_delay", "housekeeping_interval", "housekeeping_interval")
"""What the final status of a text waits for when its callback is lost and housekeeping dies while it asks Twilio: until
it is due, until the claim of the dead is over, and for housekeeping to come round twice."""


def longest_wait(settings: Settings) -> float:
    """Seconds of the longer of the two. The claim is the code's own, so it is not shortened here."""
    sending = SETTLE_MARGIN + sum(getattr(settings, name) for name in SENDING)
    checking = CLAIM + sum(getattr(settings, name) for name in CHECKING)
    return max(sending, checking)


def _settings(**changed: str) -> Settings:
    required = {"SMS_PUBLIC_URL": "http://127.0.0.1", "SMS_ENCRYPTION_KEYS": generate_key()}
    return Settings.from_config(required | changed)


DEFAULTS = _settings()
HERE = _settings(**SHORTENED)
WORK = PROMISE - longest_wait(DEFAULTS)
"""Seconds that the promise leaves for work: starting processes, and answering what has piled up. Not shortened."""
RECOVERY = WORK + longest_wait(HERE)
"""Seconds within which everything must be final here."""
