"""Takes the inside of a paragraph apart, in one pass: text, emphasis marks, links, HTML tags."""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

from illumichat_sms_plugin.text.markdown import html_tags
from illumichat_sms_plugin.text.markdown.emphasis import MAX_MARKS, Run, runs_of
from illumichat_sms_plugin.text.markdown.links import linked

References = Mapping[str, str]
"""Addresses by their label, see :func:`label_key`."""


@dataclass(slots=True)
class LinkStart:
    """Where a link's label begins. ``bracket`` is plain text unless the link's end is found."""

    bracket: str
    is_link: bool = False
    url: str = ""
    """Of an HTML link, which says first where it leads."""

    @property
    def is_image(self) -> bool:
        """Whether it is a picture's description."""
        return self.bracket == "!["


@dataclass(frozen=True, slots=True)
class LinkEnd:
    """Where a link's label ends. ``url`` is None for an HTML link."""

    url: str | None
    is_image: bool = False


Piece = str | Run | LinkStart | LinkEnd

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_LAST_ENTITY = re.compile(rf"(?:{_ENTITY.pattern})\Z")
_LONGEST_ENTITY = 34
_URL_CHARACTERS = r"[^\s<>\[\]`|\\\"\x00-\x1f]"
_MASKED = (
    r"(?:(?<![^\s(\[{<|$€£#+=])"
    r"(?:(?:\d{1,9}[-/.])?(?:\*{1,6}|_{1,6})(?:[-/.](?:\*{1,6}|_{1,6}))+(?:[-/.]?\d{1,9})?"  # ***-**-1234, 12/**/****
    r"|\*{3,6}-\d{3,9}"  # (***) ***-1234
    r"|\*{1,2}\d[\d*]{0,30}\#)"  # *77*07#
    r"(?![^\W_]|\#|(?<!\d)[*_])|\((?:\*{1,6}|_{1,6})\))"
)
"""Values whose digits are hidden, codes to dial and footnote marks: no emphasis, whatever stands around."""
_SPECIAL = re.compile(
    r"(?P<path>(?<![\w\\])(?:[A-Za-z]:\\|\\\\[\w.$-]+\\)[^\s<>\"|]*)"
    r"|(?=[\\`&<!\[\]*_\d(\n])(?:"  # letters, which are most of a text, begin none of these
    r"(?P<escape>\\[!-/:-@\[-`{-~\n])"
    r"|(?P<code>`+)"
    rf"|(?P<entity>{_ENTITY.pattern})"
    r"|<(?P<auto>[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]{1,2000}|[\w.!\#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,255})>"
    r"|(?P<tag><[A-Za-z/!])"
    r"|(?P<open>!?\[)"
    r"|(?P<close>\])"
    rf"|(?P<masked>{_MASKED})"
    r"|(?P<mark>[*_]+)"
    r"|(?P<line>\n))"
    rf"|(?P<url>https?://{_URL_CHARACTERS}+|(?<![\w@./:+-])[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{{2,24}}[/?\#]{_URL_CHARACTERS}*)"
)
_MARKUP = re.compile(r"[\\`&<\[\]*_]")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_TRAILING = "*_~.,;:!?'\")"
_DESTINATION = re.compile(
    r"\(\s{0,9}(?:<([^<>\n]{0,2000})>|([^\s()<>]{0,2000}(?:\([^\s()]{0,200}\)[^\s()]{0,2000}){0,9}))"
    r"(?:\s{1,9}(?:\"[^\"]{0,400}\"|'[^']{0,400}'|\([^()]{0,400}\)))?\s{0,9}\)"
)
_REFERENCE = re.compile(r"\[([^\[\]]{0,200})\]")
_MAX_LABEL = 200


def label_key(label: str) -> str:
    """How a label is compared."""
    return " ".join(label.split()).casefold()


def has_markup(source: str) -> bool:
    """Whether anything in a paragraph may be markup; most have none."""
    return _MARKUP.search(source) is not None


def scan(source: str, references: References, used: set[str]) -> list[Piece]:
    """The pieces of a paragraph. Labels of ``references`` that are used are added to ``used``."""
    scanner = _Scanner(source, references, used)
    scanner.run()
    return scanner.pieces


