"""What the simulator remembers, as plain dataclasses.

Times are seconds since the epoch (UTC). SIDs look like Twilio's: two letters and 32 hex digits.
"""

from __future__ import annotations

import base64
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from demo.twilio_simulator.placeholder import PLACEHOLDER_PNG

FINAL_STATUSES = frozenset({"delivered", "undelivered", "failed", "canceled", "received", "read"})


def new_sid(prefix: str) -> str:
    """A fresh SID, for example ``SM`` and 32 hex digits."""
    return prefix + secrets.token_hex(16)


@dataclass
class Account:
    """A Twilio account, its keys and its limits."""

    sid: str
    auth_token: str
    friendly_name: str
    secondary_auth_token: str | None = None
    status: str = "active"
    type: str = "Full"
    balance: str = "100.00"
    currency: str = "USD"
    owner_account_sid: str | None = None
    test_credentials: bool = False
    shared_key_id: str | None = None
    """With a shared key, webhooks are signed by it (HMAC_SHA256) and not by the auth token."""
    shared_key_secret: str | None = None
    verified_numbers: list[str] = field(default_factory=list)
    blocked_prefixes: list[str] = field(default_factory=list)
    """Country codes the account may not text (geo permissions), as prefixes such as ``+7``."""
    refusal: str = ""
    """Which error a suspended account gets: "20005", "20403" or "20003"; empty is 20005."""
    date_created: float = field(default_factory=time.time)


@dataclass
class ApiKey:
    """An API key of an account, which logs in beside the Auth Token and can be deleted alone."""

    sid: str
    account_sid: str
    secret: str
    friendly_name: str = ""
    permissions: list[str] | None = None
    """What a restricted key may do; None for a standard key."""
    date_created: float = field(default_factory=time.time)


@dataclass
class Number:
    """A phone number that an account owns, or a short code: digits without ``+``, with a SID of ``SC…``."""

    sid: str
    account_sid: str
    phone_number: str
    friendly_name: str = ""
    sms_url: str = ""
    sms_method: str = "POST"
    sms_fallback_url: str = ""
    sms_fallback_method: str = "POST"
    sms_application_sid: str = ""
    status_callback: str = ""
    status_callback_method: str = "POST"
    sms_capable: bool = True
    mms_capable: bool = True
    toll_free_status: str = ""
    """Of a toll-free number's verification: ``PENDING_REVIEW``, ``TWILIO_APPROVED``, …; empty when none was asked for."""
    date_created: float = field(default_factory=time.time)
    date_updated: float = field(default_factory=time.time)

    @property
    def is_short_code(self) -> bool:
        """Whether it stands under ShortCodes and not among the phone numbers."""
        return self.sid.startswith("SC")


@dataclass
class Application:
    """A TwiML app: its ``sms_url`` overrides that of the numbers bound to it."""

    sid: str
    account_sid: str
    friendly_name: str = ""
    sms_url: str = ""
    sms_method: str = "POST"
    sms_fallback_url: str = ""
    sms_fallback_method: str = "POST"
    message_status_callback: str = ""
    date_created: float = field(default_factory=time.time)


@dataclass
class MessagingService:
    """A sender pool. Its inbound URL overrides the numbers' own unless it defers to them."""

    sid: str
    account_sid: str
    friendly_name: str = ""
    phone_numbers: list[str] = field(default_factory=list)
    inbound_request_url: str = ""
    inbound_method: str = "POST"
    fallback_url: str = ""
    fallback_method: str = "POST"
    status_callback: str = ""
    use_inbound_webhook_on_number: bool = True
    advanced_opt_out: bool = False
    campaign_status: str = ""
    """Of its US A2P campaign: ``IN_PROGRESS``, ``VERIFIED``, ``FAILED``; empty when it has none."""
    date_created: float = field(default_factory=time.time)


@dataclass
class Media:
    """One attachment of an MMS. ``data`` is its content in base64; without it, it is a small picture."""

    sid: str
    content_type: str
    data: str = field(default="", repr=False)

    def content(self) -> bytes:
        """What a receiver gets."""
        return base64.b64decode(self.data) if self.data else PLACEHOLDER_PNG


