"""Which fields were touched, and which both changed: nothing that somebody saved is ever replaced unasked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.blueprints.pages.seen_values import compare, mark, read_marks, write_marks

NAMES = ("apology", "guidelines", "account_sid", "phone_number")
VALUES = st.fixed_dictionaries({name: st.sampled_from(["", "a", "b", "c"]) for name in NAMES})


@pytest.mark.parametrize(
    ("shown", "typed", "stored", "untouched", "clashes"),
    [
        ("a", "a", "a", True, False),
        ("a", "a", "b", True, False),
        ("a", "b", "a", False, False),
        ("a", "b", "b", False, False),
        ("a", "b", "c", False, True),
    ],
)
def test_a_field(shown: str, typed: str, stored: str, *, untouched: bool, clashes: bool):
    found = compare({"apology": mark("apology", shown)}, {"apology": typed}, {"apology": stored})
    assert (bool(found.untouched), bool(found.clashing)) == (untouched, clashes)


def test_the_connection_is_one_field():
    shown = {"account_sid": "a", "phone_number": "n", "apology": "x"}
    seen = read_marks(write_marks(shown))
    found = compare(seen, shown | {"phone_number": "m"}, shown | {"account_sid": "b"})
    assert found.clashing == {"phone_number"}


def test_a_secret_that_was_typed_clashes_with_one_that_was_stored_meanwhile():
    seen = read_marks(write_marks({"secrets": "1"}))
    assert compare(seen, {"secrets": "typed"}, {"secrets": "2"}).clashing == {"secrets"}
    assert not compare(seen, {"secrets": "typed"}, {"secrets": "1"}).clashing
    assert not compare(seen, {}, {"secrets": "2"}).clashing


@given(seen=st.text(max_size=80), typed=VALUES, stored=VALUES)
def test_wrong_marks_only_ever_ask(seen: str, typed: dict[str, str], stored: dict[str, str]):
    found = compare(read_marks(seen), typed, stored)
    assert found.clashing == {name for name in NAMES if typed[name] != stored[name]}


@given(shown=VALUES, typed=VALUES, stored=VALUES)
def test_what_somebody_saved_meanwhile_stays_or_is_asked_about(
    shown: dict[str, str], typed: dict[str, str], stored: dict[str, str]
):
    found = compare(read_marks(write_marks(shown)), typed, stored)
    for name in NAMES:
        if stored[name] != shown[name] and typed[name] != stored[name]:
            assert name in found.untouched | found.clashing
        if typed[name] == shown[name]:
            assert name in found.untouched
            assert name not in found.clashing
