"""Figures as people read them: 1,234 · 97.4% · 10.12 USD · 4.2 s · 12 Aug · New York time.

Each is English as a string and written in the reader's way on a page.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from illumichat_sms_plugin.languages import formats
from illumichat_sms_plugin.languages.language import Language
from illumichat_sms_plugin.languages.wording import Wording, say
from illumichat_sms_plugin.local_days import find_zone

NOTHING = "–"


def number(value: int) -> Wording:
    """1234567 as 1,234,567."""
    return Wording(lambda language: formats.decimal(value, language))


def percent(share: float | None) -> str:
    """0.974 as 97.4%; never 100% or 0% unless it is exactly that."""
    if share is None:
        return NOTHING
    if share in (0, 1):
        return Wording(lambda language: formats.percent(share, 0, language))
    shown = min(max(share, 0.001), 0.999)
    return Wording(lambda language: formats.percent(shown, 1, language))


def money(amount: Decimal | None, currency: str) -> str:
    """Cents, and more places for what would be a few of them."""
    if amount is None:
        return NOTHING
    places = 2 if amount == 0 or amount >= 1 else 4
    return Wording(lambda language: f"{formats.decimal(amount, language, places)}\u00a0{currency}")


def seconds(value: float | None) -> str:
    """0.04 s, 4.2 s, 48 s, 3 min 20 s, 2 h 5 min; the units are those of every language."""
    if value is None:
        return NOTHING
    if value < 10:
        places = 2 if value < 1 else 1
        return Wording(lambda language: f"{formats.decimal(value, language, places)}\u00a0s")
    whole = round(value)
    minutes, left = divmod(whole, 60)
    if minutes == 0:
        return f"{whole}\u00a0s"
    if minutes < 60:
        return f"{minutes}\u00a0min {left}\u00a0s" if left else f"{minutes}\u00a0min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}\u00a0h {minutes}\u00a0min" if minutes else f"{hours}\u00a0h"


def day(value: date) -> Wording:
    """12 Aug."""
    return _day(value, "MMMd")


def weekday(value: date) -> Wording:
    """Wed."""
    return _day(value, "E")


def long_day(value: date) -> Wording:
    """Wed 12 Aug 2026."""
    return _day(value, "yMMMEd")


def hour(value: int) -> str:
    """09:00."""
    return f"{value:02}:00"


def long_hour(value: int) -> Wording:
    """09:00 to 10:00; the last of the day ends at 24:00."""
    return say("{start} to {end}", start=hour(value), end=hour(value + 1))


def zone(name: str) -> str:
    """Whose time it is: America/New_York as New York time; UTC and the like as they are."""
    key = find_zone(name).key
    area, _, place = key.rpartition("/")
    if not area or area == "Etc":
        return place
    return say("{place} time", place=place.replace("_", " "))


def _day(value: date, parts: str) -> Wording:
    def tell(language: Language) -> str:
        return formats.day(value, parts, language)

    return Wording(tell)
