"""Every code has an explanation that an admin can act on."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.twilio_gateway.error_codes import (
    explain,
    is_opt_out,
    needs_admin,
)

TABLE: list[dict[str, Any]] = json.loads(
    files("illumichat_sms_plugin.twilio_gateway").joinpath("error_codes.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: str(entry["code"]))
def test_an_entry_is_complete(entry: dict[str, Any]):
    words, flags = {"code", "name", "meaning", "admin_action"}, {"needs_admin", "shuts_out", "opt_out"}
    assert words <= set(entry) <= words | flags
    assert all(entry[flag] is True for flag in flags & set(entry))
    assert entry["meaning"].endswith(".")
    assert entry["admin_action"].endswith(".")
    assert not entry["name"].endswith(".")


def test_no_code_is_listed_twice():
    codes = [entry["code"] for entry in TABLE]
    assert len(codes) == len(set(codes))
    assert codes == sorted(codes)


def test_a_known_code_reads_as_a_sentence():
    wrong = explain(20003)
    assert wrong.sentence.startswith(
        "Permission denied: The Account SID and the Auth Token do not go together."
    )
    assert wrong.sentence.endswith("(Twilio error 20003)")
    assert wrong.link == "https://www.twilio.com/docs/api/errors/20003"


@given(st.integers() | st.none())
def test_any_code_has_an_explanation(code: int | None):
    found = explain(code)
    assert found.code == code
    assert found.name
    assert found.meaning
    assert found.admin_action
    assert found.sentence


def test_an_unknown_code_leads_to_twilios_page():
    assert explain(99999).admin_action == "Read https://www.twilio.com/docs/api/errors/99999."


@pytest.mark.parametrize("code", [20003, 20005, 21408, 21606, 21608, 21660, 30002, 30034, 11200])
def test_an_admin_is_needed_for(code: int):
    assert needs_admin(code)


@pytest.mark.parametrize("code", [None, 12345, 20429, 21211, 21610, 30003, 30007, 63038])
def test_no_admin_is_needed_for(code: int | None):
    assert not needs_admin(code)


def test_only_21610_is_an_opt_out():
    assert [entry["code"] for entry in TABLE if is_opt_out(entry["code"])] == [21610]
    assert not is_opt_out(None)
    assert not is_opt_out(30004)
