"""Does Twilio know us, is the account alive, is there money on it?"""

from __future__ import annotations

from illumichat_sms_plugin.errors import TwilioError, TwilioRefused, TwilioThrottled, TwilioUnreachable
from illumichat_sms_plugin.services.doctor.examination import Examination, NotConnected
from illumichat_sms_plugin.services.doctor.findings import (
    SETTINGS,
    TWILIO_STATUS,
    Action,
    Check,
    ok,
    problem,
    unknown,
    warning,
)
from illumichat_sms_plugin.services.setup.findings import (
    LOW_BALANCE,
    NOT_ACTIVE,
    TEST_CREDENTIALS,
    failure,
)
from illumichat_sms_plugin.twilio_gateway.lookup import balance

CONSOLE = Action("Twilio Console", "external", "https://console.twilio.com")
BILLING = Action("Twilio's billing", "external", "https://console.twilio.com/us1/billing")


def twilio_reachable(exam: Examination) -> Check:
    """Twilio's REST API answers at all."""
    try:
        exam.account.get()
    except NotConnected as error:
        return unknown(str(error))
    except TwilioThrottled as error:
        return warning(f"Twilio answers, and says that it is asked too often: {error}", "Wait a few minutes.")
    except TwilioRefused as error:
        if isinstance(error, TwilioUnreachable):
            return problem(
                str(error),
                "Check the network of the app. If it works, look whether Twilio has an outage.",
                TWILIO_STATUS,
            )
    except TwilioError as error:
        return problem(
            f"Twilio does not answer as it should: {error}",
            "Look whether Twilio has an outage. Nothing is lost: texts are fetched and answers sent when it is back.",
            TWILIO_STATUS,
        )
    return ok("Twilio's API answers.")


def account_active(exam: Examination) -> Check:
    """The credentials are right and the account may work."""
    try:
        found = exam.account.get()
    except NotConnected as error:
        return unknown(str(error))
    except TwilioRefused as error:
        return _refused(error)
    except TwilioError as error:
        return unknown(f"Twilio could not be asked: {error}", "See “Twilio answers”.")
    if found.status != "active":
        return problem(
            f"The account is {found.status or 'not active'}: it can neither send nor receive texts.",
            "Log in to Twilio: it says there why, and how to get it back.",
            CONSOLE,
        )
    if found.type == "Trial":
        return warning(
            "The account is active, and a trial account: it texts only numbers that you have verified at Twilio, "
            "and adds a line of its own to every text.",
            "Upgrade the account before you share the number.",
            CONSOLE,
        )
    return ok("The credentials are right, and the account is active and a full one.")


def _refused(error: TwilioRefused) -> Check:
    known = error.error_code == TEST_CREDENTIALS or error.error_code in NOT_ACTIVE
    if not known and not error.refused_for_good:
        return unknown(f"Twilio could not be asked: {error}", "See “Twilio answers”.")
    found = failure(error)
    return problem(found.text, found.do, CONSOLE if error.error_code in NOT_ACTIVE else SETTINGS)


def enough_balance(exam: Examination) -> Check:
    """There is money for texts."""
    try:
        left = balance(exam.client())
    except NotConnected as error:
        return unknown(str(error))
    except TwilioError as error:
        return unknown(f"Twilio does not tell the balance: {error}", "See “Account”.")
    if left is None:
        return ok("A subaccount has no balance of its own; the main account pays.")
    amount = f"{left.amount:.2f} {left.currency}"
    if left.amount <= 0:
        return problem(f"The balance is {amount}: nothing is sent.", "Add funds.", BILLING)
    if left.amount < LOW_BALANCE:
        return warning(
            f"The balance is {amount}, which will not last long.",
            "Add funds, or turn on auto-recharge.",
            BILLING,
        )
    return ok(f"The balance is {amount}.")
