"""Does Twilio know us, is the account alive, is there money on it?"""

from __future__ import annotations

from illumichat_sms_plugin.errors import TwilioError, TwilioRefused, TwilioThrottled, TwilioUnreachable
from illumichat_sms_plugin.services.doctor.examination import Examination, NotConnected
from illumichat_sms_plugin.services.findings import (
    TWILIO_STATUS,
    Finding,
    Level,
    ok,
    problem,
    unknown,
    warning,
)
from illumichat_sms_plugin.services.setup.account_findings import account_finding, balance_finding, failure
from illumichat_sms_plugin.twilio_gateway.lookup import balance


def twilio_reachable(exam: Examination) -> Finding:
    """Twilio's REST API answers at all."""
    try:
        exam.account.get()
    except NotConnected as error:
        return unknown(str(error))
    except TwilioThrottled as error:
        return warning(f"Twilio answers, and says that it is asked too often: {error}", "Wait a few minutes.")
    except TwilioUnreachable as error:
        return problem(
            str(error),
            "Check the network of the app. If it works, look whether Twilio has an outage.",
            TWILIO_STATUS,
        )
    except TwilioRefused:
        return ok("Twilio's API answers.")
    except TwilioError as error:
        return problem(
            f"Twilio does not answer as it should: {error}",
            "Look whether Twilio has an outage. Nothing is lost: texts are fetched and answers sent when it is back.",
            TWILIO_STATUS,
        )
    return ok("Twilio's API answers.")


def account_active(exam: Examination) -> Finding:
    """The credentials are right and the account may work."""
    try:
        return account_finding(exam.account.get())
    except NotConnected as error:
        return unknown(str(error))
    except TwilioError as error:
        found = failure(error)
        return found if found.level is Level.PROBLEM else unknown(found.evidence, "See “Twilio answers”.")


def enough_balance(exam: Examination) -> Finding:
    """There is money for texts."""
    try:
        return balance_finding(balance(exam.client()))
    except NotConnected as error:
        return unknown(str(error))
    except TwilioError as error:
        return unknown(f"Twilio does not tell the balance: {error}", "See “Account”.")
