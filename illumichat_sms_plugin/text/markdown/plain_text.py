"""Markdown as a person would type it in a text message.

URLs, list numbers and code stay as they are written; emphasis marks, heading marks and code fences go. Where it
is not sure that something is markup (``2*3*4``, ``__init__``, ``<order number>``), it stays: a visible asterisk
does less harm than a missing digit. The work grows with the text's length and nothing else.
"""

from __future__ import annotations

import re

from illumichat_sms_plugin.text.markdown.block import Block
from illumichat_sms_plugin.text.markdown.blocks import BlockReader
from illumichat_sms_plugin.text.markdown.html_tags import RESERVED
from illumichat_sms_plugin.text.markdown.inline import inline_text
from illumichat_sms_plugin.text.markdown.lines import cells_of
from illumichat_sms_plugin.text.markdown.scan import References, label_key

_AMOUNT_FOLLOWS = re.compile(r"[\d$£€=]")
_RESERVED = dict.fromkeys(map(ord, RESERVED), " ")


def plain_text(markdown: str) -> str:
    """The words of ``markdown`` as plain text, one line per line, paragraphs apart by an empty line."""
    reader = BlockReader()
    reader.read(markdown.translate(_RESERVED))
    used: set[str] = set()
    texts = [_text_of(block, reader.references, used) for block in reader.blocks]
    lines: list[str] = []
    before: Block | None = None
    for block, text in zip(reader.blocks, texts, strict=True):
        if block.kind == "reference" and _key(block) in used:
            continue
        if before is not None and _is_apart(before, block):
            lines.append("")
        lines.extend(_lines(block, text))
        before = block
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def _key(block: Block) -> str:
    return label_key(block.lines[0][1:].partition("]")[0])


def _text_of(block: Block, references: References, used: set[str]) -> str:
    if block.kind in ("code", "reference"):
        return "\n".join(block.lines).rstrip("\n")
    if block.kind == "table":
        rows = [[inline_text(cell, references, used) for cell in cells_of(line)] for line in block.lines]
        return _table([[cell.replace("\n", " ") for cell in row] for row in rows])
    return inline_text("\n".join(block.lines), references, used)


def _is_apart(before: Block, block: Block) -> bool:
    """Whether an empty line stays: not below a heading, not between the items of a list."""
    return block.gap and before.kind != "heading" and not (before.depth and block.depth)


def _lines(block: Block, text: str) -> list[str]:
    if block.quoted and _AMOUNT_FOLLOWS.match(text):
        text = "> " + text  # "> 18 years" was no quotation
    markers = "".join([items.marker(place) for items, place in block.items])
    indent = "  " * (block.depth - max(len(block.items), 1))
    return [indent + line for line in (markers + text).split("\n")]


def _table(rows: list[list[str]]) -> str:
    """Two columns: ``Monday: 9-17``. More: ``Plan Basic: Price $5, Users 3``, the heads beside the values."""
    head, body = rows[0], rows[1:]
    if len(head) < 3 or not body:
        return "\n".join(": ".join(filter(None, row)) for row in rows)
    return "\n".join(_wide_row(head, row) for row in body)


def _wide_row(head: list[str], row: list[str]) -> str:
    heads = [*head, *[""] * (len(row) - len(head))]
    said = [f"{name} {cell}".strip() for name, cell in zip(heads, row, strict=False) if cell]
    if len(said) < 2 or not row[0]:
        return ", ".join(said)
    return f"{said[0]}: {', '.join(said[1:])}"
