"""Tables as CSV (RFC 4180) that are safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator

FORMULA = re.compile(r"[\t\r\n]|[\s\ufeff\u200b]*[=+@-]")
"""A cell that begins so is run as a formula: https://owasp.org/www-community/attacks/CSV_Injection

Spreadsheets skip blanks, also wide ones and those without a width, before they look for one."""


def to_csv(heading: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """The table as text, every cell made safe."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow([safe_cell(cell) for cell in heading])
    table.writerows([safe_cell(cell) for cell in row] for row in rows)
    return written.getvalue()


def to_csv_lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The rows one by one, for a table that is too long to be held."""
    for row in rows:
        yield to_csv(map(str, row), ())


def safe_cell(value: object) -> str:
    """The cell's text, with an apostrophe in front of what a spreadsheet would run."""
    text = str(value)
    return f"'{text}" if FORMULA.match(text) else text
