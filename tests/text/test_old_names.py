"""Hosts may import the pure modules under the names that version 0.1 gave them."""

from __future__ import annotations

from importlib import import_module

import pytest


@pytest.mark.parametrize("name", ["segments", "keywords", "reply_text", "reactions", "gsm_lookalikes"])
def test_a_pure_module_still_has_its_old_name(name: str):
    old = import_module(f"illumichat_sms_plugin.{name}")
    new = import_module(f"illumichat_sms_plugin.text.{name}")
    offered = [
        word for word, value in vars(new).items() if getattr(value, "__module__", None) == new.__name__
    ]
    assert offered
    for word in offered:
        if not word.startswith("_"):
            assert getattr(old, word) is getattr(new, word)
