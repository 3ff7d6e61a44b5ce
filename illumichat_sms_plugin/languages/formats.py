"""Numbers and days as a language writes them. English has formats of its own, other languages have Babel's."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from illumichat_sms_plugin.languages.language import ENGLISH, Language

ENGLISH_DAYS = {
    "MMMd": "%-d %b",
    "MMMMd": "%B %-d",
    "yMMMd": "%-d %b %Y",
    "E": "%a",
    "yMMMEd": "%a %-d %b %Y",
    "yMMMEEEEd": "%A, %-d %b %Y",
    "yMMMdHm": "%-d %b %Y, %H:%M",
}
"""What of a day is shown, by Unicode's name for it, and how English does."""


def decimal(value: float | Decimal, language: Language, places: int | None = None) -> str:
    """1234.5 as ``1,234.5``, or with exactly so many places."""
    if language == ENGLISH:
        return f"{value:,}" if places is None else f"{value:,.{places}f}"
    from babel.numbers import format_decimal

    pattern = None if places is None else "#,##0" + ("." + "0" * places if places else "")
    exact = value if isinstance(value, int | Decimal) else Decimal(repr(value))
    return format_decimal(
        exact, pattern, locale=language.formats, decimal_quantization=places is not None, group_separator=True
    )


def percent(share: float, places: int, language: Language) -> str:
    """0.974 as ``97.4%``."""
    if language == ENGLISH:
        return f"{share:.{places}%}"
    from babel import Locale
    from babel.numbers import format_percent

    pattern = Locale.parse(language.formats).percent_formats[None].pattern
    wanted = pattern.replace("#,##0", "#,##0" + ("." + "0" * places if places else ""))
    return format_percent(Decimal(repr(share)), wanted, locale=language.formats)


def day(value: date, parts: str, language: Language) -> str:
    """A day, or a day with its minute, by one of the names in ``ENGLISH_DAYS``."""
    if language == ENGLISH:
        return value.strftime(ENGLISH_DAYS[parts])
    from babel.dates import format_date, format_skeleton

    if parts == "E":
        return format_date(value, "EEE", locale=language.formats)
    if parts == "yMMMEEEEd":
        return format_date(value, "full", locale=language.formats)
    if parts == "yMMMdHm" and isinstance(value, datetime):
        return f"{day(value.date(), 'yMMMd', language)}, {value:%H:%M}"
    return format_skeleton(parts, value, locale=language.formats)
