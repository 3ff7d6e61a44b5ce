"""Every kind of fault that can be asked for, with the words the phones page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class FaultKind:
    """``stage`` says where it strikes: api, delivery, callback, webhook, account or number."""

    name: str
    stage: str
    title: str
    explanation: str
    params: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Parameters with their defaults."""


KINDS: dict[str, FaultKind] = {
    kind.name: kind
    for kind in (
        FaultKind(
            "too_many_requests",
            "api",
            "429 Too many requests",
            "The REST API refuses with 429 (20429) and creates nothing.",
            {"scope": "create"},
        ),
        FaultKind(
            "api_error",
            "api",
            "Refuse with an error code",
            "Creating a message is refused with this error code, for example 21610.",
            {"code": 21610},
        ),
        FaultKind(
            "error_before_accepting",
            "api",
            "500 before accepting",
            "The REST API answers 500 and creates nothing.",
            {"scope": "create"},
        ),
        FaultKind(
            "error_after_accepting",
            "api",
            "500 after accepting",
            "The message is created and delivered, and the answer is 500.",
        ),
        FaultKind(
            "hang_after_accepting",
            "api",
            "Time-out after accepting",
            "The message is created and delivered, and no answer comes for `seconds`; then the connection is reset.",
            {"seconds": 60},
        ),
        FaultKind(
            "reset_after_accepting",
            "api",
            "Connection reset after accepting",
            "The message is created and delivered, and the connection is reset without an answer.",
        ),
        FaultKind(
            "no_sid",
            "api",
            "200 without a SID",
            "The message is created and delivered, and the answer is 200 with an empty object.",
        ),
        FaultKind(
            "outage",
            "api",
            "Outage",
            "Every REST request is answered 503, or with `mode` reset the connection is cut; nothing is created.",
            {"mode": "503"},
        ),
        FaultKind(
            "slow_api",
            "api",
            "Slow REST API",
            "Every REST request waits for `seconds` before it is worked on.",
            {"seconds": 2},
        ),
        FaultKind(
            "media_hangs",
            "api",
            "An attachment hangs",
            "The file of an attachment does not come for `seconds`; then the connection is reset.",
            {"seconds": 30},
        ),
        FaultKind(
            "lost_media",
            "api",
            "An attachment is not there",
            "The address of an attachment answers 404.",
        ),
        FaultKind(
            "undelivered",
            "delivery",
            "Undelivered",
            "The message is accepted and sent, and ends as undelivered with this code.",
            {"code": 30007},
        ),
        FaultKind(
            "failed",
            "delivery",
            "Failed",
            "The message is accepted and ends as failed with this code.",
            {"code": 30034},
        ),
        FaultKind(
            "stuck",
            "delivery",
            "Stuck as sent",
            "The message is sent and the carrier never says what became of it.",
        ),
        FaultKind(
            "late_callbacks",
            "callback",
            "Late callbacks",
            "Each status callback comes `seconds` late.",
            {"seconds": 5, "status": ""},
        ),
        FaultKind(
            "early_callback",
            "callback",
            "Early callback",
            "The callbacks up to sent come before the create request is answered.",
        ),
        FaultKind(
            "reversed_callbacks",
            "callback",
            "Reversed callbacks",
            "The callbacks of a message come last one first, after it has reached its end.",
        ),
        FaultKind(
            "duplicate_callbacks",
            "callback",
            "Duplicated callbacks",
            "Each status callback comes `times` times.",
            {"times": 5, "status": ""},
        ),
        FaultKind(
            "dropped_callbacks",
            "callback",
            "Dropped callbacks",
            "Status callbacks are never sent.",
            {"status": ""},
        ),
        FaultKind(
            "wrong_signature",
            "webhook",
            "Wrong signature",
            "Webhooks are signed with another key; `scope` is all, inbound or status.",
            {"scope": "all"},
        ),
        FaultKind(
            "slow_webhook",
            "webhook",
            "Slow webhook",
            "The inbound webhook's form trickles in over `seconds`.",
            {"seconds": 3},
        ),
        FaultKind(
            "late_webhook",
            "webhook",
            "Late webhook",
            "The inbound webhook is called `seconds` after the text was received.",
            {"seconds": 5},
        ),
        FaultKind(
            "duplicate_webhook",
            "webhook",
            "Duplicated webhook",
            "The inbound webhook is called `times` times with the same text, at the same time.",
            {"times": 2},
        ),
        FaultKind(
            "lost_webhook",
            "webhook",
            "Lost webhook",
            "The text is in Twilio's list and its webhook is never called.",
        ),
        FaultKind(
            "suspended_account",
            "account",
            "Account suspended",
            "The account is suspended: it can be looked at, all else is refused with `code` 20005, 20403 or 20003.",
            {"code": 20005},
        ),
        FaultKind(
            "closed_account", "account", "Account closed", "The account is closed: nothing is let in (20003)."
        ),
        FaultKind(
            "low_balance",
            "account",
            "Low balance",
            "The account has next to nothing left.",
            {"balance": "0.21"},
        ),
        FaultKind(
            "trial_account",
            "account",
            "Trial account",
            "The account is on trial: it may text verified numbers only (21608), and every text says so.",
        ),
        FaultKind(
            "geo_permission",
            "account",
            "Country not enabled",
            "The account may not text numbers that begin with `prefix` (21408).",
            {"prefix": "+1"},
        ),
        FaultKind(
            "rotated_token",
            "account",
            "Auth token rotated",
            "The account's auth token is another one now: REST refuses the old one and webhooks are signed by the new.",
        ),
        FaultKind("not_sms_capable", "number", "Number cannot do SMS", "The number has no SMS capability."),
        FaultKind(
            "number_released", "number", "Number given up", "The number is no longer the account's (21659)."
        ),
        FaultKind(
            "webhook_changed",
            "number",
            "Webhook changed behind your back",
            "Somebody pointed the number's webhook to `url`.",
            {"url": "https://demo.twilio.com/welcome/sms/reply"},
        ),
        FaultKind(
            "webhook_method_get",
            "number",
            "Webhook by GET",
            "Somebody set the number's webhook method to GET.",
        ),
        FaultKind(
            "application_override",
            "number",
            "TwiML app overrides",
            "Somebody bound the number to a TwiML app, so its own webhook is not called.",
        ),
    )
}

