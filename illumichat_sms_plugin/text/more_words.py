"""MORE, and what people say for it: the word that asks for the rest of a cut answer, and the hint that offers it.

A table per language. Hints are GSM-7 where the language is, so that they make no answer dearer.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import regex


@dataclass(frozen=True, slots=True)
class _Language:
    hint: str
    words: tuple[str, ...]
    """Whole texts that ask for the rest."""
    common: tuple[str, ...] = ()
    """Short words by which a text in this language is known."""
    script: str = ""
    """Characters by which it is known; languages with one come first."""


LANGUAGES = {
    "ja": _Language(
        "続きは「もっと」と返信", ("もっと", "続き", "つづき"), script=r"[\p{Hiragana}\p{Katakana}]"
    ),
    "ko": _Language("더 보려면 '더'라고 답장하세요", ("더", "더보기", "계속"), script=r"\p{Hangul}"),
    "zh": _Language("回复“更多”查看全文", ("更多", "繼續", "继续"), script=r"\p{Han}"),
    "uk": _Language("Надішліть ЩЕ, щоб прочитати далі.", ("ще", "більше", "далі"), script=r"[іїєґІЇЄҐ]"),
    "ru": _Language(
        "Ответьте ЕЩЕ, чтобы читать дальше.", ("еще", "ещё", "больше", "далее"), script=r"\p{Cyrillic}"
    ),
    "el": _Language("Στείλτε ΠΕΡΙΣΣΟΤΕΡΑ για τη συνέχεια.", ("περισσότερα", "συνέχεια"), script=r"\p{Greek}"),
    "ar": _Language("أرسل المزيد لقراءة الباقي", ("المزيد", "اكثر", "أكثر"), script=r"\p{Arabic}"),
    "he": _Language("השיבו עוד להמשך", ("עוד", "המשך"), script=r"\p{Hebrew}"),
    "hi": _Language("आगे पढ़ने के लिए और लिखें", ("और", "आगे"), script=r"\p{Devanagari}"),
    "th": _Language("ตอบ เพิ่มเติม เพื่ออ่านต่อ", ("เพิ่มเติม", "ต่อ"), script=r"\p{Thai}"),
    "es": _Language(
        "Responda MAS para leer el resto.",
        ("más", "mas", "continuar", "continúa", "sigue"),
        (
            "el",
            "los",
            "las",
            "una",
            "para",
            "está",
            "con",
            "por",
            "del",
            "su",
            "abierto",
            "lunes",
            "hasta",
            "puede",
        ),
    ),
    "pt": _Language(
        "Responda MAIS para ler o resto.",
        ("mais", "continuar", "continua"),
        (
            "o",
            "os",
            "uma",
            "para",
            "está",
            "com",
            "não",
            "você",
            "em",
            "seu",
            "aberto",
            "segunda",
            "até",
            "pode",
            "do",
        ),
    ),
    "fr": _Language(
        "Répondez SUITE pour lire la suite.",
        ("suite", "plus", "encore", "continuer", "la suite"),
        (
            "le",
            "les",
            "des",
            "une",
            "pour",
            "est",
            "avec",
            "vous",
            "nous",
            "votre",
            "du",
            "et",
            "ouvert",
            "lundi",
            "pas",
        ),
    ),
    "de": _Language(
        "Antworten Sie MEHR, dann kommt der Rest.",
        ("mehr", "weiter"),
        (
            "der",
            "die",
            "das",
            "und",
            "ist",
            "wir",
            "sie",
            "ein",
            "für",
            "mit",
            "von",
            "nicht",
            "auf",
            "bis",
            "uhr",
        ),
    ),
    "it": _Language(
        "Rispondi ALTRO per leggere il resto.",
        ("altro", "continua", "di più", "ancora"),
        (
            "il",
            "gli",
            "una",
            "per",
            "con",
            "è",
            "siamo",
            "di",
            "che",
            "non",
            "aperto",
            "lunedì",
            "della",
            "suo",
            "può",
        ),
    ),
    "nl": _Language(
        "Antwoord MEER voor de rest.",
        ("meer", "verder"),
        ("de", "het", "een", "en", "is", "wij", "voor", "met", "niet", "van", "op", "u", "uw", "zijn", "tot"),
    ),
    "pl": _Language(
        "Odpisz DALEJ, by dostac reszte.",
        ("dalej", "więcej", "wiecej"),
        (
            "i",
            "w",
            "na",
            "do",
            "jest",
            "od",
            "nie",
            "się",
            "z",
            "są",
            "czynne",
            "dla",
            "oraz",
            "przez",
            "pan",
        ),
    ),
    "sv": _Language(
        "Svara MER för resten.",
        ("mer", "mera", "fortsätt"),
        (
            "och",
            "är",
            "vi",
            "det",
            "för",
            "med",
            "inte",
            "på",
            "till",
            "av",
            "en",
            "ett",
            "du",
            "kan",
            "öppet",
        ),
    ),
    "da": _Language(
        "Svar MERE for resten.",
        ("mere", "fortsæt"),
        ("og", "er", "vi", "det", "for", "med", "ikke", "på", "til", "af", "en", "et", "du", "kan", "åbent"),
    ),
    "tr": _Language(
        "Kalani icin DEVAM yazin.",
        ("devam", "daha", "devamı", "devami"),
        (
            "ve",
            "bir",
            "için",
            "ile",
            "bu",
            "var",
            "değil",
            "olarak",
            "daha",
            "saat",
            "açık",
            "kadar",
            "size",
            "biz",
        ),
    ),
    "en": _Language(
        "Reply MORE for the rest.",
        ("more", "continue", "go on", "rest", "the rest", "next"),
        (
            "the",
            "and",
            "is",
            "are",
            "we",
            "you",
            "for",
            "with",
            "to",
            "of",
            "on",
            "your",
            "can",
            "open",
            "from",
        ),
    ),
}
_WORDS = frozenset(word for language in LANGUAGES.values() for word in language.words) | {"more"}
_POLITE = frozenset(
    (
        "please",
        "pls",
        "plz",
        "yes",
        "ok",
        "por favor",
        "s'il vous plaît",
        "svp",
        "stp",
        "bitte",
        "per favore",
        "si",
        "sí",
    )
)
_WORD = regex.compile(r"\p{L}+")
_MARKS = re.compile(r"[^\w\s']|_")
LONGEST = 40
"""Characters of a text that may ask for the rest."""
MIN_SHARE = 0.3
"""A script is the text's when so many of its letters are of it."""


