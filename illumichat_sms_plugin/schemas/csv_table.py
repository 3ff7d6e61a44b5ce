"""Tables as CSV (RFC 4180) that are safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins so is run as a formula: https://owasp.org/www-community/attacks/CSV_Injection"""


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
    # Spreadsheets skip blanks, also wide ones, before they look for a formula.
    return f"'{text}" if text.lstrip(" \u00a0\u3000\ufeff").startswith(FORMULA) else text
