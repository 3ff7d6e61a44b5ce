"""Tapbacks get no answer; a sentence that begins like one does."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.text.reactions import LONGEST, is_reaction


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


@given(st.text() | st.text('Liked “”"«» aà👍\ufe0f\u200d\n'))
def test_any_text_is_either(body: str):
    assert is_reaction(body) in (True, False)


@pytest.mark.parametrize(
    "pattern", ['a" "', "”“", "““", '" ', "👍", "👍\u200d", "👍\ufe0f", "« ", "“a”", "a", "\u200b", "Liked “"]
)
@pytest.mark.parametrize("start", ["", "Liked “", 'Liked "', "Reacted ", "A aimé « "])
def test_no_text_takes_long(start: str, pattern: str):
    started = time.process_time()
    is_reaction((start + pattern * LONGEST)[:LONGEST])
    is_reaction(start + pattern * 100_000)
    assert time.process_time() - started < 0.3
