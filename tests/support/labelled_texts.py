"""Texts with what a reader takes them for: ``wish`` (no more texts), ``unclear``, or ``none``.

The files of ``tests/data/opt_out``: a language each, with the texts of a label below its ``[label]``. Those named
``…-unseen`` were written without a look at the word lists, and judged once before anybody mended the lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "data" / "opt_out"


@dataclass(frozen=True, slots=True)
class LabelledText:
    """``language`` and ``unseen`` are in the name of its file."""

    language: str
    label: str
    text: str
    unseen: bool


def labelled_texts() -> list[LabelledText]:
    """All of them."""
    return [found for file in sorted(FOLDER.glob("*.txt")) for found in _read(file)]


def _read(file: Path) -> Iterator[LabelledText]:
    label, (language, _, unseen) = "", file.stem.partition("-")
    for line in file.read_text("utf-8").splitlines():
        if line.startswith("["):
            label = line.strip("[]")
        elif line:
            yield LabelledText(language, label, line, bool(unseen))