def asks_for_more(text: str) -> bool:
    """Whether a whole text is MORE, or the word for it in one of the languages, perhaps with "please"."""
    if len(text) > LONGEST:
        return False
    said = " ".join(_MARKS.sub(" ", unicodedata.normalize("NFC", text).casefold()).split())
    for polite in _POLITE:
        said = said.removesuffix(f" {polite}").removeprefix(f"{polite} ")
    return said in _WORDS


def more_hint(answer: str) -> str:
    """The sentence that offers the rest, in the answer's language; English where it is not known."""
    return LANGUAGES[language_of(answer)].hint


def language_of(text: str) -> str:
    """The language of a text, as good as a hint needs it: by its script, else by its commonest words."""
    letters = len(_WORD.findall(text)) and sum(len(word) for word in _WORD.findall(text))
    if not letters:
        return "en"
    for name, language in LANGUAGES.items():
        if language.script and len(regex.findall(language.script, text)) >= _needed(name, letters):
            return name
    words = [word.casefold() for word in _WORD.findall(text)]
    known = {name: language.common for name, language in LANGUAGES.items() if language.common}
    scores = {name: sum(word in common for word in words) for name, common in known.items()}
    best = max(scores, key=lambda name: (scores[name], name == "en"))
    return best if scores[best] > scores["en"] else "en"


def _needed(name: str, letters: int) -> float:
    # A few kana make a text Japanese, a few і Ukrainian; the rest of it looks like another language.
    return max(1.0, letters * (0.02 if name in ("ja", "uk") else MIN_SHARE))
