"""The documents name what is there: a test for each line of trust, and every table in the data sheet."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from illumichat_sms_plugin.models import Base

ROOT = Path(__file__).parents[2]
HERE = "tests/security"
NAMED = re.compile(r"`([\w/]+\.py)`")


def lines_of_trust() -> list[tuple[str, list[str]]]:
    """Each line of the threat model with the files that hold it."""
    text = (ROOT / "docs/threat-model.md").read_text()
    section = text.partition("## Lines of trust")[2].partition("## What is not held")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("|")
    ]
    return [(row[0], NAMED.findall(row[1])) for row in rows if row[0] not in {"line", "---"}]


def path_of(name: str) -> Path:
    return ROOT / (name if "/" in name else f"{HERE}/{name}")


def names_in(path: Path) -> list[str]:
    tree = ast.parse(path.read_text())
    return [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def test_there_are_lines() -> None:
    assert len(lines_of_trust()) > 20


@pytest.mark.parametrize(("line", "held_by"), lines_of_trust(), ids=lambda value: str(value)[:60])
def test_each_line_of_trust_names_tests_that_exist(line: str, held_by: list[str]) -> None:
    assert held_by, f"a line without a test is a wish: {line}"
    for name in held_by:
        assert names_in(path_of(name)), name


def test_no_test_of_an_attack_is_missing_in_the_threat_model() -> None:
    named = {path_of(name) for _, names in lines_of_trust() for name in names}
    attacks = set((ROOT / HERE).glob("test_*.py")) - {Path(__file__)}
    assert attacks - named == set()


def test_the_data_sheet_has_every_table() -> None:
    of_nobody = {"sms_heartbeats"}  # times of processes
    sheet = (ROOT / "docs/data-sheet.md").read_text()
    missing = {table for table in Base.metadata.tables if f"`{table}`" not in sheet}
    assert missing == of_nobody
