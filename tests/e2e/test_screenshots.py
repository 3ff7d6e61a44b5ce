"""The pictures that README shows; ``./run shots`` takes them."""

from __future__ import annotations

import re

import pytest

from demo.launcher.options import ROOT
from demo.shots import FOLDER, LARGEST


@pytest.mark.parametrize("picture", re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (ROOT / "README.md").read_text()))
def test_every_picture_in_readme_is_there_with_words_for_those_who_cannot_see_it(picture: str) -> None:
    assert (ROOT / picture).is_file()


def test_no_picture_makes_a_checkout_heavy() -> None:
    pictures = list(FOLDER.glob("*.png"))
    assert pictures
    assert [picture.name for picture in pictures if picture.stat().st_size > LARGEST] == []
