"""All checks, in the order in which a text takes its way; what each is called on the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from illumichat_sms_plugin.services.doctor import (
    check_account,
    check_channel,
    check_failures,
    check_loopback,
    check_number,
    check_rejections,
    check_traffic,
    check_workers,
)
from illumichat_sms_plugin.services.doctor.examination import Examination
from illumichat_sms_plugin.services.doctor.findings import Check


@dataclass(frozen=True, slots=True)
class CheckUp:
    """A check with the name it is kept under and its title."""

    name: str
    title: str
    run: Callable[[Examination], Check]


CHECKS: tuple[CheckUp, ...] = (
    CheckUp("channel_on", "SMS is on", check_channel.channel_on),
    CheckUp("token_readable", "Stored token", check_channel.token_readable),
    CheckUp("twilio_reachable", "Twilio answers", check_account.twilio_reachable),
    CheckUp("account_active", "Account", check_account.account_active),
    CheckUp("enough_balance", "Balance", check_account.enough_balance),
    CheckUp("number_able", "Number", check_number.number_able),
    CheckUp("webhook_url", "Webhook", check_number.webhook_url),
    CheckUp("webhook_method", "Webhook method", check_number.webhook_method),
    CheckUp("webhook_fallback", "Fallback of the webhook", check_number.webhook_fallback),
    CheckUp("webhook_not_overridden", "Webhook not overridden", check_number.webhook_not_overridden),
    CheckUp("public_address", "Public address", check_channel.public_address),
    CheckUp("loopback", "Test text", check_loopback.loopback),
    CheckUp("refused_webhooks", "Refused webhooks", check_rejections.refused_webhooks),
    CheckUp("last_inbound", "Texts coming in", check_traffic.last_inbound),
    CheckUp("queue_reachable", "Queue", check_workers.queue_reachable),
    CheckUp("worker_alive", "Worker", check_workers.worker_alive),
    CheckUp("housekeeping_recent", "Housekeeping", check_workers.housekeeping_recent),
    CheckUp("nothing_waits", "Waiting texts", check_workers.nothing_waits),
    CheckUp("assistant_answers", "Assistant", check_failures.assistant_answers),
    CheckUp("answers_in_time", "Speed", check_traffic.answers_in_time),
    CheckUp("last_callback", "Delivery reports", check_traffic.last_callback),
    CheckUp("recent_failures", "Failed texts", check_failures.recent_failures),
    CheckUp("no_decision_due", "Decisions", check_failures.no_decision_due),
)
TITLES = {check.name: check.title for check in CHECKS}
