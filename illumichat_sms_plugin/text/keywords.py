"""What a text means for consent: STOP, START and HELP, and plain wishes to be left alone.

Twilio acts on single keywords by itself (https://help.twilio.com/articles/223134027). The rules of
the United States count any reasonable wording (47 CFR 64.1200(a)(10)), so plain wishes are honoured
here. A wish is a whole sentence; a text that merely contains such words goes to the assistant.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import Literal

import phonenumbers

Meaning = Literal["opt_out", "opt_in", "help", "message"]

OPT_OUT = frozenset(
    {"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out"}
)
OPT_IN = frozenset({"start", "unstop"})
OPT_IN_IF_OPTED_OUT = frozenset({"yes"})
HELP = frozenset({"help", "info"})
_BY_TYPE: dict[str, Meaning] = {"STOP": "opt_out", "START": "opt_in", "HELP": "help"}

LONGEST = 400
"""Characters: a longer text is a message, whatever it contains."""

_POLITE = (
    r"(?:please|pls|plz|kindly|just|ok|okay|hi|hello|hey|now|thanks|thank you|thx|today|immediately|asap"
    r"|right now|again|any ?more|ever|at once|i said|i told you to|i want you to|i would like you to"
    r"|(?:can|could|will|would) (?:you|u|we)|you (?:can|may|must|need to|have to))"
)
_TEXTS = r"(?:texts?|text messages?|messages?|msgs?|sms|text alerts?|texting|messaging)"
_THESE = r"(?:(?:all|any|more|of|these|those|the|this|your|my|such|further|me|us) )*"
_ME = r"(?:me|us|my phone|my number|this number|this phone)"
_TEXTING = r"(?:texting|messaging|contacting|bothering|spamming|smsing|harassing|pestering)"
_TEXT = r"(?:text|message|contact|sms|msg|bother|spam)"
_KIND_OF_LIST = (
    r"(?:contact|contacts|mailing|marketing|text|texting|sms|message|phone|email|calling|call|distribution)"
)
_LIST = rf"(?:(?:your|the|this|that|all|any|every) )*(?:{_KIND_OF_LIST} )?(?:lists?|database|contacts)"
"""Not the waiting list, nor the guest list."""
_FROM_TEXTS = rf"(?:from|to|of|off|with) {_THESE}(?:{_TEXTS}|this|it|everything|all|{_LIST})"
_WANT = r"(?:i )?(?:want|wish|would like|d like|need) to"

_WISH = re.compile(
    rf"(?:{_POLITE} )*+(?:"
    rf"stop|unsubscribe|stopall|optout|unsubscribe {_ME}|(?:unsubscribe|opt out)(?: {_ME})? {_FROM_TEXTS}"
    rf"|opt {_ME} out(?: {_FROM_TEXTS})?"
    rf"|(?:{_WANT}|im|i am|id like to|let me) (?:unsubscribe|opt out|opting out|stop receiving {_THESE}{_TEXTS})(?: {_FROM_TEXTS})?"
    rf"|{_WANT} be (?:removed|taken off|deleted|unsubscribed)(?: (?:from )?{_LIST})?"
    rf"|(?:stop|quit|cease) {_TEXTING}(?: {_ME})?"
    rf"|(?:stop|quit|cease) sending (?:{_ME} )?{_THESE}(?:{_TEXTS}|spam|stuff)"
    rf"|(?:stop|end|cancel|no|no more|no further) {_THESE}(?:texts|text messages|sms|text alerts|texting|messaging)"
    rf"|(?:stop|no more|no further) {_THESE}(?:messages?|msgs?)"
    rf"|(?:do not|dont|never) (?:ever )?{_TEXT} {_ME}"
    rf"|(?:do not|dont|never) (?:ever )?send {_ME} {_THESE}{_TEXTS}"
    rf"|i (?:do not|dont|no longer) (?:want|wish|need)(?: to (?:receive|get|have))? {_THESE}{_TEXTS}(?: from you)?"
    rf"|(?:take|remove|get|drop|delete|strike) {_ME} (?:off|from|out)(?: of| from)? {_LIST}"
    r"|(?:remove|delete|lose) my (?:phone )?number|remove me"
    r"|leave (?:me|us) alone|go away and leave me alone"
    r"|(?:i )?(?:revoke|withdraw)(?: my)? consent(?: to (?:texts|text messages|messages|be texted|be contacted))?"
    rf")(?: {_POLITE})*+"
)
_SENTENCE = re.compile(r"[.!?;\n]+")
_ABOUT_TEXTS = re.compile(r"\b(?:text\w*|messag\w*|msgs?|sms|unsubscribe|opt|lists?)\b")
_SWEARING = frozenset({"fucking", "fuckin", "damn", "goddamn", "bloody", "freaking"})
_ACCENTS = re.compile("[\u0300-\u036f\ufe00-\ufe0f\u20e3]")
"""Accents, and the marks that make an emoji of a character."""
_QUOTES = str.maketrans("", "", "'’‘`´ʼ")


def classify(
    body: str,
    opt_out_type: str | None = None,
    opted_out: bool = False,
    extra_opt_out: Collection[str] = (),
) -> Meaning:
    """What ``body`` asks for.

    ``opt_out_type`` is Twilio's own finding (Advanced Opt-Out) and goes first. YES opts in only who
    is ``opted_out``. ``extra_opt_out`` are the channel's own words. Total, and quick for any text.
    """
    found = _BY_TYPE.get(opt_out_type.strip().upper()) if isinstance(opt_out_type, str) else None
    if found is not None:
        return found
    if not isinstance(body, str) or len(body) > LONGEST:
        return "message"
    words = normalise(body)
    if not words:
        return "message"
    meaning = _keyword(words, opted_out, extra_opt_out)
    if meaning == "message" and any(_WISH.fullmatch(wish) for wish in _sentences(body)):
        return "opt_out"
    return meaning


def normalise(text: str) -> str:
    """The words alone: one case, no accents, punctuation, emoji or invisible marks, single spaces.

    "ARRÊT" is ``arret``, "« Stop! » 🛑" is ``stop``, "don't" is ``dont``.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text[:LONGEST]).casefold())
    folded = unicodedata.normalize("NFC", _ACCENTS.sub("", folded)).translate(_QUOTES)
    return " ".join("".join(_word_character(char) for char in folded).split())


