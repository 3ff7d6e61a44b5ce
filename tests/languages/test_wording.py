"""A sentence is English for programs and in the reader's language on a page."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from dataclasses import asdict, dataclass
from decimal import Decimal
from gettext import NullTranslations

import pytest
from jinja2 import Environment
from markupsafe import Markup

from illumichat_sms_plugin.languages import catalogues
from illumichat_sms_plugin.languages.language import Language, speaking
from illumichat_sms_plugin.languages.wording import (
    Wording,
    joined,
    say,
    say_html,
    say_html_n,
    say_n,
    translated,
)

SHOUTED = Language("shouted", "de")
"""A language for these tests: everything in capitals, numbers in the German way."""


class Shouting(NullTranslations):
    def gettext(self, message: str) -> str:
        return message.upper().replace("{NAME}", "{name}").replace("{N}", "{n}")

    def ngettext(self, one: str, many: str, n: int) -> str:
        return self.gettext(one if n == 1 else many)


@pytest.fixture(autouse=True)
def shouted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(catalogues._loaded, "shouted", Shouting())


def on_a_page(value: object, template: str = "{{ value }}") -> str:
    environment = Environment(autoescape=True)
    with speaking(SHOUTED):
        return environment.from_string(template).render(value=value)


def test_a_template_shows_it_in_the_language_of_the_page() -> None:
    assert on_a_page(say("Enabled")) == "ENABLED"
    assert on_a_page(say("Enabled"), '<p title="{{ value }}">{{ [value, "x"]|join(", ") }}</p>') == (
        '<p title="ENABLED">ENABLED, x</p>'
    )


def test_outside_of_a_page_it_is_english() -> None:
    assert Environment(autoescape=True).from_string("{{ value }}").render(value=say("Enabled")) == "Enabled"


def test_programs_see_english_also_while_a_page_is_made(caplog: pytest.LogCaptureFixture) -> None:
    sentence = say("Hello {name}", name="Ada")
    with speaking(SHOUTED):
        assert sentence == "Hello Ada"
        assert {sentence: 1}["Hello Ada"] == 1
        assert json.loads(json.dumps({"say": sentence})) == {"say": "Hello Ada"}
        assert type(pickle.loads(pickle.dumps(sentence))) is str
        assert f"{sentence}!" == "Hello Ada!"
        with caplog.at_level(logging.WARNING):
            logging.getLogger("words").warning("%s", sentence)
    assert caplog.messages == ["Hello Ada"]


def test_a_copied_dataclass_keeps_its_language() -> None:
    @dataclass
    class Row:
        text: str

    assert on_a_page(asdict(Row(say("Enabled")))["text"]) == "ENABLED"
    assert on_a_page(copy.copy(say("Enabled"))) == "ENABLED"


@pytest.mark.parametrize(
    ("value", "english", "shown"),
    [
        ("Ada", "Hello Ada", "HELLO Ada"),
        (say("you"), "Hello you", "HELLO YOU"),
        (1200, "Hello 1,200", "HELLO 1.200"),
        (Decimal("1.5"), "Hello 1.5", "HELLO 1,5"),
        ("1200", "Hello 1200", "HELLO 1200"),
        ("<b>{x}", "Hello <b>{x}", "HELLO &lt;b&gt;{x}"),
        (True, "Hello True", "HELLO True"),
    ],
)
def test_values_are_shown_as_what_they_are(value: object, english: str, shown: str) -> None:
    sentence = say("Hello {name}", name=value)
    assert sentence == english
    assert on_a_page(sentence) == shown


def test_a_plural() -> None:
    assert [say_n("{n} text", "{n} texts", n) for n in (0, 1, 1200)] == ["0 texts", "1 text", "1,200 texts"]
    assert on_a_page(say_n("{n} text", "{n} texts", 1200)) == "1.200 TEXTS"


def test_wordings_are_joined() -> None:
    both = say("One.") + " " + say("Two.")
    assert isinstance(both, Wording)
    assert (both, on_a_page(both)) == ("One. Two.", "ONE. TWO.")
    assert on_a_page("x: " + say("one")) == "x: ONE"
    assert on_a_page(joined(", ", [say("a"), "b", say("c")])) == "A, b, C"


def test_a_sentence_from_the_database_is_translated_as_a_whole() -> None:
    assert on_a_page(translated("Enabled")) == "ENABLED"
    assert on_a_page(translated("")) == ""


def test_what_a_template_says_is_html_and_its_values_are_not() -> None:
    with speaking(SHOUTED):
        assert say_html("<b>Hi</b> {name}", name="<i>") == Markup("<B>HI</B> &lt;i&gt;")
        assert say_html("Hi {name}", name=Markup("<bdi>a</bdi>")) == Markup("HI <bdi>a</bdi>")
        assert say_html("Hi {name}", name=say("you & I")) == Markup("HI YOU &amp; I")
        assert say_html("Hi {name}", name=1200) == Markup("HI 1.200")
        assert say_html("{} in braces") == Markup("{} IN BRACES")
        assert say_html_n("{n} text", "{n} texts", 2) == Markup("2 TEXTS")


def test_a_column_stores_the_english() -> None:
    from sqlalchemy import Column, MetaData, String, Table, create_engine, insert, select

    table = Table("kept", MetaData(), Column("text", String))
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(insert(table), {"text": say("Hello {name}", name=3)})
        assert connection.scalar(select(table.c.text)) == "Hello 3"
