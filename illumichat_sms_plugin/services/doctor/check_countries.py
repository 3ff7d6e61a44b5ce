"""Does Twilio send to the countries whose numbers are answered?"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from illumichat_sms_plugin.destinations import EVERY, country_of, own_countries
from illumichat_sms_plugin.errors import TwilioError, TwilioRefused
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import Direction, SmsMessage, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.services.doctor.examination import Examination, NotConnected
from illumichat_sms_plugin.services.findings import Action, Finding, ok, problem, unknown, warning
from illumichat_sms_plugin.twilio_gateway.geo_permissions import closed_countries

NOT_ENABLED = 21408
"""Twilio's error for a text to a country that is off."""
WEEK = -7 * 86400.0
LOOKED_AT = 500
"""The newest texts of the week that are looked at."""
PERMISSIONS = Action(
    say("Geo permissions at Twilio"),
    "external",
    "https://console.twilio.com/us1/develop/sms/settings/geo-permissions",
)
FIX = say(
    "Turn them on at Twilio under Messaging, Settings, Geo permissions, or take them out of the option "
    "Countries."
)


def countries_open(exam: Examination) -> Finding:
    """Twilio's geo permissions are on for the countries of the channel; where they cannot be read, by what was refused."""
    number = exam.settings.phone_number
    if not number:
        return unknown(say("SMS is not connected."))
    chosen = exam.settings.options.countries
    answered = own_countries(number) if not chosen or EVERY in chosen else chosen
    try:
        closed = closed_countries(exam.client(), answered)
    except NotConnected as error:
        return unknown(str(error))
    except TwilioError as error:
        return _by_outcomes(exam, error)
    if not closed:
        return ok(
            say(
                "Twilio sends to all countries that were looked at: {countries}.", countries=_listed(answered)
            )
        )
    judge = problem if (country_of(number) or "US") in closed else warning
    return judge(
        say(
            "Numbers of {countries} get no answer: Twilio does not send there, because its geo permissions are "
            "off.",
            countries=_listed(closed),
        ),
        FIX,
        PERMISSIONS,
    )


def _by_outcomes(exam: Examination, error: TwilioError) -> Finding:
    refused = _refused_countries(exam)
    if refused:
        return warning(
            say(
                "Twilio has refused texts to {countries} within the week (21408): it does not send there.",
                countries=_listed(refused),
            ),
            FIX,
            PERMISSIONS,
        )
    if isinstance(error, TwilioRefused) and error.refused_for_good:
        return ok(
            say(
                "These credentials may not read the geo permissions. No text was refused for its country within the "
                "week."
            )
        )
    return unknown(
        say("Twilio does not show its geo permissions: {error}", error=error), say("See “Twilio answers”.")
    )


def _refused_countries(exam: Examination) -> set[str]:
    newest = (
        select(SmsMessage.to_number, SmsMessage.error_code)
        .where(
            SmsMessage.channel_id == exam.settings.id,
            SmsMessage.created_at > db_now(WEEK),
            SmsMessage.direction == Direction.OUTBOUND.value,
        )
        .order_by(SmsMessage.created_at.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    with transaction() as connection:
        numbers = connection.scalars(select(newest.c.to_number).where(newest.c.error_code == NOT_ENABLED))
        return {country_of(number) or say("an unknown country") for number in numbers}


def _listed(countries: Collection[str]) -> str:
    return ", ".join(sorted(countries))
