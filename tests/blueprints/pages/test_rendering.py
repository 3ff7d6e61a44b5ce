"""What templates ask ``ui`` for is there: a page that is seldom shown would break in front of a person."""

from __future__ import annotations

import re
from pathlib import Path

import illumichat_sms_plugin
from illumichat_sms_plugin.blueprints.pages.rendering import Ui

TEMPLATES = Path(illumichat_sms_plugin.__file__).parent / "templates"


def test_every_name_that_a_template_takes_from_ui_exists() -> None:
    asked = {
        (file.name, name)
        for file in TEMPLATES.rglob("*.html")
        for name in re.findall(r"\bui\.(\w+)", file.read_text(encoding="utf-8"))
    }
    assert asked
    assert [pair for pair in sorted(asked) if not hasattr(Ui, pair[1])] == []
