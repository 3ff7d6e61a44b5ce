"""All checks, in the order in which a text takes its way; what each is called on the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from illumichat_sms_plugin.languages.wording import say
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
    Check("channel_on", say("SMS is on"), check_channel.channel_on),
    Check("token_readable", say("Stored token"), check_channel.token_readable),
    Check("twilio_reachable", say("Twilio answers"), check_account.twilio_reachable),
    Check("account_active", say("Account"), check_account.account_active, Level.PROBLEM),
    Check("least_power", say("API key"), check_account.least_power),
    Check("enough_balance", say("Balance"), check_account.enough_balance, Level.WARNING),
    Check("number_able", say("Number"), check_number.number_able, Level.PROBLEM),
    Check("registered", say("Registration"), check_registration.registered, Level.WARNING),
    Check("webhook_url", say("Webhook"), check_number.webhook_url, Level.PROBLEM),
    Check("webhook_method", say("Webhook method"), check_number.webhook_method),
    Check("webhook_fallback", say("Fallback of the webhook"), check_number.webhook_fallback),
    Check(
        "webhook_not_overridden",
        say("Webhook not overridden"),
        check_number.webhook_not_overridden,
        Level.PROBLEM,
    ),
    Check("further_numbers_able", say("Further numbers"), check_further_numbers.further_numbers_able),
    Check("public_address", say("Public address"), check_channel.public_address),
    Check("loopback", say("Test text"), check_loopback.loopback),
    Check("refused_webhooks", say("Refused webhooks"), check_rejections.refused_webhooks),
    Check("last_inbound", say("Texts coming in"), check_traffic.last_inbound),
    Check("database_fits", say("Database"), check_workers.database_fits),
    Check("queue_reachable", say("Queue"), check_workers.queue_reachable),
    Check("worker_alive", say("Worker"), check_workers.worker_alive),
    Check("housekeeping_recent", say("Housekeeping"), check_workers.housekeeping_recent),
    Check("nothing_waits", say("Waiting texts"), check_workers.nothing_waits),
    Check("assistant_answers", say("Assistant"), check_failures.assistant_answers),
    Check("answers_in_time", say("Speed"), check_traffic.answers_in_time),
    Check("limits_set", say("Limits"), check_limits.limits_set),
    Check("countries_open", say("Countries"), check_countries.countries_open),
    Check("last_callback", say("Delivery reports"), check_traffic.last_callback),
    Check("recent_failures", say("Failed texts"), check_failures.recent_failures),
    Check("no_decision_due", say("Decisions"), check_failures.no_decision_due),
)
HOURLY = tuple(check for check in CHECKS if check.tells_from is not None)
"""Those that cost a question or two to Twilio."""
TITLES = {check.name: check.title for check in CHECKS}
