"""What the length of a reply means in segments, in the words that the form's script uses too."""

from __future__ import annotations

from illumichat_sms_plugin.languages.wording import Wording, say, say_n
from illumichat_sms_plugin.services.answering.introduction import introduction_of
from illumichat_sms_plugin.text.segments import SEGMENT_UNITS, utf16_units


def length_in_words(length: int) -> Wording:
    """The sentence; "up to" because some characters count twice."""
    plain, special = (_parts(length, *units) for units in SEGMENT_UNITS.values())
    return _meaning(plain, length=str(length), special=special)


def introduction_in_words(typed: str, workspace: str) -> Wording:
    """How an introduction reads in the workspace, and how long it is."""
    words = introduction_of(typed, workspace)
    return say(
        "A first answer begins “{words}” and a new line: {n} characters of its length.",
        words=words,
        n=utf16_units(words) + 1,
    )


def _parts(length: int, single: int, part: int) -> int:
    return 1 if length <= single else -(-length // part)


def _meaning(plain: int, **shown: object) -> Wording:
    return say_n(
        "A reply of {length} characters is up to {n} segment, or up to {special} when it has an emoji or other "
        "special characters. Twilio bills each segment.",
        "A reply of {length} characters is up to {n} segments, or up to {special} when it has an emoji or other "
        "special characters. Twilio bills each segment.",
        plain,
        **shown,
    )


SCRIPT_DATA = {
    "sms-one": _meaning(1, length="{length}", special="{special}"),
    "sms-more": _meaning(2, n="{n}", length="{length}", special="{special}"),
    "sms-units": " ".join(str(units) for pair in SEGMENT_UNITS.values() for units in pair),
}
"""For the script: the sentence, and the units of a single segment and of each of several, in GSM-7 and UCS-2."""
