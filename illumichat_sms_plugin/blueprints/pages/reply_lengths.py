"""What the length of a reply means in segments, in the words that the form's script uses too."""

from __future__ import annotations

from illumichat_sms_plugin.services.answering.introduction import introduction_of
from illumichat_sms_plugin.text.segments import SEGMENT_UNITS, utf16_units

PATTERN = (
    "A reply of {length} characters is up to {plain} segment{s}, or up to {special} when it has an emoji or other "
    "special characters. Twilio bills each segment."
)


def length_in_words(length: int) -> str:
    """The sentence; "up to" because some characters count twice."""
    plain, special = (_parts(length, *units) for units in SEGMENT_UNITS.values())
    return PATTERN.format(length=length, plain=plain, special=special, s="" if plain == 1 else "s")


def introduction_in_words(typed: str, workspace: str) -> str:
    """How an introduction reads in the workspace, and how long it is."""
    words = introduction_of(typed, workspace)
    return (
        f"A first answer begins “{words}” and a new line: {utf16_units(words) + 1} characters of its length."
    )


def _parts(length: int, single: int, part: int) -> int:
    return 1 if length <= single else -(-length // part)


SCRIPT_DATA = {
    "sms-pattern": PATTERN,
    "sms-units": " ".join(str(units) for pair in SEGMENT_UNITS.values() for units in pair),
}
"""For the script: the sentence, and the units of a single segment and of each of several, in GSM-7 and UCS-2."""