def default_opt_out_words(phone_number: str) -> tuple[str, ...]:
    """Opt-out words that a number's country needs beside the English ones."""
    try:
        number = phonenumbers.parse(phone_number)
    except phonenumbers.NumberParseException:
        return ()
    return ("ARRET",) if phonenumbers.region_code_for_number(number) == "CA" else ()


def _keyword(words: str, opted_out: bool, extra_opt_out: Collection[str]) -> Meaning:
    """What the whole text says when it is a keyword."""
    if words in OPT_OUT or any(words == normalise(word) for word in extra_opt_out):
        return "opt_out"
    if words in OPT_IN or (opted_out and words in OPT_IN_IF_OPTED_OUT):
        return "opt_in"
    return "help" if words in HELP else "message"


def _word_character(char: str) -> str:
    """``char`` in a word, "" for what is invisible, a space for what parts words."""
    category = unicodedata.category(char)
    if category[0] in "LNM":
        return char
    return "" if category == "Cf" else " "


def _sentences(body: str) -> Iterator[str]:
    """Each sentence on its own, and all of them as one.

    A bare "Stop." among others ("Stop. Go back.") is no wish; alone it is a keyword. Nor is a sentence
    among others that may be about something else ("My neighbour won't. Leave me alone, I told him.").
    """
    for part in (body, *_SENTENCE.split(body)):
        words = " ".join(word for word in normalise(part).split() if word not in _SWEARING)
        if words not in ("", "stop") and (part is body or _ABOUT_TEXTS.search(words)):
            yield words
