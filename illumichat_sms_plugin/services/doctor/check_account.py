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
from illumichat_sms_plugin.services.setup.account_findings import (
    MISSING_PERMISSION,
    PERMISSIONS,
    account_finding,
    balance_finding,
    failure,
)
from illumichat_sms_plugin.twilio_gateway.lookup import balance


def twilio_reachable(exam: Examination) -> Finding:
    """Twilio's REST API answers at all."""
    try:
        exam.ask_something()
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
        if exam.uses_api_key:
            exam.number.get()
            return ok("The API key opens the account. A key may not look at the account itself.")
        return account_finding(exam.account.get())
    except NotConnected as error:
        return unknown(str(error))
    except TwilioError as error:
        found = failure(error, api_key=exam.uses_api_key)
        return found if found.level is Level.PROBLEM else unknown(found.evidence, "See “Twilio answers”.")


def enough_balance(exam: Examination) -> Finding:
    """There is money for texts."""
    try:
        return balance_finding(balance(exam.client()))
    except NotConnected as error:
        return unknown(str(error))
    except TwilioError as error:
        if error.error_code == MISSING_PERMISSION:
            return ok("A restricted API key may not read the balance; the Twilio Console shows it.")
        return unknown(f"Twilio does not tell the balance: {error}", "See “Account”.")


def least_power(exam: Examination) -> Finding:
    """What is stored opens no more than is needed."""
    if exam.channel is None:
        return unknown("SMS is not connected.")
    if exam.uses_api_key and not exam.settings.has_auth_token:
        return ok("An API key calls Twilio, a signing key verifies webhooks, and no Auth Token is stored.")
    if exam.uses_api_key:
        return ok(
            "An API key calls Twilio, so the Auth Token only verifies webhooks. With Twilio's SharedKey as webhook signing "
            "key it need not be stored at all."
        )
    return ok(
        "Twilio is called with the Auth Token, which may do everything on the account. Recommended: a restricted API key, "
        f"which can be revoked alone. It needs these permissions: {PERMISSIONS}."
    )
