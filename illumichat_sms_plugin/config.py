"""Every setting of the plugin: its name, its default and one sentence.

A host sets them in ``app.config``; what is not set gets the default. :meth:`Settings.from_config`
checks them once, when the app starts, so that a wrong value never waits for the first text.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from illumichat_sms_plugin.encryption import SecretBox
from illumichat_sms_plugin.errors import StartRefused
from illumichat_sms_plugin.keeping_options import LONGEST_DAYS, SHORTEST_DAYS
from illumichat_sms_plugin.redis_address import refuse_bad_address
from illumichat_sms_plugin.setting_values import converted, is_base_url

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


def _setting(doc: str, default: Any = dataclasses.MISSING, *, secret: bool = False, **limits: Any) -> Any:
    return field(default=default, repr=not secret, metadata={"doc": doc, **limits})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The checked settings. Durations are in seconds."""

    public_url: str = _setting(
        "Public base URL of the host, as Twilio reaches it, such as `https://app.example.com`; HTTPS except on loopback. Required."
    )
    encryption_keys: tuple[str, ...] = _setting(
        "Fernet keys for stored secrets, newest first (list, or one string with commas); make one with `flask sms generate-key`. Required.",
        secret=True,
    )
    redis_url: str = _setting(
        "Redis or Valkey that carries the jobs; behind Sentinels `redis+sentinel://HOST:PORT,HOST:PORT/MASTER/0`.",
        "redis://localhost:6379/0",
        secret=True,
    )
    queue: str = _setting("Name of the RQ queue.", "sms")
    redis_timeout: float = _setting(
        "How long a webhook waits for Redis; a connection to open and an answer may each take this long.",
        0.4,
        low=0.05,
        high=10,
    )
    database_timeout: float = _setting(
        "How long a webhook waits for a lock or an answer of PostgreSQL before Twilio is told to try again.",
        3.0,
        low=0.1,
        high=14,
    )
    database_bind: str = _setting(
        "Which of the host's `SQLALCHEMY_BINDS` the tables are in; empty for its default database.", ""
    )
    database_schema: str = _setting(
        "PostgreSQL schema that the tables are in; empty for the one that the role finds first, mostly `public`.",
        "",
    )
    twilio_api_url: str = _setting(
        "Base URL of Twilio's REST API; an operator's setting, never a tenant's.", "https://api.twilio.com"
    )
    twilio_connect_timeout: float = _setting(
        "How long to wait for a connection to Twilio.", 5.0, low=0.1, high=60
    )
    twilio_read_timeout: float = _setting("How long to wait for Twilio's response.", 15.0, low=0.1, high=120)
    assistant_timeout: float = _setting(
        "How long the assistant may take for one answer.", 60.0, low=0.1, high=600
    )
    assistant_attempts: int = _setting(
        "How often the assistant is asked before the texter gets an apology.", 3, low=1, high=10
    )
    retry_delay: float = _setting(
        "Pause before the second attempt; doubles with every further one.", 5.0, low=0.0, high=3600
    )
    longest_wait_for_texts: float = _setting(
        "At most this long an answer waits for further texts, whatever a channel's admins set.",
        60.0,
        low=0,
        high=60,
    )
    reply_stale_after: float = _setting(
        "An answer to a text older than this is not sent.", 1800.0, low=1, high=86400
    )
    suggestion_lapses_after: float = _setting(
        "A suggestion lapses when nobody has decided on it for so long.", 86400.0, low=60, high=604800
    )
    apology_interval: float = _setting(
        "A texter gets at most one apology in this time.", 3600.0, low=0, high=604800
    )
    answers_per_hour: int = _setting(
        "At most this many answers an hour go to one number, whatever a channel's admins set.",
        60,
        low=1,
        high=10000,
    )
    answers_per_day: int = _setting(
        "At most this many answers in 24 hours go to one number, whatever a channel's admins set.",
        1000,
        low=1,
        high=100000,
    )
    first_text_from: int = _setting(
        "From this hour on, by its number's clock, a first text may go out.", 8, low=0, high=12
    )
    first_text_until: int = _setting(
        "Until this hour, by its number's clock, a first text may go out.", 21, low=13, high=24
    )
    segments_per_day_bound: int = _setting(
        "At most this many segments a day are sent by one channel, whatever its admins set.",
        100000,
        low=1,
        high=100000000,
    )
    money_per_day_bound: float = _setting(
        "At most this much money a day is spent by one channel, whatever its admins set, in its account's currency; 0 for no bound.",
        0.0,
        low=0,
        high=1000000,
    )
    machine_answers: int = _setting(
        "At most this many needless answers go to a texter until it is taken for a machine.",
        3,
        low=1,
        high=10000,
    )
    channel_cache_ttl: float = _setting(
        "How long a process keeps a channel's configuration in memory.", 30.0, low=0, high=300
    )
    lease_ttl: float = _setting(
        "A worker that has not been heard of for this long has lost its session.", 30.0, low=1, high=3600
    )
    housekeeping_interval: float = _setting(
        "Pause between two rounds of housekeeping.", 2.0, low=0.1, high=300
    )
    sweep_after: float = _setting(
        "A session whose job has not been started after this long is enqueued again.", 10.0, low=0.1, high=300
    )
    settle_interval: float = _setting(
        "Pause between two looks at Twilio for a message in doubt.", 30.0, low=0.1, high=3600
    )
    catch_up_interval: float = _setting(
        "Pause between two comparisons with Twilio's message list.", 600.0, low=1, high=86400
    )
    catch_up_after: float = _setting(
        "A text in Twilio's list that is younger than this may have its webhook still under way and is left to it.",
        20.0,
        low=0.1,
        high=300,
    )
    catch_up_window: float = _setting(
        "How far back the comparison with Twilio's message list goes.", 172800.0, low=60, high=604800
    )
    status_delay: float = _setting(
        "When, after sending, Twilio is asked for a final status whose callback has not come.",
        60.0,
        low=0.1,
        high=86400,
    )
    price_delays: tuple[float, ...] = _setting(
        "When, after sending, Twilio is asked for the price and the final status that have not come by themselves.",
        (3600.0, 86400.0),
    )
    keep_days_bound: int = _setting(
        "Texts are kept at most this many days, 30 to 3650, whatever a channel's admins set; 0 for no bound.",
        0,
        low=0,
        high=LONGEST_DAYS,
    )
    media_seconds: float = _setting(
        "How long an answer waits at most for what its texts have attached; 0 if attachments are not to be fetched.",
        5.0,
        low=0,
        high=5,
    )
    media_days: int = _setting("Attachments are kept this many days.", 365, low=1, high=3650)
    media_megabytes: int = _setting(
        "So many megabytes of attachments are kept of one channel; the oldest make room for new ones.",
        1000,
        low=50,
        high=1000000,
    )
    segment_price: float = _setting(
        "What a segment, in or out, is estimated to cost until Twilio's own prices are known; the default is Twilio's list price in the US.",
        0.0083,
        low=0,
        high=10,
    )
    price_currency: str = _setting("Currency of `SMS_SEGMENT_PRICE`, as in ISO 4217.", "USD")
    session_active_within: float = _setting(
        "A session counts as active when its last text is younger than this.", 86400.0, low=60, high=31536000
    )
    max_webhook_bytes: int = _setting(
        "Largest webhook body that is read, in bytes.", 65536, low=1024, high=1048576
    )
    metrics_token: str = _setting(
        "Bearer token that opens `/api/sms/metrics` to Prometheus; while it is empty there are no metrics.",
        "",
        secret=True,
    )
    pages: bool = _setting(
        "Whether the plugin's pages are added; a host that has no pages of its own gets none.", True
    )
    api: bool = _setting(
        "Whether the JSON API is added. Webhooks, health and metrics are there without it, too.", True
    )
    worker_concurrency: int = _setting(
        "How many conversations one `flask sms worker` answers at once.", 16, low=1, high=256
    )

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Settings:
        """Read ``SMS_…`` from a Flask config; raise StartRefused naming the first wrong one."""
        values: dict[str, Any] = {}
        for item in dataclasses.fields(cls):
            name = setting_name(item)
            if config.get(name) in (None, ""):
                if item.default is dataclasses.MISSING:
                    raise StartRefused(f"{name} is not set. {item.metadata['doc']} See README, Settings.")
                continue
            values[item.name] = converted(name, item, config[name])
        settings = cls(**values)
        settings._check_urls()
        settings._check_currency()
        settings._check_queue()
        settings._check_retention()
        SecretBox(settings.encryption_keys)
        return settings

    def _check_urls(self) -> None:
        for name, url in (("SMS_PUBLIC_URL", self.public_url), ("SMS_TWILIO_API_URL", self.twilio_api_url)):
            parts = urlsplit(url)
            if not is_base_url(url):
                raise StartRefused(f"{name} must be a URL such as https://app.example.com, not {url!r}.")
            if parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
                raise StartRefused(f"{name} must use https; plain http is for loopback addresses only.")

    def _check_currency(self) -> None:
        code = self.price_currency
        if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
            raise StartRefused(f"SMS_PRICE_CURRENCY must be a currency code such as USD, not {code!r}.")

    def _check_queue(self) -> None:
        if not self.queue:
            raise StartRefused("SMS_QUEUE must be a name, such as sms.")
        refuse_bad_address(self.redis_url)

    def _check_retention(self) -> None:
        if 0 < self.keep_days_bound < SHORTEST_DAYS:
            raise StartRefused(
                f"SMS_KEEP_DAYS_BOUND must be 0 or at least {SHORTEST_DAYS}, not {self.keep_days_bound}."
            )

    def webhook_url(self, assistant_id: str) -> str:
        """The inbound webhook URL exactly as Twilio must call it."""
        return f"{self.public_url}/api/sms/webhook/{assistant_id}"

    def status_url(self, assistant_id: str) -> str:
        """The status callback URL without its query."""
        return f"{self.public_url}/api/sms/status/{assistant_id}"


def setting_name(item: dataclasses.Field[Any]) -> str:
    """The name in ``app.config``: ``SMS_PUBLIC_URL`` for ``public_url``."""
    return f"SMS_{item.name.upper()}"
