"""Takes Markdown apart into blocks, line by line: paragraphs, headings, list items, code, tables.

What a person would type in a text message anyway stays as it is, so a block is little more than a run of lines
with the marker, depth and quotation that it stands in. CommonMark's rules are followed where answers depend on them.
"""

from __future__ import annotations

import re

from illumichat_sms_plugin.text.markdown.block import Block, Kind, ListOfItems
from illumichat_sms_plugin.text.markdown.lines import cells_of, is_rule, without_closing_marks
from illumichat_sms_plugin.text.markdown.scan import label_key

_QUOTE = re.compile(r" {0,3}> ?")
_ITEM = re.compile(r"([-+*]|(\d{1,9})([.)]))(?: +|$)")
_HEADING = re.compile(r"#{1,6}(?: |$)")
_UNDERLINE = re.compile(r"(?:=+|-+) *$")
_FENCE = re.compile(r"(`{3,})(?=[^`]*$)(.*)|(~{3,})(.*)")
_DELIMITERS = re.compile(r"\|? *:?-+:? *(?:\| *:?-+:? *)*\|? *$")
_REFERENCE = re.compile(
    r"\[([^\[\]]{1,200})\]: *<?([^\s<>]{1,2000})>?(?: +(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))? *$"
)
_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]*:|/|#|\./|www\.|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,24}(?:[/?#]|$)", re.IGNORECASE
)
_MAY_BEGIN_A_BLOCK = frozenset("#>-+*_=`~|[:0123456789")
CODE_INDENT = 4
NEST_INDENT = 2
"""Spaces that put a line into the item above; CommonMark asks for as many as the marker is wide."""