@dataclass
class _Scanner:
    source: str
    references: References
    used: set[str]
    pieces: list[Piece] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._place = 0
        self._brackets: list[tuple[int, int]] = []
        """Of each open bracket: the place of its piece, and of the label in the source."""
        self._dead = 0
        """So many of them are no links any more, because there is a link inside."""
        self._ticks: dict[int, list[int]] | None = None
        self._last_comment = self.source.rfind("-->")
        self._lowered = self.source.lower() if "</" in self.source else ""

    def run(self) -> None:
        """Go through the source once."""
        while found := _SPECIAL.search(self.source, self._place):
            start, end = found.span()
            if start > self._place:
                self.pieces.append(self.source[self._place : start])
            self._place = end
            getattr(self, f"_{found.lastgroup}")(found)
        self.pieces.append(self.source[self._place :])

    def _path(self, found: re.Match[str]) -> None:
        """What its last backslash escapes opens nothing: ``C:\\<b>`` is no tag."""
        self._address(found)
        path = self.source[found.start() : self._place]
        is_escaped = (len(path) - len(path.rstrip("\\"))) % 2 == 1
        if is_escaped and (escaped := _ESCAPED.match(self.source, self._place - 1)):
            self.pieces.append(escaped.group(1))
            self._place = escaped.end()

    def _url(self, found: re.Match[str]) -> None:
        self._address(found)

    def _address(self, found: re.Match[str]) -> None:
        """An address or path is what it says, but for the marks at its end."""
        whole = found.group()
        kept = whole.rstrip(_TRAILING) or whole
        if _LAST_ENTITY.search(whole, max(0, len(kept) - _LONGEST_ENTITY), len(kept) + 1):
            kept = whole[: len(kept) + 1]
        self.pieces.append(_ENTITY.sub(lambda entity: html.unescape(entity.group()), kept))
        self._place = found.start() + len(kept)

    def _escape(self, found: re.Match[str]) -> None:
        self.pieces.append(found.group()[1:])

    def _code(self, found: re.Match[str]) -> None:
        size = found.end() - found.start()
        if self._ticks is None:
            self._ticks = {}
            for run in re.finditer("`+", self.source):
                self._ticks.setdefault(run.end() - run.start(), []).append(run.start())
        same = self._ticks.get(size, [])
        after = bisect_right(same, found.start())
        if after == len(same):
            self.pieces.append(found.group())
            return
        inside = self.source[found.end() : same[after]].replace("\n", " ")
        if inside.strip() and inside[0] == inside[-1] == " ":
            inside = inside[1:-1]
        self.pieces.append(inside)
        self._place = same[after] + size

    def _entity(self, found: re.Match[str]) -> None:
        self.pieces.append(html.unescape(found.group()))

    def _auto(self, found: re.Match[str]) -> None:
        address = found.group("auto")
        self.pieces.append(linked("", address) or address)

    def _line(self, found: re.Match[str]) -> None:
        self.pieces.append("\n")

    def _masked(self, found: re.Match[str]) -> None:
        self.pieces.append(found.group())

    def _mark(self, found: re.Match[str]) -> None:
        if found.end() - found.start() > MAX_MARKS:
            self.pieces.append(found.group())
        else:
            self.pieces.extend(runs_of(self.source, found.start(), found.end()))

    def _tag(self, found: re.Match[str]) -> None:
        start = found.start()
        if self.source.startswith("<!--", start) and self._last_comment >= start + 4:
            self._place = self.source.index("-->", start + 4) + 3
            return
        tag = html_tags.TAG.match(self.source, start)
        if tag is None or not html_tags.is_tag(tag, lambda name: self._lowered.find(f"</{name}", start) > 0):
            self.pieces.append("<")
            self._place = start + 1
            return
        self._place = tag.end()
        if tag.group(2).lower() != "a":
            self.pieces.append(html_tags.text_of(tag))
        elif tag.group(1):
            self.pieces.append(LinkEnd(None))
        else:
            self.pieces.append(LinkStart("", is_link=True, url=html_tags.href_of(tag)))

    def _open(self, found: re.Match[str]) -> None:
        self._brackets.append((len(self.pieces), found.end()))
        self.pieces.append(LinkStart(found.group()))

    def _close(self, found: re.Match[str]) -> None:
        """A bracket closes: with a destination or a known label it was a link, else it is text."""
        url = None
        if self._brackets:
            piece, label = self._brackets.pop()
            is_dead = len(self._brackets) < self._dead and found.string[label - 2 : label] != "!["
            self._dead = min(self._dead, len(self._brackets))
            url = None if is_dead else self._destination(found, label)
        if url is None:
            self.pieces.append("]")
            return
        start = self.pieces[piece]
        if isinstance(start, LinkStart):
            start.is_link = True
            self.pieces.append(LinkEnd(url, start.is_image))
            if not start.is_image:
                self._dead = len(self._brackets)

    def _destination(self, found: re.Match[str], label: int) -> str | None:
        destination = _DESTINATION.match(self.source, found.end())
        if destination:
            self._place = destination.end()
            return _ESCAPED.sub(r"\1", html.unescape(destination.group(1) or destination.group(2) or ""))
        if not self.references or found.start() - label > _MAX_LABEL:
            return None
        reference = _REFERENCE.match(self.source, found.end())
        key = label_key((reference.group(1) if reference else "") or self.source[label : found.start()])
        if key not in self.references:
            return None
        self.used.add(key)
        self._place = reference.end() if reference else found.end()
        return self.references[key]
