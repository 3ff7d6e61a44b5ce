"""All checks, in the order in which a text takes its way; what each is called on the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from illumichat_sms_plugin.services.doctor import (
    check_account,
    check_channel,
    check_countries,
    check_failures,
    check_further_numbers,
    check_limits,
    check_loopback,
    check_number,
    check_registration,
    check_rejections,
    check_traffic,
    check_workers,
)
from illumichat_sms_plugin.services.doctor.examination import Examination
from illumichat_sms_plugin.services.findings import Finding, Level


@dataclass(frozen=True, slots=True)
class Check:
    """A check with the name it is kept under and its title."""

    name: str
    title: str
    run: Callable[[Examination], Finding]
    tells_from: Level | None = None
    """Housekeeping makes it every hour, and the channel needs attention from this level on; None: people make it."""


CHECKS: tuple[Check, ...] = (
    Check("channel_on", "SMS is on", check_channel.channel_on),
    Check("token_readable", "Stored token", check_channel.token_readable),
    Check("twilio_reachable", "Twilio answers", check_account.twilio_reachable),
    Check("account_active", "Account", check_account.account_active, Level.PROBLEM),
    Check("least_power", "API key", check_account.least_power),
    Check("enough_balance", "Balance", check_account.enough_balance, Level.WARNING),
    Check("number_able", "Number", check_number.number_able, Level.PROBLEM),
    Check("registered", "Registration", check_registration.registered, Level.WARNING),
    Check("webhook_url", "Webhook", check_number.webhook_url, Level.PROBLEM),
    Check("webhook_method", "Webhook method", check_number.webhook_method),
    Check("webhook_fallback", "Fallback of the webhook", check_number.webhook_fallback),
    Check(
        "webhook_not_overridden", "Webhook not overridden", check_number.webhook_not_overridden, Level.PROBLEM
    ),
    Check("further_numbers_able", "Further numbers", check_further_numbers.further_numbers_able),
    Check("public_address", "Public address", check_channel.public_address),
    Check("loopback", "Test text", check_loopback.loopback),
    Check("refused_webhooks", "Refused webhooks", check_rejections.refused_webhooks),
    Check("last_inbound", "Texts coming in", check_traffic.last_inbound),
    Check("database_fits", "Database", check_workers.database_fits),
    Check("queue_reachable", "Queue", check_workers.queue_reachable),
    Check("worker_alive", "Worker", check_workers.worker_alive),
    Check("housekeeping_recent", "Housekeeping", check_workers.housekeeping_recent),
    Check("nothing_waits", "Waiting texts", check_workers.nothing_waits),
    Check("assistant_answers", "Assistant", check_failures.assistant_answers),
    Check("answers_in_time", "Speed", check_traffic.answers_in_time),
    Check("limits_set", "Limits", check_limits.limits_set),
    Check("countries_open", "Countries", check_countries.countries_open),
    Check("last_callback", "Delivery reports", check_traffic.last_callback),
    Check("recent_failures", "Failed texts", check_failures.recent_failures),
    Check("no_decision_due", "Decisions", check_failures.no_decision_due),
)
HOURLY = tuple(check for check in CHECKS if check.tells_from is not None)
"""Those that cost a question or two to Twilio."""
TITLES = {check.name: check.title for check in CHECKS}
