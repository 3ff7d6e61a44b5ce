"""What of a channel goes when, in sentences for an admin."""

from __future__ import annotations

from illumichat_sms_plugin.blueprints.pages.local_clock import LocalClock
from illumichat_sms_plugin.languages.wording import joined, say, say_n
from illumichat_sms_plugin.services.retention.how_long import Retention


def retention_in_words(kept: Retention, clock: LocalClock) -> str:
    """What is deleted, what is being deleted, and what was."""
    said: list[str] = []
    if kept.is_operators:
        said.append(
            say_n(
                "The operator of this platform keeps texts for {n} day at most, and that limit applies.",
                "The operator of this platform keeps texts for {n} days at most, and that limit applies.",
                kept.days,
            )
        )
    if kept.days:
        said += [_what_goes(kept), WHAT_STAYS]
    if kept.texts_from:
        day = clock.day(kept.texts_from)
        said.append(
            say("Texts from before {day} are being deleted; with many texts this takes hours.", day=day)
            if kept.is_under_way
            else say("Texts from before {day} have been deleted.", day=day)
        )
    return joined(" ", said)


WHAT_STAYS = say(
    "A text that still waits for an answer or a decision stays until that is done. A session with no text left is deleted, "
    "and with it its number, its consent record and a block. An opt-out holds for ever."
)


def _what_goes(kept: Retention) -> str:
    if kept.at_twilio:
        return say_n(
            "Texts are deleted after {n} day, here and at Twilio: words, numbers, attachments and status reports.",
            "Texts are deleted after {n} days, here and at Twilio: words, numbers, attachments and status reports.",
            kept.days,
        )
    return say_n(
        "Texts are deleted here after {n} day (words, numbers, attachments and status reports); Twilio keeps its copy.",
        "Texts are deleted here after {n} days (words, numbers, attachments and status reports); Twilio keeps its copy.",
        kept.days,
    )
