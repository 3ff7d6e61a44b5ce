"""What a browser shows of an answer, by a Markdown reader that is not ours: the oracle of the property tests."""

from __future__ import annotations

from html.parser import HTMLParser

from markdown_it import MarkdownIt

_APART = frozenset(
    (
        *(
            "address",
            "blockquote",
            "br",
            "caption",
            "dd",
            "details",
            "div",
            "dl",
            "dt",
            "figure",
            "footer",
            "form",
            "h1",
        ),
        *(
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "header",
            "hr",
            "li",
            "ol",
            "p",
            "pre",
            "section",
            "summary",
            "table",
            "tbody",
        ),
        *("td", "tfoot", "th", "thead", "tr", "ul"),
    )
)
_HIDDEN = frozenset({"script", "style", "title", "textarea", "select", "iframe", "video", "audio", "object"})
_READER = MarkdownIt("commonmark").enable("table").disable("html_block")


def visible_text(markdown: str) -> str:
    """The visible text; what is shown apart is apart by white space."""
    page = _Page()
    page.feed(_READER.render(markdown))
    page.close()
    return "".join(page.shown)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden.append(tag)
        if tag in _APART:
            self.shown.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            del self._hidden[self._hidden.index(tag) :]
        if tag in _APART:
            self.shown.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.shown.append(data)


def first_lost(shown: str, text: str) -> str | None:
    """The first letter or digit of ``shown`` that is not in ``text`` in its order, with what stands before it.

    The first one of a word must begin a word of ``text``, too: words that are apart are not joined.
    """
    shown, text = shown.casefold(), text.casefold()
    place, apart = 0, True
    for number, char in enumerate(shown):
        if not char.isalnum():
            apart = apart or char.isspace()
            continue
        while True:
            place = text.find(char, place)
            if place < 0:
                return shown[max(0, number - 20) : number + 1]
            place += 1
            if not apart or place == 1 or not text[place - 2].isalnum():
                break
        apart = False
    return None
