"""What an HTML tag in an answer does to the text: nothing, a new line, a cell, a link; or it is no tag at all."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

BLOCK, CELL, BREAK, GAP = "\x1e", "\x1f", "\x1d", "\x1c"
"""Between blocks, between the cells of a row, for <br>, and where a picture stood; see :func:`separated`."""
RESERVED = BLOCK + CELL + BREAK + GAP
_GAP = re.compile(rf"(?<=\w){GAP}+(?=\w)")
_SEPARATOR = re.compile(r"([\x1d-\x1f])")

_BLOCKS = frozenset(
    (
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "body",
            "button",
            "caption",
            "center",
            "details",
            "dialog",
        ),
        *(
            "div",
            "dl",
            "dt",
            "fieldset",
            "figcaption",
            "figure",
            "footer",
            "form",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
        ),
        *(
            "h6",
            "head",
            "header",
            "hr",
            "html",
            "iframe",
            "legend",
            "li",
            "main",
            "menu",
            "nav",
            "object",
            "ol",
        ),
        *("optgroup", "option", "p", "picture", "pre", "section", "select", "summary", "table", "tbody"),
        *("textarea", "tfoot", "thead", "title", "tr", "ul", "video", "audio", "script", "style"),
    )
)
_CELLS = frozenset({"td", "th", "dd"})
_INLINE = frozenset(
    (
        *(
            "a",
            "abbr",
            "b",
            "bdi",
            "bdo",
            "big",
            "cite",
            "code",
            "del",
            "dfn",
            "em",
            "font",
            "i",
            "img",
            "input",
        ),
        *(
            "ins",
            "kbd",
            "label",
            "link",
            "mark",
            "meta",
            "q",
            "s",
            "samp",
            "small",
            "source",
            "span",
            "strike",
        ),
        *("strong", "sub", "sup", "svg", "time", "tt", "u", "var", "wbr"),
    )
)
NAMES = _BLOCKS | _CELLS | _INLINE | {"br"}
"""What is HTML; anything else between angle brackets is what it says: ``<order number>``."""
_SHORT = frozenset({"a", "b", "i", "p", "q", "s", "u"})
"""Tags that a comparison may look like: ``a<b``."""
_FLAGS = frozenset(
    (
        *("async", "autofocus", "autoplay", "checked", "controls", "defer", "disabled", "download", "hidden"),
        *(
            "loop",
            "multiple",
            "muted",
            "nowrap",
            "novalidate",
            "open",
            "readonly",
            "required",
            "reversed",
            "selected",
        ),
    )
)
"""Attributes that need no value."""

_KEY = r"[A-Za-z_:@][\w:.@-]{0,60}"
_VALUE = r"\"[^\"]{0,4000}\"|'[^']{0,4000}'|[^\s\"'=<>`]{1,4000}"
_ATTRIBUTE = re.compile(rf"\s({_KEY})(?:\s{{0,9}}=\s{{0,9}}({_VALUE}))?")
TAG = re.compile(
    rf"<(/?)([A-Za-z][A-Za-z0-9]{{0,20}})((?:\s{{1,99}}{_KEY}(?:\s{{0,9}}=\s{{0,9}}(?:{_VALUE}))?)*)\s{{0,99}}/?>"
)


def is_tag(found: re.Match[str], is_closed: Callable[[str], bool]) -> bool:
    """Whether a match of ``TAG`` is HTML. ``is_closed`` tells whether a tag of that name is closed behind it."""
    closing, name, attributes = found.group(1), found.group(2).lower(), found.group(3)
    if name not in NAMES:
        return False
    pairs = _attributes(attributes)
    if any(value is None and key not in _FLAGS for key, value in pairs.items()):
        return False  # <b and c>
    before = found.string[found.start() - 1 : found.start()] if found.start() else ""
    compares = name in _SHORT and not closing and not pairs and before.isalnum()
    return not compares or is_closed(name)


def text_of(found: re.Match[str]) -> str:
    """What stands in the text for a tag that is no link."""
    closing, name = found.group(1), found.group(2).lower()
    if name == "br":
        return BREAK
    if name in _CELLS or (name == "dt" and closing):
        return BLOCK if name == "dd" and closing else CELL
    if name in _BLOCKS:
        return BLOCK
    if name in ("img", "input") and not closing:
        return f"{GAP}{_attributes(found.group(3)).get('alt') or ''}{GAP}"
    before, after = found.string[: found.start()][-1:], found.string[found.end() : found.end() + 1]
    raised = (
        name == "sup" and not closing and after in [*"0123456789-+"] and (before.isalnum() or before == ")")
    )
    return "^" if raised else ""


def href_of(found: re.Match[str]) -> str:
    """Where an <a> leads; "" when nowhere."""
    return _attributes(found.group(3)).get("href") or ""


def _attributes(source: str) -> dict[str, str | None]:
    return {
        key.lower(): html.unescape(value.strip(value[0]) if value[0] in "\"'" else value) if value else None
        for key, value in _ATTRIBUTE.findall(source)
    }


def separated(text: str) -> str:
    """The text with new lines between blocks, ``Price: 40, 50`` for the cells of a row, and no words grown together."""
    text = _GAP.sub(" ", text).replace(GAP, "") if GAP in text else text
    pieces = _SEPARATOR.split(text)
    if len(pieces) == 1:
        return text
    out: list[str] = []
    between, cells = "", 0
    for place, piece in enumerate(pieces):
        if place % 2:
            between += piece
            continue
        said = piece.strip(" \t\n")
        if place == 0 or not said:
            out += [piece.rstrip(" \t\n")] if said else []
            continue
        lines = max(between.count(BREAK), int(BLOCK in between))
        cells = 0 if lines or not out else cells + 1
        if out:
            out.append("\n" * lines or (": " if cells == 1 else ", "))
        out.append(said)
        between = ""
    return "".join(out)
