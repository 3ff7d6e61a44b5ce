"""Every line of the Troubleshooting section that admins read, brought about, and found by the Doctor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from demo.twilio_simulator import seed
from illumichat_sms_plugin.models import SmsMessage, db_now
from illumichat_sms_plugin.services.doctor.checks import CHECKS
from illumichat_sms_plugin.services.findings import Finding, Level
from tests.services.doctor.conftest import Examine, Front
from tests.services.doctor.situations import converse
from tests.support.channels import change, connect, run_jobs, write
from tests.support.twilio_requests import NUMBER, TEXTER


@dataclass(frozen=True)
class Situation:
    """What a line of the table may use to bring its trouble about."""

    app: Flask
    twilio: Any
    front: Front
    make: Callable[..., Flask]

    def fault(self, kind: str, *, number: bool = False, **params: Any) -> None:
        """A fault of the simulated Twilio that stays."""
        self.twilio.add_fault(kind, number=NUMBER if number else None, count=None, **params)

    def converse(self, times: int = 1) -> None:
        """Texts with their answers."""
        for _ in range(times):
            converse(self.app, self.twilio)

    @property
    def webhook(self) -> str:
        """Our inbound URL."""
        return f"{self.front.url}/api/sms/webhook/ast_support"


def flagged_number(at: Situation) -> None:
    at.fault("30007")
    at.converse(3)


def suspended_number(at: Situation) -> None:
    at.fault("api_error", code=21606)
    at.converse()


def invalid_recipients(at: Situation) -> None:
    at.fault("30005")
    at.converse(3)


def failing_texts(at: Situation) -> None:
    at.fault("30003")
    at.converse(3)


def slow_assistant(at: Situation) -> None:
    at.converse()
    write(at.app, SmsMessage, SmsMessage.direction == "inbound", created_at=db_now(-30.0))


def slow_delivery(at: Situation) -> None:
    at.converse()
    write(at.app, SmsMessage, SmsMessage.direction == "outbound", final_at=db_now(60.0))


def waiting_texts(at: Situation) -> None:
    at.twilio.text(TEXTER, NUMBER, "anybody there?")
    write(at.app, SmsMessage, SmsMessage.id > 0, created_at=db_now(-120.0))


def other_signing_token(at: Situation) -> None:
    at.fault("rotated_token")
    at.twilio.text(TEXTER, NUMBER, "hello?")


def webhook_secret_differs(at: Situation) -> None:
    account = at.twilio.store.accounts[seed.ACCOUNT_SID]
    account.shared_key_id, account.shared_key_secret = "WK1", "the-secret-at-twilio"
    change(at.app, signing_key="another-secret-here")
    at.twilio.text(TEXTER, NUMBER, "hello?")


def another_slash(at: Situation) -> None:
    """A proxy takes the slash away that Twilio signed."""
    app = at.app
    at.front.app = lambda environ, start: app(
        environ | {"PATH_INFO": environ["PATH_INFO"].rstrip("/")}, start
    )
    at.twilio.set_webhook(NUMBER, f"{at.webhook}/")
    at.twilio.text(TEXTER, NUMBER, "hello?")


TROUBLES: list[tuple[str, str, Callable[[Situation], object], str, str]] = [
    # section, line, how it is brought about, the check that finds it, words it is named by
    (
        "Not receiving responses",
        "Verify your Twilio credentials are correct using Test Credentials",
        lambda at: change(at.app, auth_token="f" * 32),
        "account_active",
        "does not accept this Account SID with this Auth Token",
    ),
    (
        "Not receiving responses",
        "Finding that SMS is enabled in your configuration",
        lambda at: change(at.app, enabled=False),
        "channel_on",
        "turned off",
    ),
    (
        "Not receiving responses",
        "Confirm webhook URLs are correctly set in the Twilio console",
        lambda at: at.fault("webhook_changed", number=True, url="https://crm.example.net/sms"),
        "webhook_url",
        "https://crm.example.net/sms",
    ),
    (
        "Not receiving responses",
        "Confirm webhook URLs are correctly set in the Twilio console",
        lambda at: at.fault("webhook_method_get", number=True),
        "webhook_method",
        "GET",
    ),
    (
        "Not receiving responses",
        "Confirm webhook URLs are correctly set in the Twilio console",
        lambda at: at.fault("application_override", number=True),
        "webhook_not_overridden",
        "TwiML app",
    ),
    (
        "Not receiving responses",
        "Ensure your Twilio account has sufficient balance",
        lambda at: at.fault("low_balance", balance="0.00"),
        "enough_balance",
        "0.00 USD",
    ),
    (
        "Not receiving responses",
        "Finding that the phone number has SMS capability",
        lambda at: at.fault("not_sms_capable", number=True),
        "number_able",
        "cannot send or receive SMS",
    ),
    (
        "Messages failing to deliver",
        "Finding the SMS Analytics for error details",
        failing_texts,
        "recent_failures",
        "30003",
    ),
    (
        "Messages failing to deliver",
        "Verify the recipient's phone number is valid",
        invalid_recipients,
        "recent_failures",
        "30005",
    ),
    (
        "Messages failing to deliver",
        "Ensure your Twilio number is not flagged or suspended",
        flagged_number,
        "recent_failures",
        "30007",
    ),
    (
        "Messages failing to deliver",
        "Ensure your Twilio number is not flagged or suspended",
        suspended_number,
        "recent_failures",
        "21606",
    ),
    (
        "Messages failing to deliver",
        "Ensure your Twilio number is not flagged or suspended",
        lambda at: at.fault("suspended_account"),
        "account_active",
        "suspended",
    ),
    (
        "Messages failing to deliver",
        "Finding Twilio's status page for outages",
        lambda at: at.fault("outage"),
        "twilio_reachable",
        "does not answer as it should",
    ),
    (
        "Delayed responses",
        "AI response generation typically takes 2-5 seconds",
        slow_assistant,
        "answers_in_time",
        "typically ready after",
    ),
    (
        "Delayed responses",
        "Twilio delivery adds 1-3 seconds",
        slow_delivery,
        "answers_in_time",
        "takes Twilio another",
    ),
    (
        "Delayed responses",
        "Long system prompts or complex queries may take longer",
        waiting_texts,
        "nothing_waits",
        "1 text without an answer yet",
    ),
    (
        "Delayed responses",
        "Finding your assistant's model — faster models like Grok produce quicker responses",
        slow_assistant,
        "answers_in_time",
        "Choose a faster model",
    ),
    (
        "Webhook errors",
        "Ensure your app URL uses HTTPS",
        lambda at: None,
        "public_address",
        "set SMS_PUBLIC_URL to the public https address",
    ),
    (
        "Webhook errors",
        "Verify the webhook URL matches exactly (no trailing slashes)",
        lambda at: at.twilio.set_webhook(NUMBER, f"{at.webhook}/"),
        "webhook_url",
        "ends with a slash",
    ),
    (
        "Webhook errors",
        "Verify the webhook URL matches exactly (no trailing slashes)",
        another_slash,
        "refused_webhooks",
        "slash at the end",
    ),
    (
        "Webhook errors",
        "Finding that Twilio signature validation is passing — the webhook secret must match",
        other_signing_token,
        "refused_webhooks",
        "the Auth Token was changed at Twilio",
    ),
    (
        "Webhook errors",
        "Finding that Twilio signature validation is passing — the webhook secret must match",
        webhook_secret_differs,
        "refused_webhooks",
        "the one stored here is not it",
    ),
]


@pytest.mark.parametrize(
    ("section", "line", "trouble", "check", "words"),
    TROUBLES,
    ids=[f"{row[1][:45]} ({row[3]})" for row in TROUBLES],
)
def test_the_doctor_finds_and_names(
    *,
    healthy: Flask,
    examine: Examine,
    twilio: Any,
    front: Front,
    make: Callable[..., Flask],
    section: str,
    line: str,
    trouble: Callable[[Situation], object],
    check: str,
    words: str,
) -> None:
    trouble(Situation(healthy, twilio, front, make))
    found = examine()[check]
    assert found.level in (Level.PROBLEM, Level.WARNING)
    assert words in f"{found.evidence} {found.fix}"


def test_in_health_none_of_them_is_found(healthy: Flask, examine: Examine, twilio: Any) -> None:
    converse(healthy, twilio)
    found = examine()
    assert {check: found[check].level for _, _, _, check, _ in TROUBLES if check != "public_address"} == {
        check: Level.OK for _, _, _, check, _ in TROUBLES if check != "public_address"
    }


def test_the_table_leaves_no_check_without_a_place_in_it_or_a_test_of_its_own() -> None:
    of_the_table = {check for _, _, _, check, _ in TROUBLES}
    of_operators = {
        "token_readable",
        "loopback",
        "last_inbound",
        "webhook_fallback",
        "further_numbers_able",
        "database_fits",
        "queue_reachable",
        "worker_alive",
        "housekeeping_recent",
        "assistant_answers",
        "last_callback",
        "no_decision_due",
        "least_power",
        "registered",
        "limits_set",
        "countries_open",
    }
    assert of_the_table | of_operators == {check.name for check in CHECKS}


def test_a_second_channel_is_examined_for_itself(healthy: Flask, examine: Examine, twilio: Any) -> None:
    connect(healthy, "ast_sales", phone_number=seed.SALES_NUMBER)
    twilio.add_fault("webhook_method_get", number=NUMBER, count=None)
    found: Finding = examine(assistant_id="ast_sales")["webhook_method"]
    assert found.level is Level.OK
    run_jobs(healthy)
