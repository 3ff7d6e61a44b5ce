"""Whether carriers in the US take the texts of a number: judged for Test Credentials, the Doctor and housekeeping.

A local number has to be in a Messaging Service with an approved A2P campaign, a toll-free one has to be verified.
Other numbers need neither. docs/decisions/registration.md
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from illumichat_sms_plugin.errors import TwilioError, TwilioRefused
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.services.findings import Action, Finding, ok, unknown, warning
from illumichat_sms_plugin.twilio_gateway.clients import TwilioClient
from illumichat_sms_plugin.twilio_gateway.messaging_services import service_of_number
from illumichat_sms_plugin.twilio_gateway.registrations import (
    CAMPAIGN_APPROVED,
    CAMPAIGN_IN_REVIEW,
    TOLL_FREE_APPROVED,
    TOLL_FREE_IN_REVIEW,
    campaign_statuses,
    toll_free_verification,
)
from illumichat_sms_plugin.twilio_gateway.values import OwnedNumber

REGISTER = Action(
    say("A2P registration at Twilio"),
    "external",
    "https://console.twilio.com/us1/develop/sms/regulatory-compliance",
)
NONE_NEEDED = say("Carriers ask for no registration of this number.")


class Asked(StrEnum):
    """What carriers in the US ask of a number."""

    NOTHING = "nothing"
    CAMPAIGN = "campaign"
    VERIFICATION = "verification"


def what_is_asked_of(phone_number: str) -> Asked:
    """By the number alone. One in a range that is not in use, such as 555, is asked nothing."""
    if not phone_number.startswith("+1"):
        return Asked.NOTHING
    try:
        parsed = phonenumbers.parse(phone_number)
    except NumberParseException:
        return Asked.NOTHING
    if phonenumbers.number_type(parsed) == PhoneNumberType.TOLL_FREE:
        return Asked.VERIFICATION
    is_american = phonenumbers.region_code_for_number(parsed) == "US"
    return Asked.CAMPAIGN if is_american else Asked.NOTHING


def registration_finding(client: TwilioClient, number: OwnedNumber) -> Finding:
    """Whether the number is registered as carriers in the US want it to be."""
    asked = what_is_asked_of(number.phone_number)
    if asked is Asked.NOTHING:
        return ok(NONE_NEEDED)
    try:
        return _campaign(client, number) if asked is Asked.CAMPAIGN else _verification(client, number)
    except TwilioRefused as error:
        if not error.refused_for_good:
            raise
        return unknown(
            say("These credentials may not look at registrations."),
            say("Look in the Twilio Console, under Messaging → Regulatory Compliance."),
            REGISTER,
        )


def registration_or_unknown(find: Callable[[], Finding]) -> Finding:
    """What :func:`registration_finding` has found, which ``find`` calls; unknown while Twilio cannot be asked."""
    try:
        return find()
    except TwilioError as error:
        return unknown(
            say("Twilio could not be asked about the registration: {error}", error=error),
            say("Try again in a minute."),
        )


def _campaign(client: TwilioClient, number: OwnedNumber) -> Finding:
    service = service_of_number(client, number.sid)
    if service is None:
        return _not_registered(
            say(
                "{number} is in no Messaging Service, so it belongs to no A2P campaign.",
                number=number.phone_number,
            ),
            say(
                "Register a brand and a campaign at Twilio, and put the number into the campaign's Messaging Service."
            ),
        )
    statuses = campaign_statuses(client, service.sid)
    name = say("the Messaging Service “{name}”", name=service.name)
    if CAMPAIGN_APPROVED in statuses:
        return ok(say("The number is in an approved A2P campaign, by {name}.", name=name))
    if set(statuses) & set(CAMPAIGN_IN_REVIEW):
        return _not_registered(
            say("The A2P campaign of {name} is in review.", name=name),
            say("Wait for Twilio's mail; it takes days."),
        )
    if statuses:
        return _not_registered(
            say(
                "The A2P campaign of {name} was not approved ({status}).",
                name=name,
                status=statuses[0] or say("no status"),
            ),
            say("Twilio's page of the campaign says why. Change it there and submit it again."),
        )
    return _not_registered(
        say("The number is in {name}, which has no A2P campaign.", name=name),
        say("Register a brand and a campaign at Twilio for this Messaging Service."),
    )


def _verification(client: TwilioClient, number: OwnedNumber) -> Finding:
    found = toll_free_verification(client, number.sid)
    if found is None:
        return _not_registered(
            say("The toll-free number {number} is not verified.", number=number.phone_number),
            say("Submit the number for toll-free verification at Twilio."),
        )
    if found.status == TOLL_FREE_APPROVED:
        return ok(say("The toll-free number is verified."))
    if found.status in TOLL_FREE_IN_REVIEW:
        return _not_registered(
            say("The verification of the toll-free number is in review."),
            say("Wait for Twilio's mail; it takes days."),
        )
    rejected = say("The verification of the toll-free number was rejected.")
    return _not_registered(
        rejected + f" {found.reason.rstrip('.')}." if found.reason else rejected,
        say("Change what Twilio names, and submit the number again."),
    )


def _not_registered(what: str, fix: str) -> Finding:
    return warning(say("{what} Carriers in the US refuse its texts.", what=what), fix, REGISTER)