@dataclass
class Message:
    """A text in or out.

    ``created_by`` says where it came from: ``api`` (POST Messages), ``twiml`` (a ``<Message>`` in a
    webhook's answer), ``text/plain`` (a webhook's plain answer), ``phone`` (a handset texted), or
    ``automatic`` (Twilio's own answer to STOP, START or HELP; such a text is seen on the phone and
    not in the REST API).
    """

    sid: str
    account_sid: str
    to: str
    body: str
    direction: str
    status: str
    created_by: str
    from_: str | None = None
    messaging_service_sid: str | None = None
    num_segments: int = 1
    media: list[Media] = field(default_factory=list)
    price: str | None = None
    error_code: int | None = None
    status_callback: str = ""
    validity_period: int = 36000
    max_price: str | None = None
    """What the sender asked for; nothing here is dearer."""
    send_at: float | None = None
    planned_status: str = "delivered"
    planned_error: int | None = None
    deleted: bool = False
    history: list[tuple[float, str]] = field(default_factory=list)
    """(time, status) of every status the message had."""
    date_created: float = field(default_factory=time.time)
    date_updated: float = field(default_factory=time.time)
    date_sent: float | None = None

    @property
    def final(self) -> bool:
        """Whether the status will not change any more."""
        return self.status in FINAL_STATUSES


@dataclass
class OptOut:
    """``phone`` wants nothing more from ``sender`` (a number, or a Messaging Service's SID)."""

    sender: str
    phone: str
    date_created: float = field(default_factory=time.time)

    @property
    def sid(self) -> str:
        """The key of the pair."""
        return f"{self.sender}>{self.phone}"


@dataclass
class Attempt:
    """One HTTP request of a webhook: the status that came back, or what went wrong."""

    url: str
    status: int | None
    problem: str
    """"", or "ct" (no connection), "rt" (no answer in time), "protocol"."""
    detail: str
    seconds: float


@dataclass
class Webhook:
    """A request that the simulator made to somebody's webhook, with all its attempts."""

    id: str
    kind: str
    """``inbound``, ``fallback`` or ``status``."""
    message_sid: str
    url: str
    method: str
    params: list[tuple[str, str]]
    status: str = ""
    """The message's status that a status callback told."""
    outcome: str = "waiting"
    """``waiting``, ``held``, ``dropped``, ``ok`` (any 2xx) or ``failed``."""
    status_code: int | None = None
    content_type: str = ""
    body: str = ""
    idempotency_token: str = ""
    signature: str = ""
    attempts: list[Attempt] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    started_at: float = field(default_factory=time.time)
    finished_at: float | None = None

    @property
    def ok(self) -> bool:
        """Whether a 2xx came back."""
        return self.outcome == "ok"


@dataclass
class DebuggerEntry:
    """A line of the Twilio debugger: what went wrong with a webhook or a message."""

    code: int
    level: str
    message: str
    message_sid: str
    url: str = ""
    at: float = field(default_factory=time.time)


@dataclass
class ApiRequest:
    """A REST request that the simulator answered; ``status`` None means it was left without an answer."""

    method: str
    path: str
    status: int | None
    account_sid: str
    username: str = ""
    """Who has logged in: the account itself, or an API key."""
    code: int | None = None
    message_sid: str = ""
    fault: str = ""
    at: float = field(default_factory=time.time)


@dataclass
class Fault:
    """Something that shall go wrong. ``remaining`` None means until it is cleared."""

    id: str
    kind: str
    number: str | None = None
    """Only for messages from or to this number."""
    account_sid: str | None = None
    remaining: int | None = 1
    params: dict[str, Any] = field(default_factory=dict)
    hits: list[tuple[float, str]] = field(default_factory=list)
    """(time, what it struck)."""
    undo: dict[str, Any] = field(default_factory=dict)
    """What a changed account or number was before."""

    @property
    def active(self) -> bool:
        """Whether it can still strike."""
        return self.remaining is None or self.remaining > 0
