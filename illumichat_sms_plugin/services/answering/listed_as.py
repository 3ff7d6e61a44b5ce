"""A text of ours as Twilio's list has it."""

from __future__ import annotations

TRIAL_PREFIX = "Sent from your Twilio trial account - "
"""Twilio puts it before every text of a trial account and lists the text with it."""


def is_listed_as(sent: str, listed: str) -> bool:
    """Whether Twilio lists under these words what was sent in those."""
    return listed.strip().removeprefix(TRIAL_PREFIX) == sent.strip()
