"""No text is much more work than ordinary prose of the same length, whatever it is made of.

Work is counted in turns of a fixed loop, which cost about 8 ms on an ordinary machine; see ``./run bench texts``.
"""

from __future__ import annotations

import pytest

from illumichat_sms_plugin.text.reply_text import MAX_ANSWER, fit
from tests.support.cpu_time import cost, cpu_seconds

PROSE = ("We are **open** from 9 to 5, see [our page](https://example.com/a). " * 200)[:MAX_ANSWER]
MOST_LOOPS = 16
"""Measured: 1.4 for prose, 8 to 10 for the worst. A rule that is not linear makes it hundreds."""
MOST_GROWTH = 3.0
"""For twice the length; a rule that looks at each pair makes it four."""
PATTERNS = (
    *(
        "*",
        "_",
        "[",
        "![",
        "`",
        "<",
        "> ",
        "- ",
        "* a\n",
        "1.\n",
        "1. a\n",
        "a\n",
        "a\n\n",
        "# a\n",
        "# #",
        "a|b\n-|-\n",
    ),
    *(
        "**a *b ",
        "a*",
        "*a*",
        "*_",
        "_a_ ",
        "重**要**",
        "**a**b",
        "***a**",
        "[a](",
        "[a](b)",
        "[[a](b)",
        "[*",
        "[a](<",
        "[a]",
    ),
    *(
        "<a href=",
        "<a b='",
        "<a b ",
        "<b>",
        "</b>",
        "<td>a",
        "<br>",
        "<!--",
        "<!-- -->",
        "<![CDATA[",
        "<?",
        "a<b ",
        "<a\n",
    ),
    *(
        "``a`",
        "``\n",
        "```\n",
        "~~~\n",
        "- `\n",
        "- - - a\n",
        ">a\n",
        "    a\n",
        "\t\n",
        "===\n",
        "---\n",
        "* * *\n",
        "|a|b|c|\n",
    ),
    *(
        "[a]: http://b\n",
        "[a]:\n",
        "[a][a]",
        "&",
        "&amp;",
        "&#1;",
        "\\*",
        "\\\n",
        "C:\\a",
        "\\\\a\\b ",
        "http://x_*",
        "a.a",
        "a-a",
    ),
    *(
        "<think>",
        "</think>",
        "<|a|>",
        "<tool_call>",
        "【4†a】",
        "\ue200",
        "[cite:",
        "{",
        "😀",
        "’",
        "’ж",
        "\u0301",
        "\x00",
        " ",
        "\n",
    ),
    *(
        "1 ",
        "1.1,",
        "AB12 ",
        "a@b.c ",
        "$ 5 EUR ",
        "xx ",
        "•",
        "+(",
        "Dr. ",
        "。",
        "...",
        "a" * 99 + " " * 99,
    ),
)


def many(pattern: str, length: int = MAX_ANSWER) -> str:
    """``length`` characters of nothing else."""
    return (pattern * length)[:length]


@pytest.mark.parametrize("text", [PROSE, *map(many, PATTERNS)], ids=["prose", *map(ascii, PATTERNS)])
def test_ten_thousand_characters_of_anything_are_little_work(text: str):
    _assert_little_work(text)


@pytest.mark.parametrize(
    "text",
    ["a" + " " * 9_998 + "b", "# a" + " " * 9_996 + "b", "|" + " " * 9_998 + "|", "*" * 9_999 + "b"],
    ids=lambda text: text[:3],
)
def test_what_a_text_ends_with_after_many_spaces_costs_nothing_either(text: str):
    _assert_little_work(text)


def _assert_little_work(text: str) -> None:
    loops = [MOST_LOOPS]
    while min(loops) >= MOST_LOOPS:
        assert len(loops) < 6, f"{min(loops[1:]):.1f} loops"
        loops.append(cost(lambda: fit(text, 1600, offer_more=True), tries=1).loops)


@pytest.mark.parametrize(
    "pattern",
    [
        *("a", "- `\n", "1.\n", "a\n\n", "> a\n", "[*", "[[a](b)", "![", "**a *b ", "_a_ ", "a*", "重**要**"),
        *(
            "``a`",
            "<a b ",
            "<b>",
            "</b>",
            "<!-- -->",
            "[a][a]",
            "[a]: http://b\n",
            "a|b\n-|-\n",
            "&amp;",
            "\\*",
        ),
        *("<think>", "</think>", "<tool_call>", "’", "😀", "\u0301", "1.1,", "a@b.c ", "xx "),
    ],
    ids=ascii,
)
def test_twice_the_text_is_twice_the_work(pattern: str):
    short, long = many(pattern, MAX_ANSWER // 2), many(pattern)
    taken: list[tuple[float, float]] = []
    for _ in range(16):
        taken.append((_seconds(short), _seconds(long)))
        growth = min(seconds for _, seconds in taken) / min(seconds for seconds, _ in taken)
        if len(taken) > 1 and growth < MOST_GROWTH:
            return
    raise AssertionError(f"{growth:.1f} times the work")


def _seconds(text: str) -> float:
    return cpu_seconds(lambda: fit(text, 1600, offer_more=True), tries=1)
