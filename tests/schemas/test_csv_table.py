"""CSV that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.schemas.csv_table import safe_cell, to_csv


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\u00a0@", "\ufeff=", "\x0c@", " \u3000\u200b-"]
)
def test_a_cell_that_a_spreadsheet_would_run_is_made_text(start: str) -> None:
    assert safe_cell(f"{start}cmd|' /C calc'!A0").startswith("'")


@pytest.mark.parametrize("harmless", [0, 12, "2026-08-12", "Segments sent", "", "a=b"])
def test_a_harmless_cell_stays_as_it_is(harmless: object) -> None:
    assert safe_cell(harmless) == str(harmless)


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=4), max_size=5))
def test_whatever_is_in_the_cells_comes_back_cell_by_cell_and_none_is_a_formula(
    rows: list[list[str]],
) -> None:
    read = list(csv.reader(io.StringIO(to_csv(["a"], rows), newline="")))
    assert read == [["a"], *([safe_cell(cell) for cell in row] for row in rows)]
    assert all(not cell.strip().startswith(("=", "+", "-", "@")) for row in read for cell in row)