STATE_STAGES = frozenset({"account", "number"})
"""Faults of these stages change an account or number at once and change it back when cleared."""


class FaultError(ValueError):
    """A fault that makes no sense; the message says why."""


def resolve(name: str, params: Mapping[str, Any]) -> tuple[FaultKind, dict[str, Any]]:
    """The kind and its parameters; a bare error code such as ``30007`` stands for the kind that yields it.

    FaultError says what is wrong.
    """
    name = str(name)
    if name.isdigit():
        code = int(name)
        if code == 429:
            name = "too_many_requests"
        else:
            known = {30002: "failed", 30034: "failed", 30032: "failed", 30036: "failed"}
            name = known.get(code, "undelivered") if 30000 <= code < 31000 else "api_error"
            params = {"code": code, **params}
    kind = KINDS.get(name)
    if kind is None:
        raise FaultError(f"there is no fault {name!r}; there are {', '.join(KINDS)}, or an error code")
    unknown = set(params) - set(kind.params)
    if unknown:
        raise FaultError(f"{name} has no parameter {', '.join(sorted(unknown))}")
    for key, value in params.items():
        numeric = isinstance(kind.params[key], int)
        if not isinstance(value, (int, float) if numeric else str) or isinstance(value, bool):
            raise FaultError(f"{key} of {name} must be {'a number' if numeric else 'a text'}")
    return kind, {**kind.params, **params}
