"""Markdown as a person would type it in a text message: URLs, list numbers and code stay, marks go."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def plain_text(markdown: str) -> str:
    """The words of ``markdown`` as plain text."""
    tree = SyntaxTreeNode(_MARKDOWN.parse(markdown))
    lines = [line.rstrip() for line in _blocks(tree.children)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _blocks(nodes: list[SyntaxTreeNode]) -> list[str]:
    """Lines of a sequence of blocks, an empty one between two."""
    lines: list[str] = []
    for node in nodes:
        if lines:
            lines.append("")
        lines.extend(_block(node))
    return lines


def _block(node: SyntaxTreeNode) -> list[str]:
    if node.type in ("fence", "code_block", "html_block"):
        return node.content.rstrip("\n").split("\n")
    if node.type in ("bullet_list", "ordered_list"):
        return _list(node)
    if node.type == "table":
        return [_row(row) for part in node.children for row in part.children]
    if node.type == "hr":
        return []
    if node.type in ("paragraph", "heading"):
        return _inline(node.children).split("\n")
    return _blocks(node.children)


def _list(node: SyntaxTreeNode) -> list[str]:
    number = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
    lines: list[str] = []
    for item in node.children:
        marker = "- " if number is None else f"{number}. "
        number = None if number is None else number + 1
        inner = [line for line in _blocks(item.children) if line]
        lines.append(marker + (inner[0] if inner else ""))
        lines.extend("  " + line for line in inner[1:])
    return lines


def _row(row: SyntaxTreeNode) -> str:
    return ", ".join(text for cell in row.children if (text := _inline(cell.children)))


def _inline(nodes: list[SyntaxTreeNode]) -> str:
    return "".join(_piece(node) for node in nodes)


def _piece(node: SyntaxTreeNode) -> str:
    if node.type in ("text", "code_inline", "html_inline"):
        return node.content
    if node.type in ("softbreak", "hardbreak"):
        return "\n"
    if node.type == "link":
        return _link(_inline(node.children), str(node.attrs.get("href", "")))
    if node.type == "image":
        return _link(node.content, str(node.attrs.get("src", "")))
    return _inline(node.children)


def _link(label: str, url: str) -> str:
    """``label (url)``, or only one of them where the other says nothing."""
    address = re.sub(r"^(?:mailto|tel):", "", url)
    if not address or label.strip() in (address, url):
        return label or address
    return f"{label} ({address})" if label.strip() else address
