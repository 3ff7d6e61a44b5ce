"""From a host's locale to a language that the plugin has."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from babel import Locale

from illumichat_sms_plugin.languages import formats
from illumichat_sms_plugin.languages.language import ENGLISH, Language, language_of

NOON = datetime(2026, 11, 2, 9, 5)


@pytest.mark.parametrize(
    ("locale", "words", "form"),
    [
        ("de", "de", "de"),
        ("de_AT", "de", "de_AT"),
        ("de-at", "de", "de_AT"),
        ("DE_de.UTF-8", "de", "de_DE"),
        (Locale("es", "MX"), "es", "es_MX"),
        ("de_ZZZZ9", "de", "de"),
        ("en", "en", "en"),
        ("en_GB", "en", "en"),
        ("ja", "en", "en"),
        ("", "en", "en"),
        (None, "en", "en"),
        ("../../etc/passwd", "en", "en"),
        ("x" * 10_000, "en", "en"),
    ],
)
def test_the_nearest_language(locale: object, words: str, form: str) -> None:
    assert language_of(locale) == Language(words, form)


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        ("en", ["1,234", "1,234.50", "97.4%", "2 Nov 2026, 09:05", "Monday, 2 Nov 2026"]),
        ("de", ["1.234", "1.234,50", "97,4 %", "2. Nov. 2026, 09:05", "Montag, 2. November 2026"]),
        ("es", ["1.234", "1.234,50", "97,4 %", "2 nov 2026, 09:05", "lunes, 2 de noviembre de 2026"]),
        ("es_MX", ["1,234", "1,234.50", "97.4%", "2 nov 2026, 09:05", "lunes, 2 de noviembre de 2026"]),
    ],
)
def test_formats(locale: str, shown: list[str]) -> None:
    language = language_of(locale)
    made = [
        formats.decimal(1234, language),
        formats.decimal(Decimal("1234.5"), language, 2),
        formats.percent(0.974, 1, language),
        formats.day(NOON, "yMMMdHm", language),
        formats.day(NOON, "yMMMEEEEd", language),
    ]
    assert [text.replace("\u00a0", " ").replace("\u202f", " ") for text in made] == shown


@pytest.mark.parametrize("parts", formats.ENGLISH_DAYS)
@pytest.mark.parametrize("locale", ["de", "es", "de_CH", "es_AR"])
def test_every_format_is_there_in_every_language(parts: str, locale: str) -> None:
    assert formats.day(NOON, parts, language_of(locale))


def test_english_is_the_language_outside_of_pages() -> None:
    from illumichat_sms_plugin.languages.language import spoken

    assert spoken() == ENGLISH
