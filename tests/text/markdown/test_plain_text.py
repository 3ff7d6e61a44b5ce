"""Markdown reads as if a person had typed it: nothing leaks, and nothing that is said gets lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.text.markdown.plain_text import plain_text

SAME = """
snake_case and _private and 2 * 3 = 6
2*3*4 and 2**3**4
open __init__.py and __main__
C:\\temp is full
5 < 6 and 7 > 6
<order number> goes here
#1 in town
+1 555 123 4567
https://example.com/a_b_c/*d*/_e_?f=1&copy=2
(see https://example.com/a_(b)).
me@example.com
- [ ] milk
$5* per month (* without tax)
[Monday]: 9-17
It costs ~5 EUR
***-**-7707 or call*
*open ***-**-7707 or 12/**/**** and (***) ***-7707**
dial *100#, *77*07# or *now*#
$***.** is hidden, open**
(*) is optional, and so are* these
_jane_@example.com or 555_
__jane__@example.com and __init__ are meant__
_docs_/start and _snake_case_ are names_
_ask @_jane_ or *Mon*-*Fri*
""".strip().split("\n")


@pytest.mark.parametrize("text", SAME)
def test_what_is_no_markup_stays_as_it_is(text: str):
    assert plain_text(text) == text


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("C:\\<b>", "C:\\<b>"),
        ("-    *\n\t<b>", "- -\n<b>"),
        (">> **\n\t- <b>", "**\n- <b>"),
        (">>> a\n>     # <b>", "a\n# <b>"),
        ("C:\\\\<b>x</b>", "C:\\\\x"),
        ("**Bold**, *italic*, _both_ and ***all***", "Bold, italic, both and all"),
        ("Run `rm -rf *_old_*` now", "Run rm -rf *_old_* now"),
        ("```python\ndef f(a_b):\n    return a*b*c\n```", "def f(a_b):\n    return a*b*c"),
        ("# Hours\n\nNine to five.\n\n## Sunday\nClosed.", "Hours\nNine to five.\n\nSunday\nClosed."),
        ("Hours\n=====\nNine", "Hours\nNine"),
        ("A\n\n---\n\nB", "A\n\nB"),
        ("* one\n* two", "- one\n- two"),
        ("- one\n\n- two\n\n\n\n- three", "- one\n- two\n- three"),
        ("1. one\n2. two\n3. three", "1. one\n2. two\n3. three"),
        ("1. one\n1. two\n1. three", "1. one\n2. two\n3. three"),
        ("3. third\n5. fifth", "3. third\n5. fifth"),
        ("1) one\n2) two", "1) one\n2) two"),
        ("1. one\n   - inner\n   - more\n2. two", "1. one\n  - inner\n  - more\n2. two"),
        ("Steps:\n\n1. **Open** it\n2. Close it\n\nDone.", "Steps:\n\n1. Open it\n2. Close it\n\nDone."),
        ("$10\n+ tax", "$10\n+ tax"),
        ("one  \ntwo\\\nthree\nfour", "one\ntwo\nthree\nfour"),
        ("> Quoted\n> twice", "Quoted\ntwice"),
        ("> 18 years only", "> 18 years only"),
        ("[our guide](https://x.y/a_b?c=1&d=2).", "our guide (https://x.y/a_b?c=1&d=2)."),
        ("[https://x.y/a](https://x.y/a)", "https://x.y/a"),
        ("[example.com](https://example.com/)", "https://example.com/"),
        ("<https://x.y/_a_>", "https://x.y/_a_"),
        ("**https://x.y/a_b**!", "https://x.y/a_b!"),
        ("[**bold** label](https://x.y/ä)", "bold label (https://x.y/ä)"),
        ("[write](mailto:a@b.c) or [call](tel:+15551234567)", "write (a@b.c) or call (+15551234567)"),
        ("[up](#top) and [](https://x.y)", "up and https://x.y"),
        ("![logo](https://x.y/l.png)", "logo (https://x.y/l.png)"),
        (
            "See [1] and [it][2].\n\n[1]: https://x.y\n[2]: https://z.z",
            "See 1 (https://x.y) and it (https://z.z).",
        ),
        ("[Monday]: 9-17\n[Sunday]: closed", "[Monday]: 9-17\n[Sunday]: closed"),
        (
            "| Day | Hours |\n|---|---|\n| Mon | 9-17 |\n| Sun | closed |",
            "Day: Hours\nMon: 9-17\nSun: closed",
        ),
        (
            "| Plan | Price | Users |\n|---|---|---|\n| Basic | $5 | 3 |\n| Pro | | **9** |",
            "Plan Basic: Price $5, Users 3\nPlan Pro: Users 9",
        ),
        ("<b>One</b><br>two<p>three</p>", "One\ntwo\nthree"),
        ("<a href='https://x.y?a=1&amp;b=2'>here</a>", "here (https://x.y?a=1&b=2)"),
        ("<div>\n**in**\n</div>", "in"),
        ("a<!-- hidden -->b", "ab"),
        ("H<sub>2</sub>O", "H2O"),
        ("&lt;b&gt; &amp; \\*stars\\*", "<b> & *stars*"),
        ("    indented code", "indented code"),
        ("", ""),
    ],
)
def test_markup_becomes_what_a_person_would_type(markdown: str, text: str):
    assert plain_text(markdown) == text


@given(st.text(st.sampled_from("ab1 *_`#->[]()<>|\n!:.~\\&\"'=/") | st.characters(), max_size=200))
def test_any_text_can_be_read(markdown: str):
    assert isinstance(plain_text(markdown), str)


@given(st.lists(st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,11}", fullmatch=True), min_size=1, max_size=12))
def test_words_are_kept_in_their_order_inside_any_markup(words: list[str]):
    marks = ["**{}**", "*{}*", "`{}`", "_{}_", "[{}](#x)", "<b>{}</b>", "{}"]
    markdown = " ".join(marks[place % len(marks)].format(word) for place, word in enumerate(words))
    assert plain_text("- " + markdown) == "- " + " ".join(words)
    assert plain_text("> # " + markdown).split() == words or words[0][0].isdigit()


@given(st.from_regex(r"https?://[a-z]{1,8}\.example/[A-Za-z0-9_*~/=&?-]{0,40}[a-z0-9]", fullmatch=True))
def test_a_url_survives_wherever_it_stands(url: str):
    for markdown in (
        url,
        f"See {url} now",
        f"[label]({url})",
        f"<{url}>",
        f"**{url}**",
        f"- {url}",
        f"({url}).",
    ):
        assert url in plain_text(markdown)


def test_deeply_nested_markup_is_no_recursion():
    assert "a" in plain_text("*" * 4000 + "a" + "*" * 4000)
    assert plain_text("> " * 4000 + "a").endswith("a")
    assert plain_text("- " * 4000 + "a").endswith("a")
    assert "a" in plain_text("[" * 3000 + "a" + "](b)" * 1700)
