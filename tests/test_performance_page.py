"""docs/performance.md: every figure is there, and so is the command that makes it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench import table

ROOT = Path(__file__).parents[1]
HEAD = "| | before | to reach | measured | made by |"


def rows() -> list[list[str]]:
    """The cells of each row of the tables of figures."""
    found: list[list[str]] = []
    for part in (ROOT / "docs" / "performance.md").read_text("utf-8").split(HEAD)[1:]:
        lines = part.strip().split("\n\n")[0].splitlines()[1:]
        found += [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return found


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_row_has_its_figure_and_a_command_that_exists(row: list[str]) -> None:
    what, before, bound, measured, command = row
    assert all((what, before, bound, measured))
    kind, name = re.fullmatch(r"`\./run (bench|test) (\S+).*`", command).groups()  # type: ignore[union-attr]
    assert (ROOT / (f"bench/{name}.py" if kind == "bench" else name)).is_file()


def test_what_is_measured_goes_into_its_row() -> None:
    page = f"{HEAD}\n|---|---|---|---|---|\n| Waits | 9 s | 1 s | | `./run bench backlog` |\n"
    assert "| Waits | 9 s | 1 s | 0.5 s | `./run bench backlog` |" in table.write(page, {"Waits": "0.5 s"})
    with pytest.raises(SystemExit):
        table.write(page, {"Somewhere else": "1"})
