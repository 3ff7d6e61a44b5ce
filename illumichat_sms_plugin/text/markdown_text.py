"""Markdown as a person would type it in a text message.

URLs, list numbers and code stay as they are written; emphasis marks, heading marks and code fences
go. Where it is not sure that something is markup (``2*3*4``, ``__init__``, ``<order number>``), it
stays: a visible asterisk does less harm than a missing digit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from illumichat_sms_plugin.text.markdown_inline import inline_text

_URL_REST = re.compile(r"://[^\s<>\[\]`|\\]+")
_TRAILING = "*_~.,;:!?'\")"
_AMOUNT_FOLLOWS = re.compile(r"[\d$£€=]")


def plain_text(markdown: str) -> str:
    """The words of ``markdown`` as plain text, one line per line, paragraphs apart by an empty line."""
    environment: dict[str, dict[str, dict[str, str]]] = {}
    text = _walk(_MARKDOWN.parse(markdown, environment))
    if any(link["href"] not in text for link in environment.get("references", {}).values()):
        text = _walk(_WITHOUT_REFERENCES.parse(markdown))  # "[Monday]: 9-17" was no reference
    return text


class _Writer:
    """Collects lines; knows the lists it is in and where empty lines belong."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.lists: list[list[str]] = []
        """The markers still to come of each open list, the next one last."""
        self.marker = ""
        self.quoted = 0
        self.end = 0
        """Line of the source after the last block."""
        self.glued = True
        """Whether the next block follows without an empty line, whatever the source has."""

    def write(self, text: str, token: Token) -> None:
        """Add one block of text."""
        start, end = token.map or (self.end, self.end)
        if start > self.end and not self.glued:
            self.lines.append("")
        marker, self.marker = self.marker, ""
        if self.quoted and _AMOUNT_FOLLOWS.match(text):
            text = "> " + text  # "> 18 years" was no quotation
        indent = "  " * (len(self.lists) - 1)
        self.lines.extend(indent + line for line in (marker + text).split("\n"))
        self.end, self.glued = end, bool(self.lists)


def _walk(tokens: Sequence[Token]) -> str:
    writer = _Writer()
    for place, token in enumerate(tokens):
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                writer.lists.append(_markers(tokens, place))
            case "bullet_list_close" | "ordered_list_close":
                writer.lists.pop()
                writer.glued = bool(writer.lists)
            case "list_item_open":
                writer.marker = writer.lists[-1].pop()
            case "blockquote_open":
                writer.quoted += 1
            case "blockquote_close":
                writer.quoted -= 1
            case "fence" | "code_block":
                writer.write(token.content.rstrip("\n"), token)
            case "table_open":
                writer.write(_table(tokens, place), token)
            case "inline" if not tokens[place - 1].type.startswith("t"):  # th_open, td_open: see _table
                writer.write(inline_text(token.children or []), token)
                writer.glued = writer.glued or tokens[place - 1].type == "heading_open"
    return "\n".join(line.rstrip() for line in writer.lines).strip("\n")


def _markers(tokens: Sequence[Token], place: int) -> list[str]:
    """The markers of a list's items, last first. Numbers are the author's, unless all are the same."""
    opened = tokens[place]
    items = []
    for token in tokens[place + 1 :]:
        if token.level <= opened.level:
            break
        if token.type == "list_item_open" and token.level == opened.level + 1:
            items.append(token)
    if opened.type == "bullet_list_open":
        return ["+ " if opened.markup == "+" else "- "] * len(items)
    numbers = [item.info for item in items]
    if len(set(numbers)) == 1:
        numbers = [str(int(numbers[0]) + count) for count in range(len(items))]
    return [f"{number}{item.markup} " for number, item in zip(numbers, items, strict=True)][::-1]


def _table(tokens: Sequence[Token], place: int) -> str:
    """Two columns: ``Monday: 9-17``. More: ``Basic: Price $5, Users 3``, the heads beside the values."""
    rows: list[list[str]] = []
    for token in tokens[place:]:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(inline_text(token.children or []).replace("\n", " "))
    head, body = rows[0], rows[1:]
    if len(head) < 3 or not body:
        return "\n".join(": ".join(filter(None, row)) for row in rows)
    return "\n".join(_wide_row(head, row) for row in body)


def _wide_row(head: list[str], row: list[str]) -> str:
    pairs = (f"{name} {cell}".strip() for name, cell in zip(head[1:], row[1:], strict=False) if cell)
    return ": ".join(filter(None, (row[0], ", ".join(pairs))))


def _bare_url(state: StateInline, silent: bool) -> bool:
    """Inline rule: the rest of ``https://…`` is text, so that no ``*`` or ``_`` in it is taken for markup."""
    if not state.src.endswith(("http", "https"), max(0, state.pos - 5), state.pos):
        return False
    found = _URL_REST.match(state.src, state.pos, state.posMax)
    rest = found.group().rstrip(_TRAILING) if found else ""
    if len(rest) <= len("://"):
        return False
    if not silent:
        state.append_pending(rest)
    state.pos += len(rest)
    return True


def _unchanged(url: str) -> str:
    """A URL goes out as it was written, not percent-encoded anew."""
    return url


def _parser() -> MarkdownIt:
    """CommonMark with tables. HTML blocks are off, so that Markdown between tags is read too."""
    parser = MarkdownIt("commonmark").enable("table").disable("html_block")
    parser.inline.ruler.before("text", "bare_url", _bare_url)
    parser.normalizeLink = _unchanged  # type: ignore[method-assign]
    return parser


_MARKDOWN = _parser()
_WITHOUT_REFERENCES = _parser().disable("reference")