class BlockReader:
    """Reads lines one after the other; ``blocks`` and ``references`` are what was found."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.references: dict[str, str] = {}
        self._lists: list[ListOfItems] = []
        self._items: list[tuple[ListOfItems, int]] = []
        self._open: Block | None = None
        """The paragraph, code or table that goes on."""
        self._fence = ""
        self._quotes = 0
        self._item_quoted = False
        self._gap = False

    def read(self, text: str) -> None:
        """Read a whole text."""
        for line in text.split("\n"):
            self._line(line.expandtabs(4) if "\t" in line else line)
        self._close()
        if self._items:
            self._start("paragraph", [""])

    def _line(self, line: str) -> None:
        if self._fence and self._open is not None:
            self._fenced(line)
            return
        body, quotes = line, 0
        while quoted := _QUOTE.match(body):
            body, quotes = body[quoted.end() :], quotes + 1
        content = body.lstrip(" ")
        if not content:
            self._blank()
            return
        indent = len(body) - len(content)
        if quotes < self._quotes and self._goes_on(content, indent, self._quotes - quotes):
            self._paragraph(content, 0)
            return
        if quotes != self._quotes:
            self._close()
            if self._items:
                self._end_empty_item()
            self._lists, self._quotes = [], quotes
        if self._items and self._lists and indent < self._lists[-1].indent + NEST_INDENT:
            self._end_empty_item()
        self._content(body, content)

    def _blank(self) -> None:
        if self._open is not None and self._open.kind == "code":
            self._open.lines.append("")
            return
        self._close()
        self._gap = True
        if self._items:
            self._end_empty_item()

    def _end_empty_item(self) -> None:
        self._start("paragraph", [""])
        if self._lists:
            self._lists.pop()

    def _goes_on(self, content: str, indent: int, missing: int) -> bool:
        """Whether a line without ``missing`` of its quotation marks goes on with the quoted paragraph.

        What would begin a block is code if it is indented deeply and lacks two marks. CommonMark has it go on with the
        paragraph, but common renderers show it as code, in which a tag is text: so nothing of it is lost.
        """
        if self._open is None or self._open.kind != "paragraph":
            return False
        if indent >= CODE_INDENT and missing < 2:
            return True
        begins = (_HEADING, _FENCE, _ITEM)
        return not is_rule(content) and not any(pattern.match(content) for pattern in begins)

    def _content(self, body: str, content: str) -> None:
        """A line with something in it, after its quotation marks."""
        indent = len(body) - len(content)
        if self._goes_on_as_code(body, indent):
            return
        deep = indent >= CODE_INDENT + (self._lists[-1].content if self._lists else 0)
        if content[0] not in _MAY_BEGIN_A_BLOCK or (deep and self._open is not None):
            self._paragraph(content, indent)
        elif self._open is not None and self._open.kind == "table" and "|" in content:
            self._open.lines.append(content)
        elif is_rule(content) and not self._underlines(content):
            self._close()
            self._leave_lists(indent)
            if content.startswith("****"):  # more than a line needs: a masked number
                self._start("paragraph", [content])
            self._gap = True
        elif (item := _ITEM.match(content)) and self._may_begin(item):
            self._item(item, content, indent)
        elif not self._special(content, indent):
            self._paragraph(content, indent)

    def _goes_on_as_code(self, body: str, indent: int) -> bool:
        if self._open is not None and self._open.kind != "code":
            return False
        if indent < CODE_INDENT:
            self._close()
            return False
        inside = max((items.content for items in self._lists if items.content <= indent), default=0)
        if indent < inside + CODE_INDENT or (self._lists and not self._items and _ITEM.match(body, indent)):
            self._close()
            return False
        if self._open is None:
            self._open = self._start("code", [])
        self._open.lines.append(body[inside + CODE_INDENT :])
        return True

    def _may_begin(self, item: re.Match[str]) -> bool:
        """Whether a list may begin here: not in the middle of a paragraph with "1985. A great year"."""
        if self._open is None or self._lists:
            return True
        return item.end() < len(item.string) and item.group(2) in (None, "1")

    def _item(self, item: re.Match[str], content: str, indent: int) -> None:
        self._close()
        if len(self._items) > 20:
            self._paragraph(content, indent)
            return
        if self._items and self._items[-1][0].indent >= indent:
            self._start("paragraph", [""])  # an item with nothing in it
        left: ListOfItems | None = None
        while self._lists and indent < self._lists[-1].indent + NEST_INDENT:
            left = self._lists.pop()
        mark = item.group(3) or item.group(1)
        if left is None or left.mark != mark:
            left = ListOfItems(indent, 0, mark)
        left.indent = indent
        is_code = item.end() - len(item.group(1)) > CODE_INDENT
        plain = item.end() == len(content) or is_code
        left.content = indent + (len(item.group(1)) + 1 if plain else item.end())
        self._items.append((left, left.add(item.group(2) or "")))
        self._lists.append(left)
        rest = content[item.end() :]
        spaces = indent + item.end()
        while (quoted := _QUOTE.match(rest)) and not is_code:
            rest, spaces, self._item_quoted = rest[quoted.end() :], left.content, True
        if rest.strip(" "):
            self._content(" " * spaces + rest, rest.lstrip(" "))

    def _special(self, content: str, indent: int) -> bool:
        """A line that is a heading, a fence, an underline or a reference, or the line below a table's head."""
        if heading := _HEADING.match(content):
            self._close()
            self._leave_lists(indent)
            self._start("heading", [without_closing_marks(content[heading.end() :])])
        elif fence := _FENCE.match(content):
            self._close()
            self._leave_lists(indent)
            words = (fence.group(2) or fence.group(4) or "").split()
            self._open = self._start("code", [" ".join(words)] if len(words) > 1 else [])
            self._fence, self._fence_indent = fence.group(1) or fence.group(3), indent
        elif self._underlines(content):
            self._heading_of_paragraph()
        elif self._is_below_head(content):
            self._begin_table()
        elif self._open is None and (reference := _REFERENCE.match(content)):
            if not _ADDRESS.match(reference.group(2)):
                return False
            self.references.setdefault(label_key(reference.group(1)), reference.group(2))
            self._start("reference", [content])
        else:
            return False
        return True

    def _paragraph(self, content: str, indent: int) -> None:
        if self._open is not None and self._open.kind == "paragraph":
            self._open.lines.append(content)
            return
        if self._open is not None and self._open.kind == "table" and "|" in content:
            self._open.lines.append(content)
            return
        self._close()
        self._leave_lists(indent)
        self._open = self._start("paragraph", [content])

    def _leave_lists(self, indent: int) -> None:
        """What is not indented after an empty line belongs to no item any more."""
        while self._lists and not self._items and indent < self._lists[-1].indent + NEST_INDENT:
            self._lists.pop()

    def _start(self, kind: Kind, lines: list[str]) -> Block:
        quoted = self._quotes > 0 or self._item_quoted
        block = Block(kind, lines, len(self._lists), quoted, self._gap, self._items)
        self._gap, self._items, self._item_quoted = False, [], False
        self.blocks.append(block)
        return block

    def _close(self) -> None:
        self._open, self._fence = None, ""

    def _fenced(self, line: str) -> None:
        """A line of a block of code, as it is, or its end."""
        block, body = self._open, line
        for _ in range(self._quotes):
            quoted = _QUOTE.match(body)
            body = body[quoted.end() if quoted else 0 :]
        closing = body.strip(" ")
        indent = len(body) - len(body.lstrip(" "))
        outside = self._lists[-1].content if self._lists else 0
        if (closing and indent < outside) or (self._quotes and body == line):
            self._close()  # its item or quotation is over
            self._line(line)
        elif (
            len(closing) >= len(self._fence)
            and set(closing) == {self._fence[0]}
            and indent < outside + CODE_INDENT
        ):
            self._close()
        elif block is not None:
            block.lines.append(body[min(indent, self._fence_indent) :])

    def _underlines(self, content: str) -> bool:
        return self._open is not None and self._open.kind == "paragraph" and bool(_UNDERLINE.match(content))

    def _heading_of_paragraph(self) -> None:
        if self._open is not None:
            self._open.kind = "heading"
        self._close()

    def _is_below_head(self, content: str) -> bool:
        if self._open is None or self._open.kind != "paragraph":
            return False
        head = self._open.lines[-1]
        if "|" not in head and "|" not in content:
            return False
        return bool(_DELIMITERS.match(content)) and len(cells_of(head)) == len(cells_of(content))

    def _begin_table(self) -> None:
        """The last line of the paragraph was a table's head."""
        paragraph = self._open
        if paragraph is None:
            return
        head = paragraph.lines.pop()
        if paragraph.lines:
            self._open = self._start("table", [head])
        else:
            paragraph.kind = "table"
            paragraph.lines = [head]
