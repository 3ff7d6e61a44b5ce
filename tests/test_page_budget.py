"""What a page loads beside its HTML stays small, and comes from the host's own address."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import illumichat_sms_plugin

STATIC = Path(illumichat_sms_plugin.__file__).parent / "static"
FILES = sorted(file for file in STATIC.rglob("*") if file.suffix in {".css", ".js"})
BUDGET = 60_000
"""Bytes of all styles and scripts together, compressed."""


def test_all_styles_and_scripts_together_are_small():
    assert len(FILES) > 3
    assert sum(len(gzip.compress(file.read_bytes())) for file in FILES) < BUDGET


def test_our_styles_and_scripts_load_nothing_from_elsewhere():
    ours = [file for file in FILES if "vendor" not in file.parts]
    assert [file.name for file in ours if re.search(r"@import|(https?:)?//[a-z]", file.read_text())] == []
