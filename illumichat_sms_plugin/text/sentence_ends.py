"""Where a sentence ends, and where a full stop only looks like its end."""

from __future__ import annotations

from collections.abc import Iterator

import regex

_SENTENCE_END = regex.compile(
    r"""[.!?…؟।]++["'”’»)\]]*+(?=\s++(?!\p{Ll})|\s*+$)"""
    r"""|[。！？]++[」』”）]*+"""
    r"""|(?=\n)(?<=^ *(?:[-+*]|\d+[.)])\s[^\n]*[^\s:,;])""",
    regex.MULTILINE,
)
"""A full stop and the like, and the end of a list item; what goes on in lower case has not ended."""
_ABBREVIATIONS = (
    # English, and what several languages share
    *(
        "e.g",
        "i.e",
        "etc",
        "Mr",
        "Mrs",
        "Ms",
        "Dr",
        "Prof",
        "Rev",
        "Hon",
        "Gen",
        "Sgt",
        "Capt",
        "Jr",
        "Sr",
        "St",
    ),
    *("Ave", "Blvd", "Rd", "Ln", "Hwy", "Ste", "Apt", "Bldg", "Fl", "Rm", "Dept", "Inc", "Ltd", "Co", "Corp"),
    *(
        "No",
        "Nos",
        "vs",
        "approx",
        "ca",
        "cf",
        "al",
        "est",
        "ext",
        "fig",
        "p",
        "pp",
        "vol",
        "max",
        "min",
        "incl",
    ),
    *("a.m", "p.m", "hr", "hrs", "tel", "Tel", "Ph", "Mt", "Ft", "U.S", "P.O"),
    *("Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sep", "Sept", "Oct", "Nov", "Dec"),
    *("Mon", "Tue", "Tues", "Wed", "Thu", "Thur", "Thurs", "Fri", "Sat", "Sun"),
    # German
    *(
        "z.B",
        "bzw",
        "Nr",
        "Str",
        "inkl",
        "exkl",
        "zzgl",
        "ggf",
        "evtl",
        "usw",
        "d.h",
        "u.a",
        "Hr",
        "Fr",
        "Abs",
    ),
    *("Mo", "Di", "Mi", "Do", "Sa", "So", "Jän", "Mrz", "Okt", "Dez", "St", "tgl", "Std", "geb", "bzgl"),
    # Spanish, Portuguese
    *(
        "Sr",
        "Sra",
        "Srta",
        "Dra",
        "Ud",
        "Uds",
        "Av",
        "Avda",
        "núm",
        "pág",
        "ej",
        "aprox",
        "tfno",
        "Lic",
        "Ing",
    ),
    *("ene", "abr", "ago", "dic", "fev", "mai", "set", "out", "dez", "Exmo", "nº"),
    # French, Italian, Dutch
    *(
        "M",
        "MM",
        "Mme",
        "Mlle",
        "bd",
        "av",
        "env",
        "janv",
        "févr",
        "avr",
        "juil",
        "sept",
        "déc",
        "Sig",
        "Dott",
    ),
    *("bijv", "blz", "dhr", "mevr"),
)
_NO_SENTENCE_END = regex.compile(
    rf"(?:\b(?:{'|'.join(regex.escape(word) for word in sorted(set(_ABBREVIATIONS)))}|\p{{Lu}})|^ *\d+)\.$",
    regex.MULTILINE,
)
_DAY_OF_MONTH = regex.compile(
    r"\b\d{1,2}\.$",
)
_MONTH_FOLLOWS = regex.compile(
    r"\s(?:Jan|Jän|Feb|Mär|Mrz|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez|Uhr|Stock|Etage|OG)", regex.IGNORECASE
)
_LOOKED_BACK = 14


def sentence_ends(text: str, first: int, last: int) -> Iterator[int]:
    """Places from ``last`` back to ``first`` that lie behind the end of a sentence or list item."""
    ends = [found.end() for found in _SENTENCE_END.finditer(text[: last + 2])]
    for end in reversed(ends):
        if first <= end <= last and not _only_looks_like_it(text, end):
            yield end


def _only_looks_like_it(text: str, end: int) -> bool:
    start = max(0, end - _LOOKED_BACK)
    if _NO_SENTENCE_END.search(text, start, end):
        return True
    return bool(_DAY_OF_MONTH.search(text, start, end) and _MONTH_FOLLOWS.match(text, end))
