"""What is found when Twilio is asked about an account and a number, in words with what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from illumichat_sms_plugin.errors import TwilioError, TwilioRefused, TwilioThrottled
from illumichat_sms_plugin.services.setup.webhook_target import Target
from illumichat_sms_plugin.twilio_gateway.values import AccountInfo, Balance

LOW_BALANCE = 1
"""In the account's currency; a hundred texts or so."""
TEST_CREDENTIALS = 20008
NOT_ACTIVE = frozenset({10001, 20005, 30002})

Level = Literal["good", "info", "warn", "bad", "unknown"]
"""``unknown``: it could not be looked at just now."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what was found and, where it is not right, what to do."""

    check: Literal["credentials", "account", "balance", "number", "sms", "webhook"]
    level: Level
    text: str
    do: str = ""


def account_finding(found: AccountInfo) -> Finding:
    """Whether the account may work."""
    if found.status != "active":
        return Finding(
            "account",
            "bad",
            f"The account is {found.status or 'not active'}: it can neither send nor receive texts.",
            "Log in at console.twilio.com: it says there why, and how to get it back.",
        )
    if found.type == "Trial":
        return Finding(
            "account",
            "warn",
            f"“{found.friendly_name}” is active, and a trial account: it can only text numbers that you have "
            "verified at Twilio, and adds a line of Twilio's own to every text.",
            "That is enough to try it out. Upgrade the account in the Twilio Console before you share the number.",
        )
    return Finding("account", "good", f"“{found.friendly_name}” is active, and a full account.")


def balance_findings(left: Balance | None) -> list[Finding]:
    """Whether there is money; nothing for a subaccount, which has none of its own."""
    if left is None:
        return []
    amount = f"{left.amount:.2f} {left.currency}"
    if left.amount <= 0:
        return [
            Finding(
                "balance",
                "bad",
                f"The balance is {amount}.",
                "Add funds in the Twilio Console under Billing.",
            )
        ]
    if left.amount < LOW_BALANCE:
        return [
            Finding(
                "balance",
                "warn",
                f"The balance is {amount}, which will not last long.",
                "Add funds in the Twilio Console under Billing, or turn on auto-recharge.",
            )
        ]
    return [Finding("balance", "good", f"The balance is {amount}.")]


def not_owned(phone_number: str) -> Finding:
    """The account is there, the number is not among its own; whose it is, or whether anybody's, is not said."""
    return Finding(
        "number",
        "bad",
        f"This account does not own {phone_number}.",
        "Pick one of the account's numbers, or enter the credentials of the account that owns it.",
    )


def sms_finding(phone_number: str, *, able: bool) -> Finding:
    """Whether the number can do SMS."""
    if able:
        return Finding("sms", "good", "It can send and receive SMS.")
    return Finding(
        "sms",
        "bad",
        f"{phone_number} cannot send or receive SMS.",
        "Take a number with the SMS capability; the Twilio Console shows it under Active Numbers.",
    )


def target_finding(target: Target) -> Finding:
    """Where the number's texts go; setting the webhook comes after saving, what overrides it does not go away."""
    if target.is_overridden:
        return Finding("webhook", "warn", target.sentence, target.do)
    if target.is_right:
        return Finding("webhook", "good", target.sentence)
    return Finding("webhook", "info", target.sentence, "Set it after saving.")


def failure(error: TwilioError) -> Finding:
    """Why Twilio did not let us look, in words."""
    code = error.error_code
    if code == TEST_CREDENTIALS:
        return Finding(
            "credentials",
            "bad",
            "These are test credentials; they cannot receive texts.",
            "In the Twilio Console, copy the live Account SID and Auth Token instead of the test ones.",
        )
    if code in NOT_ACTIVE:
        return Finding(
            "account",
            "bad",
            "Twilio says that this account is not active.",
            "Log in at console.twilio.com: it says there why the account is suspended and how to get it back.",
        )
    if isinstance(error, TwilioThrottled):
        return Finding(
            "credentials",
            "unknown",
            "Twilio gets too many requests from this account.",
            "Test again in a minute.",
        )
    if isinstance(error, TwilioRefused) and error.refused_for_good:
        return Finding(
            "credentials",
            "bad",
            "Twilio does not accept this Account SID with this Auth Token.",
            "Copy both again from the dashboard of console.twilio.com. If the token was replaced there, the old one "
            "stopped working.",
        )
    return Finding(
        "credentials",
        "unknown",
        f"Twilio could not be asked. {error}",
        "Test again in a minute. If it goes on, look at status.twilio.com.",
    )
