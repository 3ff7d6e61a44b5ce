"""What of a channel goes when, in sentences for an admin."""

from __future__ import annotations

from illumichat_sms_plugin.blueprints.pages.local_clock import LocalClock
from illumichat_sms_plugin.services.retention.how_long import Retention


def retention_in_words(kept: Retention, clock: LocalClock) -> str:
    """What is deleted, what is being deleted, and what was."""
    said = []
    if kept.is_operators:
        said.append(f"The operator of this platform keeps texts for {kept.days} days at most, so that holds.")
    if kept.days:
        place = "here and at Twilio" if kept.at_twilio else "here; at Twilio they stay"
        said.append(
            f"After {kept.days} days texts are deleted {place}: words, numbers, attachments and status reports. "
            "What still waits for an answer or a decision stays until that is done. A session with no text left is deleted with its number, "
            "its consent record and a block. Its opt-out holds for ever."
        )
    if kept.texts_from and kept.is_under_way:
        said.append(f"Texts of before {clock.day(kept.texts_from)} are being deleted; many take hours.")
    elif kept.texts_from:
        said.append(f"Texts of before {clock.day(kept.texts_from)} are deleted.")
    return " ".join(said)
