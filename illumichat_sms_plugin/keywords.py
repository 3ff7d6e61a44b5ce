"""What a text means for consent: STOP, START and HELP, and plain wishes to be left alone.

Twilio acts on single keywords by itself; United States rules count any reasonable wording
(47 CFR 64.1200(a)(10)), so plain wishes are honoured here.
https://help.twilio.com/articles/223134027
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Literal

import phonenumbers

Meaning = Literal["opt_out", "opt_in", "help", "message"]

OPT_OUT = frozenset(
    {"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out"}
)
OPT_IN = frozenset({"start", "unstop"})
HELP = frozenset({"help", "info"})
_BY_TYPE: dict[str, Meaning] = {"STOP": "opt_out", "START": "opt_in", "HELP": "help"}
_LONGEST = 80
"""Characters: a longer text is a message, whatever it contains."""

_WISH = re.compile(
    r"(?:please |pls |plz )?(?:"
    r"(?:stop|quit) (?:(?:texting|messaging|contacting|sending|bothering|spamming)(?: me)?(?: (?:texts?|messages?|these|this))*|(?:all |these |the |your )?(?:texts?|messages?))"
    r"|(?:no more|no further) (?:texts?|messages?|sms)"
    r"|(?:do not|don'?t|dont) (?:text|message|contact|sms) me(?: (?:again|anymore|any more))?"
    r"|never (?:text|message|contact) me(?: again)?"
    r"|unsubscribe me|opt me out|i (?:want to |would like to )?opt out|i want to unsubscribe"
    r"|(?:take|get) me off (?:of )?(?:your|this|the) (?:texting |sms |text )?list"
    r"|remove (?:me|my number)(?: from (?:your|this|the) (?:texting |sms |text )?list)?"
    r"|leave me alone"
    r")(?: please| now| thanks| thank you| asap| immediately)?"
)


def classify(
    body: str,
    opt_out_type: str | None = None,
    opted_out: bool = False,
    extra_opt_out: Collection[str] = (),
) -> Meaning:
    """What ``body`` asks for.

    ``opt_out_type`` is Twilio's own finding (Advanced Opt-Out) and goes first. YES opts in only who
    is ``opted_out``. ``extra_opt_out`` are the channel's own words. Total for any text.
    """
    if opt_out_type in _BY_TYPE:
        return _BY_TYPE[opt_out_type]
    words = normalise(body)
    if not words:
        return "message"
    if words in OPT_OUT or words in {normalise(word) for word in extra_opt_out}:
        return "opt_out"
    if words in OPT_IN or (opted_out and words == "yes"):
        return "opt_in"
    if words in HELP:
        return "help"
    return "opt_out" if _WISH.fullmatch(words) else "message"


def normalise(text: str) -> str:
    """Lower case, no accents, no punctuation or emoji around it, single spaces; "" when too long."""
    if len(text) > 4 * _LONGEST:
        return ""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(char for char in decomposed if unicodedata.category(char)[0] in "LNPSZ" or char.isspace())
    kept = kept.replace("’", "'")
    words = re.sub(r"[^\w']+", " ", kept.replace("_", " ")).strip(" '")
    return words if len(words) <= _LONGEST else ""


def default_opt_out_words(phone_number: str) -> tuple[str, ...]:
    """Opt-out words of a number's country beside the English ones."""
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(phone_number))
    except phonenumbers.NumberParseException:
        return ()
    return ("ARRET",) if region == "CA" else ()
