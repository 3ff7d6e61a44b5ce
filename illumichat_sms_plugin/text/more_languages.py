"""What each language says for MORE, the hint that offers it, and how a text in the language is known.

Hints are GSM-7 where the language is, so that they make no answer dearer.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """One language's words; ``hint`` offers the rest of an answer."""

    hint: str
    words: tuple[str, ...]
    """Whole texts that ask for the rest."""
    common: tuple[str, ...] = ()
    """Short words by which a text in this language is known."""
    script: str = ""
    """Characters by which it is known; languages with one come first."""


LANGUAGES = {
    "ja": Language(
        "続きは「もっと」と返信", ("もっと", "続き", "つづき"), script=r"[\p{Hiragana}\p{Katakana}]"
    ),
    "ko": Language("더 보려면 '더'라고 답장하세요", ("더", "더보기", "계속"), script=r"\p{Hangul}"),
    "zh": Language("回复“更多”查看全文", ("更多", "繼續", "继续"), script=r"\p{Han}"),
    "uk": Language("Надішліть ЩЕ, щоб прочитати далі.", ("ще", "більше", "далі"), script=r"[іїєґІЇЄҐ]"),
    "ru": Language(
        "Ответьте ЕЩЕ, чтобы читать дальше.", ("еще", "ещё", "больше", "далее"), script=r"\p{Cyrillic}"
    ),
    "el": Language("Στείλτε ΠΕΡΙΣΣΟΤΕΡΑ για τη συνέχεια.", ("περισσότερα", "συνέχεια"), script=r"\p{Greek}"),
    "ar": Language("أرسل المزيد لقراءة الباقي", ("المزيد", "اكثر", "أكثر"), script=r"\p{Arabic}"),
    "he": Language("השיבו עוד להמשך", ("עוד", "המשך"), script=r"\p{Hebrew}"),
    "hi": Language("आगे पढ़ने के लिए और लिखें", ("और", "आगे"), script=r"\p{Devanagari}"),
    "th": Language("ตอบ เพิ่มเติม เพื่ออ่านต่อ", ("เพิ่มเติม", "ต่อ"), script=r"\p{Thai}"),
    "es": Language(
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
    "pt": Language(
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
    "fr": Language(
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
    "de": Language(
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
    "it": Language(
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
    "nl": Language(
        "Antwoord MEER voor de rest.",
        ("meer", "verder"),
        ("de", "het", "een", "en", "is", "wij", "voor", "met", "niet", "van", "op", "u", "uw", "zijn", "tot"),
    ),
    "pl": Language(
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
    "sv": Language(
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
    "da": Language(
        "Svar MERE for resten.",
        ("mere", "fortsæt"),
        ("og", "er", "vi", "det", "for", "med", "ikke", "på", "til", "af", "en", "et", "du", "kan", "åbent"),
    ),
    "tr": Language(
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
    "en": Language(
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
