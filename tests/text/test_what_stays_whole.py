"""An address, number, path or amount of an answer arrives whole or not at all; what is cut off is kept."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from illumichat_sms_plugin.text.cutting import cut
from illumichat_sms_plugin.text.markdown.plain_text import plain_text
from illumichat_sms_plugin.text.reply_text import fit, next_part
from illumichat_sms_plugin.text.segments import graphemes, utf16_units
from tests.support.examples import pure, soup_of
from tests.text.markdown.test_content_is_kept import soup

tails = st.text(st.sampled_from("abz09_-~.=&*"), max_size=12).map(lambda text: text + "7")
WHOLE = st.one_of(
    tails.map("https://q7.example/{}".format),
    tails.map("https://q7.example/(_{}_)?a=*1*&b_2".format),
    tails.map("q7.example/_docs_/{}".format),
    st.sampled_from(("_q7_@example.com", "q7.a_b@example.com", "q7+x@mail.example")),
    st.sampled_from(
        ("C:\\q7\\_x_\\y", "\\\\q7\\_share_\\x", "/srv/_q7_/x", "q7_v1_final.txt", "@_q7_", "q7*x*2")
    ),
    st.sampled_from(("+1 (555) 777-0107", "555-777-0107", "+49 30 7770107", "DE89 3704 0044 0532 0137 07")),
    st.sampled_from(
        ("$7,707.70", "7 707,70 EUR", "***-**-7707", "****7707", "*7707#", "*77*07#", "7*7*0", "2**70")
    ),
)
plain_words = soup_of(
    ("see ", "we ", "are ", "open ", "It ", "is. ", "und ", "重要 ", "ok, "), min_size=1, max_size=12
).map(str.rstrip)


def whole_or_absent(thing: str, text: str) -> bool:
    return thing in text or not any(part in text for part in ("q7", "777", "707", "7*7"))


@pure
@given(soup, WHOLE, soup)
def test_in_any_markdown(before: str, thing: str, after: str):
    assume("&" not in before[-8:] and "7" not in before + after)
    text = plain_text(f"{before} {thing} {after}")
    assert whole_or_absent(thing, text), text


@given(plain_words, WHOLE, plain_words, st.integers(20, 120))
def test_in_a_text_that_is_cut(before: str, thing: str, after: str, limit: int):
    shown, rest = cut(f"{before} {thing} {after}", limit)
    assert whole_or_absent(thing, shown), shown
    assert whole_or_absent(thing, rest), rest


def letters(text: str) -> list[str]:
    return [char for char in text if char.isalnum()]


@pure
@given(st.text(max_size=120) | plain_words, st.integers(10, 120))
def test_what_is_shown_and_what_is_left_are_the_whole_text(text: str, limit: int):
    assume(all(utf16_units(grapheme) <= limit // 2 for grapheme in graphemes(text)))
    shown, rest = cut(text, limit)
    assert letters(shown + rest) == letters(text)
    assert utf16_units(shown) <= limit


@given(st.text(max_size=900) | plain_words.map(lambda words: f"{words} " * 12), st.integers(50, 200))
def test_asking_for_the_rest_until_nothing_is_left_gives_everything_once(answer: str, limit: int):
    whole = fit(answer, 100_000).shown
    parts, rest = [], whole
    while rest:
        part = next_part(rest, limit)
        assert len(part.rest) < len(rest)
        assert utf16_units(part.shown) <= limit
        parts.append(part.shown)
        rest = part.rest
    assert letters("".join(parts)) == letters(whole)
