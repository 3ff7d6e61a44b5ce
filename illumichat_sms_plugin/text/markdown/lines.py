"""What a single line of Markdown is."""

from __future__ import annotations

import re

_CELL_END = re.compile(r"(?<!\\)\|")


def is_rule(content: str) -> bool:
    """Whether a line is three or more equal marks and nothing else."""
    if content[:1] not in "-_*":
        return False
    marks = content.replace(" ", "")
    return len(marks) > 2 and marks == marks[0] * len(marks)


def without_closing_marks(heading: str) -> str:
    """``Hours ##`` is ``Hours``, but ``C#`` is a language."""
    heading = heading.strip(" ")
    text = heading.rstrip("#")
    return text.rstrip(" ") if not text or text.endswith(" ") else heading


def cells_of(row: str) -> list[str]:
    """The sources of a table row's cells."""
    row = row.strip()
    row = row.removeprefix("|")
    if row.endswith("|") and not row.endswith("\\|"):
        row = row[:-1]
    return [cell.strip().replace("\\|", "|") for cell in _CELL_END.split(row)]
