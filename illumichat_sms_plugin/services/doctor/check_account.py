"""Does Twilio know us, is the account alive, is there money on it?"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from illumichat_sms_plugin.errors import TwilioError, TwilioRefused, TwilioThrottled, TwilioUnreachable
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import SmsChannel, SmsDay
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.services.analytics.cost import Amount, cost_of
from illumichat_sms_plugin.services.analytics.tally import Tally
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

MOST_DAYS = 7 * 200
"""Days of an account's channels that are added up; of a larger account the balance is compared with a part."""


def twilio_reachable(exam: Examination) -> Finding:
    """Twilio's REST API answers at all."""
    try:
        exam.ask_something()
    except NotConnected as error:
        return unknown(str(error))
    except TwilioThrottled as error:
        return warning(
            say("Twilio answers, and says that it is asked too often: {error}", error=error),
            say("Wait a few minutes."),
        )
    except TwilioUnreachable as error:
        return problem(
            str(error),
            say("Check the network of the app. If it works, see whether Twilio has an outage."),
            TWILIO_STATUS,
        )
    except TwilioRefused:
        return ok(say("Twilio's API answers."))
    except TwilioError as error:
        return problem(
            say("Twilio does not answer as it should: {error}", error=error),
            say(
                "See whether Twilio has an outage. Nothing is lost: texts are fetched and answers sent when "
                "it is back."
            ),
            TWILIO_STATUS,
        )
    return ok(say("Twilio's API answers."))


def account_active(exam: Examination) -> Finding:
    """The credentials are right and the account may work."""
    try:
        if exam.uses_api_key:
            exam.number.get()
            return ok(say("The API key opens the account. A key may not look at the account itself."))
        return account_finding(exam.account.get())
    except NotConnected as error:
        return unknown(str(error))
    except TwilioError as error:
        found = failure(error, api_key=exam.uses_api_key)
        return (
            found if found.level is Level.PROBLEM else unknown(found.evidence, say("See “Twilio answers”."))
        )


def enough_balance(exam: Examination) -> Finding:
    """There is money for texts."""
    try:
        left = balance(exam.client())
        return balance_finding(left, _last_week(exam))
    except NotConnected as error:
        return unknown(str(error))
    except TwilioError as error:
        if error.error_code == MISSING_PERMISSION:
            return ok(say("A restricted API key may not read the balance; the Twilio Console shows it."))
        return unknown(say("Twilio does not show the balance: {error}", error=error), say("See “Account”."))


def _last_week(exam: Examination) -> Amount | None:
    """What the texts of the account's channels cost in the last 7 days, as far as they are counted. None for a draft."""
    if exam.channel is None or not exam.channel.is_confirmed:
        return None
    of_account = select(SmsChannel.id).where(
        SmsChannel.account_sid == exam.channel.account_sid, SmsChannel.confirmed_at.is_not(None)
    )
    since = (exam.now - timedelta(days=7)).date()
    days = select(SmsDay.counts).where(SmsDay.channel_id.in_(of_account), SmsDay.day > since)
    with transaction() as connection:
        counted = connection.scalars(days.limit(MOST_DAYS)).all()
    total = Tally()
    for counts in counted:
        total.add(Tally.from_json(counts))
    settings = exam.runtime.settings
    cost = cost_of(total, Decimal(str(settings.segment_price)), settings.price_currency)
    return Amount(cost.estimated, cost.currency)


def least_power(exam: Examination) -> Finding:
    """What is stored opens no more than is needed."""
    if exam.channel is None:
        return unknown(say("SMS is not connected."))
    if exam.uses_api_key and not exam.settings.has_auth_token:
        return ok(
            say("An API key calls Twilio, a signing key verifies webhooks, and no Auth Token is stored.")
        )
    if exam.uses_api_key:
        return ok(
            say(
                "An API key calls Twilio, so the Auth Token only verifies webhooks. With Twilio's SharedKey as "
                "webhook signing key it need not be stored at all."
            )
        )
    return ok(
        say(
            "Twilio is called with the Auth Token, which may do everything on the account. Recommended: a "
            "restricted API key, which can be revoked alone. It needs these permissions: {permissions}.",
            permissions=PERMISSIONS,
        )
    )
