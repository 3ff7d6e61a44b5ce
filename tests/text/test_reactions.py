"""Tapbacks get no answer; a sentence that begins like one does."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.text.reactions import LONGEST, is_reaction, languages
from tests.support.cpu_time import cpu_seconds
from tests.support.examples import pure

TABLE = tomllib.loads((files("illumichat_sms_plugin.text") / "reactions.toml").read_text("utf-8"))
QUOTATIONS = ("“ok”", "„ok“", "„ok”", "«ok»", "« ok »", '"ok"', "”ok”", "»ok«", "「ok」", "“\u200aok\u200a”")


@pytest.mark.parametrize(
    "body",
    [
        "Liked “See you at 5”",
        'Liked "See you at 5"',
        'Loved "Your order is ready"',
        "Disliked “Traffic is bad”",
        "Laughed at “lol ok”",
        "Emphasized “Don’t forget”",
        "Emphasised “Don’t forget”",
        "Questioned “Dinner at 8?”",
        "Loved an image",
        "Laughed at a movie",
        "Liked an audio message",
        "Reacted 🎉 to “We won”",
        "Reacted 👍🏽 to “Cut short by the pho…”",
        "Reacted ❤️ to “ok”",
        "Reacted 👨‍👩‍👧 to “ok”",
        "Reacted 🇩🇪 to “ok”",
        "Reacted ‼️ to “ok”",
        "Reacted with a sticker to “ok”",
        "Removed a heart from “ok”",
        "Removed a like from an image",
        "Removed an exclamation from “ok”",
        "Removed a question mark from “ok”",
        'Removed 😂 from "ok"',
        "👍 to “ok”",
        '👍 to "You still coming over?"',
        "\u200a\u200b👍\u200b to “\u200aok\u200a”\u200a",
        "Liked “two\nlines”",
        "Liked “She said “hi” to me”",
        "Liked “She said “hi…”",
        'Liked "She said "hi" to me"',
        " Liked “ok” \n",
        "A adoré « superbe »",
        "A aimé «\u00a0à demain\u00a0»",
        "N’a pas aimé « bof »",
        "A réagi 😂 à « Eh beh »",
        "A retiré la réaction 😂 de « Eh beh »",
        "a attribué la mention « J’aime » à « ok »",
        '\u200a\u200b👍\u200b à "\u200aJ\'ai besoin du code\u200a"\u200a',
        "Le encantó “hola”",
        "Le gustó una imagen",
        "Le dio risa “hola”",
        "Reaccionó con 😂 a “hola”",
    ],
)
def test_what_a_phone_writes_for_a_tap_is_a_reaction(body: str):
    assert is_reaction(body)


@pytest.mark.parametrize(
    "body",
    [
        "I liked the blue one",
        "Liked it a lot",
        "Loved it",
        "Liked “this” and “that”",
        'Liked "this" and "that"',
        "Loved “Titanic”, what else should I watch?",
        "Loved “Titanic”. Do you have more like “Alien”",
        'Loved the "blue" one',
        "“Liked”",
        "“ok”",
        "Listen to “Thriller”",
        'Reacted well to "your plan"',
        "Removed a heart from my list",
        "Removed a page from “my book”, is that allowed?",
        "Laughed at a movie yesterday",
        "Questioned by the police, what now?",
        "5 to “ten”",
        "to “ten”",
        "👍",
        "👍 to that",
        "👍 see you at “Joe’s”",
        "A aimé",
        "A réagi vite à « x »",
        "Le gustó mucho",
        "What does Liked “ok” mean?",
        "",
    ],
)
def test_an_ordinary_text_is_none(body: str):
    assert not is_reaction(body)


@given(st.text(min_size=1).filter(lambda text: not set(text) & set("“”\u200a\u200b\ufeff") and text.strip()))
def test_a_tap_on_any_message_is_a_reaction(quoted: str):
    assert is_reaction(f"Loved “{quoted}”")
    assert is_reaction(f"Reacted 👍 to “{quoted}”")


@pure
@given(st.text() | st.text('Liked “”"«» aà👍\ufe0f\u200d\n'))
def test_any_text_is_either(body: str):
    assert is_reaction(body) in (True, False)


@pytest.mark.parametrize(
    "pattern", ['a" "', "”“", "““", '" ', "👍", "👍\u200d", "👍\ufe0f", "« ", "“a”", "a", "\u200b", "Liked “"]
)
@pytest.mark.parametrize("start", ["", "Liked “", 'Liked "', "Reacted ", "A aimé « "])
def test_no_text_takes_long(start: str, pattern: str):
    assert cpu_seconds(lambda: is_reaction((start + pattern * LONGEST)[:LONGEST])) < 0.15
    assert cpu_seconds(lambda: is_reaction(start + pattern * 100_000)) < 0.15


def written(shape: str, quoted: str) -> str:
    """What a phone writes whose words are ``shape``."""
    with_emoji = shape.replace("{emoji}", "👍🏽")
    return with_emoji.replace("{quote}", quoted) if "{quote}" in with_emoji else f"{with_emoji} {quoted}"


def test_the_words_of_twenty_languages_and_more_are_known():
    assert {
        "en",
        "es",
        "fr",
        "de",
        "pt",
        "it",
        "nl",
        "sv",
        "no",
        "da",
        "fi",
        "pl",
        "cs",
        "hu",
        "ru",
        "tr",
        "ja",
        "ko",
        "zh",
        "ar",
    } <= set(languages())


@pytest.mark.parametrize("code", sorted(TABLE))
def test_every_wording_of_the_table_is_a_reaction_in_any_quotation_marks(code: str):
    words = TABLE[code]
    missed = [
        written(shape, quoted)
        for shape in words["shapes"]
        for quoted in QUOTATIONS
        if not is_reaction(written(shape, quoted))
    ]
    missed += [
        written(shape, thing)
        for shape in words["shapes"]
        for thing in words["things"]
        if not is_reaction(written(shape, thing))
    ]
    assert missed == []


@pytest.mark.parametrize("code", sorted(TABLE))
def test_no_wording_is_a_reaction_with_something_behind_it(code: str):
    for shape in TABLE[code]["shapes"]:
        assert not is_reaction(written(shape, "“ok”") + " 5 pm?")
        assert not is_reaction("Hello, " + written(shape, "“ok”"))


@pytest.mark.parametrize(
    "body",
    [
        "Le Gusta “ok”",
        "Понравилось «ок»",
        "Посмеялись над «ок»",
        "Lo av “ok”",
        'Реакция \u200b👍\u200b на "\u200aок\u200a"',
    ],
)
def test_phones_of_other_languages_react(body: str):
    assert is_reaction(body)


@pytest.mark.parametrize("pattern", ["“", "Liked “", "a“b”", "👍", "\u200b", "«»", "„“", '"a'])
def test_ten_thousand_characters_take_no_time(pattern: str):
    is_reaction("Liked “ok”")
    for length in (LONGEST, 10_000):
        body = ("Liked " + pattern * length)[:length]
        assert cpu_seconds(lambda body=body: is_reaction(body)) < 0.05
