"""Answers as people reported them and as they should arrive: one table of cases for each kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from illumichat_sms_plugin.text.gsm_lookalikes import to_gsm_lookalikes
from illumichat_sms_plugin.text.reply_text import fit_for_sms, truncate

CASES: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent / "cases/answers.json").read_text("utf-8")
)
MADE_BY = {"cuts": truncate, "look-alikes": lambda text, _: to_gsm_lookalikes(text)}


@pytest.mark.parametrize(
    ("kind", "case"),
    [pytest.param(kind, case, id=f"{kind}: {case['text'][:40]!a}") for kind in CASES for case in CASES[kind]],
)
def test_an_answer_arrives_as_it_was_meant(kind: str, case: dict[str, Any]) -> None:
    text = MADE_BY.get(kind, fit_for_sms)(case["text"], case.get("limit", 1600))
    if "equals" in case:
        assert text == case["equals"]
    assert all(part in text for part in case.get("contains", ()))
    assert not any(part in text for part in case.get("lacks", ()))
