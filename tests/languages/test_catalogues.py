"""The catalogues have every sentence of the pages, in every language."""

from __future__ import annotations

import re
from gettext import GNUTranslations

import pytest
from babel.messages.catalog import Catalog, Message

from illumichat_sms_plugin.languages.catalogues import TRANSLATED
from tools.words import (
    TEMPLATE,
    NoMessageError,
    collect,
    messages_of_code,
    messages_of_template,
    po_file,
    read,
    untranslated,
)

UPDATE = "run ./run words"
IMPORT = "from illumichat_sms_plugin.languages.wording import say, say_n\n"


@pytest.fixture(scope="module")
def collected() -> Catalog:
    return collect()


def forms(message: Message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple) else (message.id,)


def translations(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def ids(catalogue: Catalog) -> set[str | tuple[str, ...]]:
    return {message.id for message in catalogue if message.id}


def marks(text: str) -> list[str]:
    """The placeholders and tags, with their attributes, in any order."""
    return sorted(re.findall(r"\{\w*\}|</?\w[^>]*>|&\w+;", text))


def test_the_template_has_what_templates_and_code_say(collected: Catalog) -> None:
    assert ids(read(TEMPLATE)) == ids(collected), UPDATE


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_language_has_every_sentence(language: str, collected: Catalog) -> None:
    catalogue = read(po_file(language), language)
    assert ids(catalogue) == ids(collected), UPDATE
    assert untranslated(catalogue) == []
    assert [message.id for message in catalogue if message.fuzzy and message.id] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_places_and_tags_of_its_sentence(language: str) -> None:
    for message in read(po_file(language), language):
        if message.id:
            one, many = forms(message)[0], forms(message)[-1]
            for text in translations(message):
                assert marks(text) in (marks(one), marks(many)), message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    catalogue = read(po_file(language), language)
    with po_file(language).with_suffix(".mo").open("rb") as file:
        compiled = GNUTranslations(file)
    for message in catalogue:
        if message.id:
            found = (
                (compiled.ngettext(*message.id, 1), compiled.ngettext(*message.id, 2))
                if isinstance(message.id, tuple)
                else (compiled.gettext(message.id),)
            )
            assert found == translations(message), UPDATE


def test_what_is_said_is_found() -> None:
    code = f'{IMPORT}say("One" " {{name}}", name=say("x"))\nsay_n("{{n}} a", "{{n}} b", 3)\nother("no")'
    assert set(messages_of_code(code, "x")) == {"One {name}", "x", ("{n} a", "{n} b")}
    page = '{% macro m() %}{{ say("One") }}{% endmacro %}<a title="{{ say_n("{n} a", "{n} b {y}", x, y=say("Two")) }}">'
    assert set(messages_of_template(page, "x")) == {"One", "Two", ("{n} a", "{n} b {y}")}


@pytest.mark.parametrize(
    "call",
    ["say(words)", "say(f'{x}')", "say()", "say('')", "say_n('{n} a', x, 3)", "say('{a}')", "say('a', b=1)"],
)
def test_what_nobody_can_translate_is_refused(call: str) -> None:
    with pytest.raises(NoMessageError, match="x:2"):
        list(messages_of_code(IMPORT + call, "x"))
