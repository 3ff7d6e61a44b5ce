"""``./run bench opt_out [--write] [--unseen]``: how well wishes to be left alone are read, on the labelled texts.

``--write`` puts the table into docs/opt-out-wishes.md; a test holds it to the word lists.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from illumichat_sms_plugin.text.keywords import classify
from tests.support.labelled_texts import LabelledText, labelled_texts

PAGE = Path(__file__).parents[1] / "docs" / "opt-out-wishes.md"
START, END = "<!-- the table of ./run bench opt_out -->\n", "<!-- its end -->\n"
OUTCOMES = {"opt_out": "certain", "maybe_opt_out": "possible"}
HEAD = "| texts | | judged certain | judged possible | judged none |\n|---|---:|---:|---:|---:|\n"
LABELS = {"wish": "a wish", "unclear": "unclear", "none": "no wish"}


def outcome(text: str) -> str:
    """``certain``, ``possible`` or ``none``."""
    return OUTCOMES.get(classify(text), "none")


def counts(texts: Iterable[LabelledText]) -> Counter[tuple[str, str]]:
    """How many texts of which label have which outcome."""
    return Counter((found.label, outcome(found.text)) for found in texts)


def precision(judged: Counter[tuple[str, str]]) -> float:
    """Of the texts judged certain, the share that are wishes."""
    return judged["wish", "certain"] / sum(judged[label, "certain"] for label in LABELS)


def recall(judged: Counter[tuple[str, str]]) -> float:
    """Of the wishes, the share that is judged certain or possible."""
    return 1 - judged["wish", "none"] / sum(judged["wish", each] for each in ("certain", "possible", "none"))


def table(texts: Sequence[LabelledText]) -> str:
    """The table of all languages together and of each."""
    languages = sorted({found.language for found in texts})
    parts = [_part("All languages", texts)]
    parts += [_part(f"`{code}`", [each for each in texts if each.language == code]) for code in languages]
    return HEAD + "".join(parts)


def _part(name: str, texts: Sequence[LabelledText]) -> str:
    judged = counts(texts)
    head = (
        f"| **{name}** | {len(texts)} | precision {precision(judged):.1%} "
        f"| recall, with certain {recall(judged):.1%} | |\n"
    )
    rows = [
        f"| {words} | {sum(judged[label, each] for each in ('certain', 'possible', 'none'))} "
        f"| {judged[label, 'certain']} | {judged[label, 'possible']} | {judged[label, 'none']} |\n"
        for label, words in LABELS.items()
    ]
    return head + "".join(rows)


def write(page: str, measured: str) -> str:
    """``page`` with the table that was measured."""
    before, rest = page.split(START)
    _old, after = rest.split(END)
    return f"{before}{START}{measured}{END}{after}"


def main(arguments: Sequence[str]) -> None:
    """Print the table and what was misread, or write the table."""
    parser = argparse.ArgumentParser(prog="./run bench opt_out", description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into docs/opt-out-wishes.md")
    parser.add_argument("--unseen", action="store_true", help="only the texts that were written unseen")
    options = parser.parse_args(arguments)
    texts = [found for found in labelled_texts() if found.unseen or not options.unseen]
    if options.write and not options.unseen:
        PAGE.write_text(write(PAGE.read_text("utf-8"), table(texts)), "utf-8")
        return
    print(table(texts))
    for found in texts:
        if (found.label == "none") != (outcome(found.text) == "none"):
            print(f"{found.language}: {found.label} was judged {outcome(found.text)}: {found.text}")
