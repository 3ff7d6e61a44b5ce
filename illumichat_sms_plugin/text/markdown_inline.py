"""The inside of a Markdown paragraph as plain text: emphasis, links, images, code and HTML tags."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from markdown_it.token import Token

_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)")
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
_LINE_TAGS = frozenset(
    {"br", "p", "div", "li", "tr", "ul", "ol", "table", "hr", "h1", "h2", "h3", "h4", "h5", "h6"}
)
_TAGS = _LINE_TAGS | {
    *("a", "abbr", "article", "b", "blockquote", "body", "button", "caption", "center", "cite", "code"),
    *("dd", "del", "details", "dl", "dt", "em", "figure", "font", "footer", "form", "head", "header"),
    *("html", "i", "iframe", "img", "input", "ins", "kbd", "label", "link", "main", "mark", "meta", "nav"),
    *("object", "option", "picture", "pre", "q", "s", "samp", "script", "section", "select", "small"),
    *("source", "span", "strike", "strong", "style", "sub", "summary", "sup", "svg", "tbody", "td"),
    *("textarea", "tfoot", "th", "thead", "title", "tt", "u", "video", "audio", "wbr"),
}
"""What is HTML; anything else between angle brackets is what it says: ``<order number>``."""
_IDENTIFIER = re.compile(r"[a-z0-9_]+")
_SCHEME = re.compile(r"^(?:https?://|mailto:|tel:|sms:)", re.IGNORECASE)


def inline_text(tokens: Sequence[Token]) -> str:
    """The text of a paragraph's tokens."""
    writer = _InlineWriter()
    for place, token in enumerate(tokens):
        match token.type:
            case "softbreak" | "hardbreak":
                writer.pieces.append("\n")
            case "link_open":
                writer.open_link(str(token.attrs.get("href", "")))
            case "link_close":
                writer.close_link()
            case "image":
                alternative = inline_text(token.children or [])
                writer.pieces.append(_linked(alternative, str(token.attrs.get("src", ""))))
            case "em_open" | "strong_open":
                writer.open_emphasis()
            case "em_close" | "strong_close":
                follower = tokens[place + 1].content if place + 1 < len(tokens) else ""
                writer.close_emphasis(token.markup, follower[:1])
            case "html_inline":
                writer.tag(token.content)
            case _:
                writer.pieces.append(token.content)
    return writer.text()


class _InlineWriter:
    """Pieces of text; what may turn out to be a mark is held open as an empty piece."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._emphasis: list[tuple[int, str]] = []
        self._links: list[tuple[int, str]] = []

    def text(self) -> str:
        while self._links:  # <a href=…> that was never closed
            self.close_link()
        lines = "".join(self.pieces).split("\n")
        return "\n".join(line.strip(" ") for line in lines)

    def open_link(self, href: str) -> None:
        self._links.append((len(self.pieces), href))

    def close_link(self) -> None:
        if self._links:
            start, href = self._links.pop()
            self.pieces[start:] = [_linked("".join(self.pieces[start:]), href)]

    def open_emphasis(self) -> None:
        before = next((piece[-1] for piece in reversed(self.pieces[-4:]) if piece), "")
        self._emphasis.append((len(self.pieces), before))
        self.pieces.append("")

    def close_emphasis(self, mark: str, after: str) -> None:
        """Drop the marks, or put them back where they are no emphasis."""
        start, before = self._emphasis.pop()
        inside = "".join(self.pieces[start + 1 :]) if len(self.pieces) - start < 4 else ""
        within_word = mark[0] == "*" and before.isalnum() and after.isalnum()
        if within_word or (mark == "__" and _IDENTIFIER.fullmatch(inside)):
            self.pieces[min(start, len(self.pieces) - 1)] += mark
            self.pieces.append(mark)

    def tag(self, source: str) -> None:
        """An HTML tag: gone, a new line, a link, or no tag at all."""
        found = _TAG.match(source)
        name = found.group(1).lower() if found else ""
        if source.startswith("<!--"):
            return
        if name not in _TAGS:
            self.pieces.append(source)
        elif name == "a" and not source.startswith("</"):
            address = _HREF.search(source)
            self.open_link(html.unescape(next(filter(None, address.groups()), "")) if address else "")
        elif name == "a":
            self.close_link()
        elif name in _LINE_TAGS and (name == "br" or source.startswith("</")):
            self.pieces.append("\n")


def _linked(label: str, url: str) -> str:
    """``label (url)``, or only one of them where the other says nothing new."""
    label, address = label.strip(), url.strip()
    if address.lower().startswith(("mailto:", "tel:", "sms:")):
        address = address.partition(":")[2]
    if not address or address.startswith("#"):
        return label
    if not label or _bare(label) == _bare(address):
        return address
    return f"{label} ({address})"


def _bare(address: str) -> str:
    return _SCHEME.sub("", address).rstrip("/").lower()
