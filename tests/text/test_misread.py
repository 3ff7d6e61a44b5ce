"""Texts, numbers and settings that systems like this one are known to misread, as a list of cases."""

from __future__ import annotations

import json
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest

from illumichat_sms_plugin import errors

CASES = json.loads(
    (Path(__file__).parents[1] / "data" / "texts_and_values_that_were_misread.json").read_text("utf-8")
)
UNCLEAR = {"stop the reminders", "stop alerts"}
"""A wish, but of what? The texter is asked: docs/decisions/opt-out-wishes.md."""


def outcome(case: dict[str, Any]) -> Any:
    return resolve_name(case["function"])(*case["input"]["args"], **case["input"].get("kwargs", {}))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']}-{str(case['input'])[:60]}")
def test_it_is_read_as_it_is_meant(case: dict[str, Any]):
    expect = case["expect"]
    if "raises" in expect:
        with pytest.raises(getattr(errors, expect["raises"])):
            outcome(case)
    elif expect["equals"] == "opt_out" and case["input"]["args"][0] in UNCLEAR:
        assert outcome(case) == "maybe_opt_out"
    else:
        assert outcome(case) == expect["equals"]
