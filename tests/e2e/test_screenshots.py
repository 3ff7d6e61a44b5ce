"""The pictures that README and docs/connect.md show; ``./run shots`` takes them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from demo.launcher.options import ROOT
from demo.photographer import LARGEST
from demo.shots import FOLDER

SHOWN = [
    page.parent / picture
    for page in (ROOT / "README.md", ROOT / "docs" / "connect.md")
    for picture in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text())
]


@pytest.mark.parametrize("picture", SHOWN, ids=lambda picture: picture.name)
def test_every_picture_is_there_with_words_for_those_who_cannot_see_it(picture: Path) -> None:
    assert picture.is_file()


def test_no_picture_makes_a_checkout_heavy() -> None:
    pictures = list(FOLDER.glob("*.png"))
    assert pictures
    assert [picture.name for picture in pictures if picture.stat().st_size > LARGEST] == []
