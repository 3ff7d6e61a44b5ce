"""The table of ``docs/compatibility.md``: which versions the tests have run with, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

DOCUMENT = Path(__file__).parents[1] / "docs" / "compatibility.md"
BEGIN, END = "<!-- ./run compat writes from here -->", "<!-- to here -->"
SHOWN = (
    *("postgresql", "flask", "flask-sqlalchemy", "sqlalchemy", "alembic", "redis", "rq", "marshmallow", "apispec", "cryptography"),
    *("twilio", "phonenumbers", "regex", "psycopg", "psycopg2-binary"),
)  # fmt: skip
"""Packages whose versions the table names."""
HEAD = "| set | Python | versions | tests | passed | failed | on |\n|---|---|---|---|---|---|---|\n"


@dataclass(frozen=True, slots=True)
class Counts:
    """How a run of the tests ended; an error counts as failed, a skipped test as none."""

    passed: int
    failed: int

    @property
    def is_green(self) -> bool:
        """Whether tests ran, and none failed."""
        return self.passed > 0 and self.failed == 0


def counts_of(report: Path) -> Counts:
    """From pytest's JUnit report; nothing passed where there is none, for then nothing ran."""
    if not report.exists():
        return Counts(0, 1)
    suites = ElementTree.parse(report).getroot().iter("testsuite")  # noqa: S314 - written by our own tests
    total = failed = 0
    for suite in suites:
        failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        total += int(suite.get("tests", 0)) - int(suite.get("skipped", 0))
    return Counts(total - failed, failed)


def row(name: str, versions: Mapping[str, str], tests: str, counts: Counts, day: str) -> str:
    """One line of the table."""
    shown = ", ".join(f"{package} {versions[package]}" for package in SHOWN if package in versions)
    return (
        f"| {name} | {versions['python']} | {shown} | {tests} | {counts.passed} | {counts.failed} | {day} |"
    )


def with_rows(document: str, rows: Sequence[str]) -> str:
    """The document with these rows in its table, in the place of those of the same name; others stay."""
    before, _, rest = document.partition(BEGIN)
    table, _, after = rest.partition(END)
    kept = {
        _name(line): line for line in table.splitlines() if line.startswith("| ") and _name(line) != "set"
    }
    kept |= {_name(line): line for line in rows}
    lines = "\n".join(kept[name] for name in sorted(kept))
    return f"{before}{BEGIN}\n\n{HEAD}{lines}\n\n{END}{after}"


def _name(line: str) -> str:
    return line.split("|")[1].strip()


def write_rows(rows: Sequence[str]) -> None:
    """Put the rows into the document."""
    DOCUMENT.write_text(with_rows(DOCUMENT.read_text(encoding="utf-8"), rows), encoding="utf-8")
