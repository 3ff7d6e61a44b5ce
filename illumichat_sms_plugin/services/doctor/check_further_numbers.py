"""The further numbers: are they the account's, and do their texts come to us?"""

from __future__ import annotations

from collections.abc import Sequence

from illumichat_sms_plugin.errors import TwilioError
from illumichat_sms_plugin.in_words import count
from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.services.doctor.examination import Examination, NotConnected
from illumichat_sms_plugin.services.findings import SETTINGS, WEBHOOK, Finding, ok, problem, unknown, warning
from illumichat_sms_plugin.services.further_numbers import FurtherNumber, Standing, further_numbers
from illumichat_sms_plugin.services.setup.number_webhooks import NumberWebhook, look_at_numbers

SHOWN = 3
"""Numbers that are named."""


def further_numbers_able(exam: Examination) -> Finding:
    """Every further number is the account's, and its texts come here."""
    numbers = further_numbers(exam.settings.id) if exam.settings.id is not None else []
    denied = _standing(numbers, Standing.NOT_OURS)
    if denied:
        return warning(
            say(
                "Texts also come to {numbers}, which Twilio says the account does not own. They are not "
                "answered.",
                numbers=_named(denied),
            ),
            say("Let these numbers call another webhook, or have Twilio asked again under Further numbers."),
            SETTINGS,
        )
    answered = _standing(numbers, Standing.OURS)
    if answered:
        return _webhooks(exam, answered)
    if waiting := _standing(numbers, Standing.UNKNOWN):
        return unknown(
            say("Texts to {numbers} wait: Twilio has not said yet whose that is.", numbers=_named(waiting)),
            say("Housekeeping asks. See “Twilio answers” and “Account”."),
        )
    if numbers:
        return ok(say("{numbers}, all turned off.", numbers=count(len(numbers), "further number")))
    return ok(say("Texts come to the channel's own number only."))


def _webhooks(exam: Examination, answered: Sequence[str]) -> Finding:
    expected = exam.runtime.settings.webhook_url(exam.assistant_id)
    try:
        found = look_at_numbers(exam.client(), answered, expected)
    except (NotConnected, TwilioError) as error:
        return unknown(say("Twilio could not be asked: {error}", error=error), say("See “Account”."))
    gone = [number for number in answered if number not in found]
    if gone:
        return problem(
            say(
                "Twilio does not show {numbers} to this account any more, so answers from there fail.",
                numbers=_named(gone),
            ),
            say(
                "Turn them off under Further numbers, or give the API key the permission to read short codes."
            ),
            SETTINGS,
        )
    elsewhere = [number for number, webhook in found.items() if not webhook.target.works]
    if elsewhere:
        return problem(
            say(
                "Texts to {numbers} do not come here. {where}",
                numbers=_named(elsewhere),
                where=found[elsewhere[0]].target.sentence,
            ),
            say("Look at Webhook Setup: it shows where they go and sets all numbers together."),
            WEBHOOK,
        )
    return _all_come(found)


def _all_come(found: dict[str, NumberWebhook]) -> Finding:
    unretried = [number for number, webhook in found.items() if not webhook.target.is_right]
    if unretried:
        return warning(
            say(
                "Twilio gives up at the first error with texts to {numbers}: their webhook lacks the retry rules.",
                numbers=_named(unretried),
            ),
            say("Set the webhooks in Webhook Setup."),
            WEBHOOK,
        )
    return ok(say("Texts to {numbers} come here, too.", numbers=_named(list(found))))


def _standing(numbers: Sequence[FurtherNumber], standing: Standing) -> list[str]:
    return [number.phone_number for number in numbers if number.standing is standing]


def _named(numbers: Sequence[str]) -> str:
    left = len(numbers) - SHOWN
    return ", ".join(numbers[:SHOWN]) + (say(" and {left} more", left=left) if left > 0 else "")
