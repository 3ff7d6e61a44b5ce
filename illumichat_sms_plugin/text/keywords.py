"""What a text means for consent: STOP, START and HELP, and wishes to be left alone in other words.

Twilio acts on single keywords by itself (https://help.twilio.com/articles/223134027). The rules of the United
States count any reasonable wording (47 CFR 64.1200(a)(10)), so wishes are honoured here as well: see opt_out/.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import phonenumbers

from illumichat_sms_plugin.text.opt_out.find_wish import LONGEST as LONGEST  # noqa: PLC0414 - offered here, too
from illumichat_sms_plugin.text.opt_out.find_wish import find_wish
from illumichat_sms_plugin.text.opt_out.folding import fold, normalise

Meaning = Literal["opt_out", "maybe_opt_out", "opt_in", "help", "message"]

OPT_OUT = frozenset(
    {"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out"}
)
TWILIO_CONFIRMS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
"""What Twilio acts on and confirms by itself when it is the whole text, in any case."""
OPT_IN = frozenset({"start", "unstop"})
OPT_IN_IF_OPTED_OUT = frozenset({"yes"})
HELP = frozenset({"help", "info"})
_BY_TYPE: dict[str, Meaning] = {"STOP": "opt_out", "START": "opt_in", "HELP": "help"}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text means, by which rule, and in which of its (folded) words; no rule for a message."""

    meaning: Meaning
    rule: str = ""
    words: str = ""


_MESSAGE = Reading("message")


def read_text(
    body: str,
    opt_out_type: str | None = None,
    opted_out: bool = False,
    extra_opt_out: Collection[str] = (),
) -> Reading:
    """What ``body`` asks for, and why we think so.

    ``opt_out_type`` is Twilio's own finding (Advanced Opt-Out) and goes first. YES opts in only who is
    ``opted_out``. ``extra_opt_out`` are the channel's own words. Total, and quick for any text.
    """
    found = _BY_TYPE.get(opt_out_type.strip().upper()) if isinstance(opt_out_type, str) else None
    if found is not None:
        return Reading(found, "found by Twilio")
    if not isinstance(body, str) or len(body) > LONGEST:
        return _MESSAGE
    folded = fold(body).split()
    words = " ".join(folded[:1] if len(set(folded)) == 1 else folded)
    if words and words in _own_words(tuple(extra_opt_out)):
        return Reading("opt_out", "a word of this channel", words)
    if meaning := _keyword(words, opted_out):
        return Reading(meaning, "keyword", words)
    wish = find_wish(body, folded)
    return (
        Reading("opt_out" if wish.certain else "maybe_opt_out", wish.rule, wish.words) if wish else _MESSAGE
    )


def classify(
    body: str,
    opt_out_type: str | None = None,
    opted_out: bool = False,
    extra_opt_out: Collection[str] = (),
) -> Meaning:
    """What ``body`` asks for: see :func:`read_text`."""
    return read_text(body, opt_out_type, opted_out, extra_opt_out).meaning


def twilio_confirms(body: str, opt_out_type: str | None = None) -> bool:
    """Whether Twilio itself has told the texter of the opt-out that ``body`` is."""
    return bool(opt_out_type) or body.strip().upper() in TWILIO_CONFIRMS


def default_opt_out_words(phone_number: str) -> tuple[str, ...]:
    """Opt-out words that a number's country needs beside the English ones."""
    try:
        number = phonenumbers.parse(phone_number)
    except phonenumbers.NumberParseException:
        return ()
    return ("ARRET",) if phonenumbers.region_code_for_number(number) == "CA" else ()


def _keyword(words: str, opted_out: bool) -> Meaning | None:
    """What the whole text says when it is a keyword."""
    if words in OPT_OUT:
        return "opt_out"
    if words in OPT_IN or (opted_out and words in OPT_IN_IF_OPTED_OUT):
        return "opt_in"
    return "help" if words in HELP else None


@lru_cache(maxsize=1024)
def _own_words(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(normalise, words))
