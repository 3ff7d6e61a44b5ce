"""How well wishes are read is measured, promised and written down."""

from __future__ import annotations

from bench.opt_out import PAGE, counts, precision, recall, table, write
from tests.support.labelled_texts import labelled_texts

TEXTS = labelled_texts()


def test_the_texts_are_many_and_each_has_a_label_once():
    assert len(TEXTS) >= 400
    assert {found.label for found in TEXTS} == {"wish", "unclear", "none"}
    assert len({found.text for found in TEXTS if found.language == "en"}) == sum(
        found.language == "en" for found in TEXTS
    )


def test_hardly_anybody_is_silenced_who_has_not_asked_for_it():
    assert precision(counts(TEXTS)) >= 0.99


def test_hardly_a_wish_goes_to_the_assistant():
    assert recall(counts(TEXTS)) >= 0.98


def test_the_page_has_the_table_of_today():
    """``./run bench opt_out --write`` renews it."""
    page = PAGE.read_text("utf-8")
    assert write(page, table(TEXTS)) == page
