"""The further numbers: are they the account's, and do their texts come to us?"""

from __future__ import annotations

from collections.abc import Sequence

from illumichat_sms_plugin.errors import TwilioError
from illumichat_sms_plugin.in_words import count
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
            f"Texts come also to {_named(denied)}, which the account does not own, says Twilio. They are not answered.",
            "Let these numbers call another webhook, or have Twilio asked again under Further numbers.",
            SETTINGS,
        )
    answered = _standing(numbers, Standing.OURS)
    if answered:
        return _webhooks(exam, answered)
    if waiting := _standing(numbers, Standing.UNKNOWN):
        return unknown(
            f"Texts to {_named(waiting)} wait: Twilio has not said yet whose that is.",
            "Housekeeping asks. See “Twilio answers” and “Account”.",
        )
    if numbers:
        return ok(f"{count(len(numbers), 'further number')}, all turned off.")
    return ok("Texts come to the channel's own number only.")


def _webhooks(exam: Examination, answered: Sequence[str]) -> Finding:
    expected = exam.runtime.settings.webhook_url(exam.assistant_id)
    try:
        found = look_at_numbers(exam.client(), answered, expected)
    except (NotConnected, TwilioError) as error:
        return unknown(f"Twilio could not be asked: {error}", "See “Account”.")
    gone = [number for number in answered if number not in found]
    if gone:
        return problem(
            f"Twilio does not show {_named(gone)} to this account any more, so answers from there fail.",
            "Turn them off under Further numbers, or give the API key the permission to read short codes.",
            SETTINGS,
        )
    elsewhere = [number for number, webhook in found.items() if not webhook.target.works]
    if elsewhere:
        return problem(
            f"Texts to {_named(elsewhere)} do not come here. {found[elsewhere[0]].target.sentence}",
            "Look at Webhook Setup: it shows where they go and sets all numbers together.",
            WEBHOOK,
        )
    return _all_come(found)


def _all_come(found: dict[str, NumberWebhook]) -> Finding:
    unretried = [number for number, webhook in found.items() if not webhook.target.is_right]
    if unretried:
        return warning(
            f"Twilio gives up at the first error with texts to {_named(unretried)}: their webhook lacks the retry rules.",
            "Set the webhooks in Webhook Setup.",
            WEBHOOK,
        )
    return ok(f"Texts to {_named(list(found))} come here, too.")


def _standing(numbers: Sequence[FurtherNumber], standing: Standing) -> list[str]:
    return [number.phone_number for number in numbers if number.standing is standing]


def _named(numbers: Sequence[str]) -> str:
    left = len(numbers) - SHOWN
    return ", ".join(numbers[:SHOWN]) + (f" and {left} more" if left > 0 else "")
