"""What Twilio says about an account and a number, judged: the same sentences for Test Credentials and the Doctor."""

from __future__ import annotations

from illumichat_sms_plugin.errors import TwilioError, TwilioRefused, TwilioThrottled
from illumichat_sms_plugin.in_words import money
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.services.analytics.cost import Amount
from illumichat_sms_plugin.services.findings import (
    BILLING,
    CONSOLE,
    SETTINGS,
    TWILIO_STATUS,
    WEBHOOK,
    Finding,
    ok,
    problem,
    unknown,
    warning,
)
from illumichat_sms_plugin.services.setup.webhook_target import Target
from illumichat_sms_plugin.twilio_gateway.values import AccountInfo, Balance

LOW_BALANCE = 1
"""In the account's currency; a hundred texts or so."""
TEST_CREDENTIALS = 20008
MISSING_PERMISSION = 70051
"""A restricted API key may not do what was asked: https://www.twilio.com/docs/iam/api-keys/restricted-api-keys"""
PERMISSIONS = say(
    "Messages: create, read, list and delete; Message media: read, list and delete; Incoming phone "
    "numbers: list and update; Messaging Services: list, and list their phone numbers"
)
"""All that a restricted API key needs."""
NOT_ACTIVE = frozenset({10001, 20005, 30002})


def account_finding(found: AccountInfo) -> Finding:
    """Whether the account may work."""
    if found.status != "active":
        return problem(
            say(
                "The account is {status}: it can neither send nor receive texts.",
                status=found.status or say("not active"),
            ),
            say("Log in to the Twilio Console: it says why, and how to get the account back."),
            CONSOLE,
        )
    if found.type == "Trial":
        return warning(
            say(
                "The account is an active trial account: it can only text numbers that you have verified at Twilio, "
                "and Twilio adds a line of its own to every text."
            ),
            say(
                "That is enough to try it out. Upgrade the account in the Twilio Console before you share the number."
            ),
            CONSOLE,
        )
    return ok(say("The account is an active full account."))


def balance_finding(left: Balance | None, week: Amount | None = None) -> Finding:
    """Whether there is money for texts; None is a subaccount, which has none of its own. ``week``: what the last one cost."""
    if left is None:
        return ok(say("A subaccount has no balance of its own; the main account pays."))
    amount = money(left.amount, left.currency)
    if left.amount <= 0:
        return problem(
            say("The balance is {amount}, so nothing is sent.", amount=amount), say("Add funds."), BILLING
        )
    if left.amount < LOW_BALANCE:
        return warning(
            say("The balance is {amount}, which will not last long.", amount=amount),
            say("Add funds, or turn on auto-recharge."),
            BILLING,
        )
    if week is not None and week.currency == left.currency and left.amount < week.amount:
        return warning(
            say(
                "The balance is {amount}, and the texts of the last 7 days cost about {spent}.",
                amount=amount,
                spent=money(week.amount, week.currency),
            ),
            say("Add funds, or turn on auto-recharge."),
            BILLING,
        )
    return ok(say("The balance is {amount}.", amount=amount))


def not_owned(phone_number: str) -> Finding:
    """The account is there, the number is not among its own; whose it is, or whether anybody's, is not said."""
    return problem(
        say("This account does not own {number}.", number=phone_number),
        say("Pick one of the account's numbers, or enter the credentials of the account that owns it."),
        SETTINGS,
    )


def number_finding(phone_number: str, *, sms: bool) -> Finding:
    """Whether a number of the account can do SMS."""
    if sms:
        return ok(say("The account owns {number}, and it can do SMS.", number=phone_number))
    return problem(
        say("The account owns {number}, but this number cannot send or receive SMS.", number=phone_number),
        say("Take a number with the SMS capability; the Twilio Console shows it under Active Numbers."),
        SETTINGS,
    )


def override_finding(target: Target) -> Finding | None:
    """Whether a TwiML app or a Messaging Service takes the number's texts before its webhook; None when nothing does."""
    return problem(target.sentence, target.do, WEBHOOK) if target.is_overridden else None


def failure(error: TwilioError, *, api_key: bool = False) -> Finding:
    """Why Twilio did not let us look, in words; ``api_key`` says that an API key was tried."""
    if error.error_code == MISSING_PERMISSION:
        return problem(
            say("The API key lacks a permission that the plugin needs."),
            say(
                "In the Twilio Console, open Account → API keys & tokens and let the key do this: {permissions}.",
                permissions=PERMISSIONS,
            ),
            CONSOLE,
        )
    if error.error_code == TEST_CREDENTIALS:
        return problem(
            say("These are test credentials; they cannot receive texts."),
            say("In the Twilio Console, copy the live Account SID and Auth Token instead of the test ones."),
            SETTINGS,
        )
    if error.error_code in NOT_ACTIVE:
        return problem(
            say("Twilio says that this account is not active."),
            say(
                "Log in to the Twilio Console: it says why the account is suspended, and how to get it back."
            ),
            CONSOLE,
        )
    if isinstance(error, TwilioThrottled):
        return unknown(say("Twilio gets too many requests from this account."), say("Try again in a minute."))
    if isinstance(error, TwilioRefused) and error.refused_for_good:
        return _not_accepted(api_key)
    return unknown(
        say("Twilio could not be asked. {error}", error=error),
        say("Try again in a minute. If this goes on, look at status.twilio.com."),
        TWILIO_STATUS,
    )


def _not_accepted(api_key: bool) -> Finding:
    if api_key:
        return problem(
            say("Twilio does not accept this API key for this Account SID."),
            say(
                "Copy the key's SID and secret again, or create another key: Twilio shows a secret only once. The "
                "key must belong to the account itself, not to its main account."
            ),
            SETTINGS,
        )
    return problem(
        say("Twilio does not accept this Account SID with this Auth Token."),
        say(
            "Copy both again from the dashboard of console.twilio.com. If the token was replaced there, the old "
            "one stopped working."
        ),
        SETTINGS,
    )
