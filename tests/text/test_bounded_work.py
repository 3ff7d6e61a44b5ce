"""No text is much more work than ordinary prose of the same length, whatever it is made of."""

from __future__ import annotations

import pytest

from illumichat_sms_plugin.text.reply_text import MAX_ANSWER, fit
from tests.support.cpu_time import cpu_seconds

PROSE = ("We are **open** from 9 to 5, see [our page](https://example.com/a). " * 200)[:MAX_ANSWER]
TIMES_PROSE = 8
"""Measured: at most 3.5 times. A rule that is not linear makes it hundreds."""
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


@pytest.mark.parametrize("pattern", PATTERNS, ids=ascii)
def test_ten_thousand_characters_of_anything_are_read_like_prose(pattern: str):
    text = (pattern * MAX_ANSWER)[:MAX_ANSWER]
    ratios = []
    for _ in range(5):
        prose, slow = _cpu(PROSE), _cpu(text)
        ratios.append(slow / prose)
        if min(ratios) < TIMES_PROSE:
            return
    raise AssertionError(f"{min(ratios):.1f} times the work of prose")


def test_what_a_text_ends_with_after_many_spaces_costs_nothing_either():
    for text in (
        "a" + " " * 9_998 + "b",
        "# a" + " " * 9_996 + "b",
        "|" + " " * 9_998 + "|",
        "*" * 9_999 + "b",
    ):
        assert min(_cpu(text) / _cpu(PROSE) for _ in range(4)) < TIMES_PROSE


def _cpu(text: str) -> float:
    return cpu_seconds(lambda: fit(text, 1600, offer_more=True), tries=1)
