"""An answer as it goes out: plain, within the limit, ending like an end."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.text.reply_text import fit_for_sms, truncate
from illumichat_sms_plugin.text.segments import count_segments, graphemes, utf16_units
from tests.support.cpu_time import cpu_seconds

HOURS = (
    "We are open Monday to Friday from 9 to 5. On Saturday we are open from 10 to 2, "
    "and on Sunday, sorry about that, we are closed! See https://example.com/opening-hours?x=1 for holidays."
)
STEPS = "Do this:\n1. Open the app.\n2. Tap settings\n3. Choose a plan, e.g. Basic, Pro or Max\n4. Save"

markdown_like = st.text(
    st.sampled_from("ab .,!?*_`#->[]()<>|\n:/1’“—…é你ж👍❤\ufe0f\u200d\u0301\x00\ud800"), max_size=400
)
limits = st.integers(0, 300)


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("Short.", 50, "Short."),
        ("  Short.\n", 50, "Short."),
        (HOURS, 60, "We are open Monday to Friday from 9 to 5."),
        (HOURS, 150, HOURS.partition(" See")[0]),
        (HOURS, 100, HOURS.partition(" sorry")[0].rstrip(",") + "..."),
        ("We are open Monday to Friday", 25, "We are open Monday to..."),
        ("One, two, three, four", 14, "One, two..."),
        ("Costs 3.50 in the shop today", 13, "Costs 3.50..."),
        ("Costs 3.50 in the shop today", 9, "Costs..."),
        ("Ask Dr. Smith about the new drug", 12, "Ask Dr..."),
        ("Ask for it e.g. on Monday morning", 20, "Ask for it e.g..."),
        (STEPS, 50, "Do this:\n1. Open the app.\n2. Tap settings"),
        (STEPS, 26, "Do this:\n1. Open the app."),
        (STEPS, 19, "Do this:\n1. Open..."),
        (STEPS, 14, "Do this..."),
        ("Look at https://example.com/a/very/long/path for more", 30, "Look at..."),
        ("Look at (https://example.com/a/very/long/path) for more", 30, "Look at..."),
        ("Write to somebody.with.a.long.name@example.com today", 40, "Write to..."),
        ("https://example.com/a/very/long/path", 20, "https://example.c..."),
        ("Really? Yes! And so on and on", 13, "Really? Yes!"),
        ("He said “stop.” Then he went on", 18, "He said “stop.”"),
        ("您的订单已发货。请注意查收。谢谢", 10, "您的订单已发货。"),
        ("您的订单已经发货请注意查收谢谢", 10, "您的订单已经发..."),
        ("👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧", 20, "👨‍👩‍👧👨‍👩‍👧..."),
        ("👨‍👩‍👧👨‍👩‍👧", 10, "👨‍👩‍👧"),
        ("e\u0301e\u0301e\u0301e\u0301", 6, "e\u0301..."),
    ],
)
def test_a_long_text_ends_where_it_reads_as_an_end(text: str, limit: int, cut: str):
    assert truncate(text, limit) == cut


@given(st.text() | markdown_like, limits)
def test_a_cut_text_never_exceeds_its_limit(text: str, limit: int):
    assert utf16_units(truncate(text, limit)) <= limit


@given(st.text(), limits)
def test_what_fits_is_not_touched(text: str, extra: int):
    assert truncate(text, utf16_units(text) + extra) == text.strip()


@given(st.text(min_size=1), st.integers(20, 300))
def test_a_cut_falls_between_graphemes(text: str, limit: int):
    text = text.strip()
    cut = truncate(text, limit)
    if cut != text and max(map(utf16_units, graphemes(text))) <= limit:
        kept = cut.removesuffix("...") if not text.startswith(cut) else cut
        assert text.startswith(kept)
        boundaries = {0}
        for grapheme in graphemes(text):
            boundaries.add(max(boundaries) + len(grapheme))
        assert len(kept) in boundaries


@given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=5, max_size=60), st.integers(20, 200))
def test_no_word_is_cut_in_two(words: list[str], limit: int):
    cut = truncate(" ".join(words), limit)
    assert cut.removesuffix("...").split() == words[: len(cut.removesuffix("...").split())]


@given(
    st.text(max_size=80),
    st.from_regex(r"https://[a-z]{3,10}\.example/[a-z0-9/?=&_-]{5,60}[a-z]", fullmatch=True),
)
def test_a_url_is_whole_or_absent(before: str, url: str):
    before = f"See {before}".strip()
    for limit in range(len(before) + 10, len(before) + len(url), 7):
        cut = truncate(f"{before} {url} and more words after it", limit)
        assert url in cut or "https://" not in cut.removeprefix(before)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (
            "**Yes!** We’re open — see [hours](https://x.y/h_1).",
            "Yes! We're open - see hours (https://x.y/h_1).",
        ),
        ("# Hi\n\n\n\n\n\nThere\n\n\n\n\nyou are", "Hi\nThere\n\nyou are"),
        ("one\r\ntwo\rthree\u2028four\x0bfive", "one\ntwo\nthree\nfour\nfive"),
        ("nul\x00, bell\x07, lone\ud800 surrogate, DEL\x7f", "nul, bell, lone surrogate, DEL"),
        ("Привет — **мир**", "Привет — мир"),
        ("---", "---"),
        ("**", "**"),
        ("&nbsp;", "&nbsp;"),
        ("", ""),
        ("  \n\t ", ""),
        ("\x00\u200b\ufeff", ""),
    ],
)
def test_an_answer_goes_out_like_this(answer: str, text: str):
    assert fit_for_sms(answer, 1600) == text


def test_one_curly_quote_does_not_triple_the_price():
    answer = "“" + "a" * 158 + "”"
    assert count_segments(answer).segments == 3
    assert count_segments(fit_for_sms(answer, 1600)).segments == 1


def test_what_forced_ucs2_may_be_cut_off_and_then_costs_nothing():
    answer = "It’s the first sentence, and it’s quite long. " * 3 + "Привет"
    assert count_segments(fit_for_sms(answer, 140)).encoding == "GSM-7"


@given(st.text() | markdown_like, st.integers(50, 1600))
def test_an_answer_fits_is_valid_and_has_no_control_characters(answer: str, limit: int):
    text = fit_for_sms(answer, limit)
    text.encode("utf-8")
    assert utf16_units(text) <= limit
    assert not any(unicodedata.category(char) == "Cc" and char not in "\n\t" for char in text)
    assert "\n\n\n" not in text
    assert text == text.strip()


@given(st.text() | markdown_like, st.integers(50, 1600))
def test_an_answer_that_says_something_never_goes_out_empty(answer: str, limit: int):
    says_something = any(unicodedata.category(char)[0] in "LNPSM" for char in answer.strip())
    assert bool(fit_for_sms(answer, limit)) == says_something


@given(st.text(st.characters(categories=["L"]), min_size=1, max_size=100))
def test_letters_arrive_as_they_were(answer: str):
    assert fit_for_sms(answer, 1600) == unicodedata.normalize("NFC", answer)


@pytest.mark.parametrize(
    "pattern",
    [
        "a",
        "a ",
        ".",
        " ",
        "\n- ",
        "…",
        "😀",
        "\u0301",
        "*",
        "[",
        "> ",
        "1. a\n",
        "http://",
        "(",
        "\x00",
        "’ж",
    ],
)
def test_a_megabyte_is_no_more_work_than_a_page(pattern: str):
    answer = pattern * (1_000_000 // len(pattern))
    assert utf16_units(fit_for_sms(answer, 1600)) <= 1600
    assert cpu_seconds(lambda: fit_for_sms(answer, 1600)) < 2
