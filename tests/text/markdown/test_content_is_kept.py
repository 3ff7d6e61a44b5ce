"""Plain text says what the Markdown says: every letter, apart what is apart, and nothing taken for markup that is none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.text.markdown.plain_text import plain_text
from tests.support.browser_text import first_lost, visible_text
from tests.support.examples import pure, soup_of

WORDS = (
    "open",
    "Mo",
    "x",
    "b",
    "i",
    "9",
    "17",
    "snake_case",
    "重要",
    "です",
    "мир",
    "I",
    "a",
    "e.g.",
    "don't",
)
MARKS = (
    *(
        "*",
        "**",
        "***",
        "_",
        "__",
        "`",
        "```",
        "~~~",
        "\\",
        "<",
        ">",
        "[",
        "]",
        "](",
        "](#x)",
        ")",
        "!",
        "![",
        "|",
        "#",
    ),
    *(
        "\n",
        "\n\n",
        "  \n",
        "\\\n",
        "    ",
        "\n\t",
        "- ",
        "* ",
        "+ ",
        "1. ",
        "2) ",
        "> ",
        "# ",
        "---\n",
        "===\n",
    ),
    *(
        "|---|---|\n",
        "| ",
        " |",
        "&amp;",
        "&lt;",
        "&#49;",
        "&",
        ";",
        ":",
        ".",
        ",",
        "-",
        "/",
        "@",
        "$",
        "=",
        '"',
        "'",
    ),
    *(
        "<b>",
        "</b>",
        "<br>",
        "<td>",
        "</td>",
        "<tr>",
        "<p>",
        "</p>",
        "<div>",
        "<li>",
        "<dt>",
        "<dd>",
        "<sup>",
        "<hr>",
    ),
    *('<a href="https://x.y">', "</a>", "<!-- ", " -->", "<i and ", "<https://x.y/", "https://x.y/", "www."),
    *(
        "[x]: https://x.y\n",
        "[x]",
        "[x][x]",
        "(mailto:a@b.c)",
        "（",
        "）",
        "：",
        "「",
        "」",
        "。",
        "👍",
        "\u00a0",
    ),
)
# half of the tokens are words and spaces, or marks would hardly ever stand beside words
soup = soup_of((*MARKS, *WORDS * 4, *(" ",) * 40))
loose = st.text(st.sampled_from("ab1 *_`#->[]()<>|\n!:.~\\&\"'=/重。") | st.characters(), max_size=60)


@pure
@given(soup | loose)
def test_every_letter_that_a_browser_shows_arrives_in_order_and_no_words_are_joined(markdown: str):
    shown = visible_text(markdown)
    text = plain_text(markdown)
    assert first_lost(shown, text) is None, (shown, text)
