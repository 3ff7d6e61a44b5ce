"""Figures as people read them: 1,234 · 97.4% · 10.12 USD · 4.2 s · 12 Aug · New York time."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from illumichat_sms_plugin.local_days import find_zone

NOTHING = "–"


def number(value: int) -> str:
    """1234567 as 1,234,567."""
    return f"{value:,}"


def percent(share: float | None) -> str:
    """0.974 as 97.4%; never 100% or 0% unless it is exactly that."""
    if share is None:
        return NOTHING
    if share in (0, 1):
        return f"{share:.0%}"
    return f"{min(max(share * 100, 0.1), 99.9):.1f}%"


def money(amount: Decimal | None, currency: str) -> str:
    """Cents, and more places for what would be a few of them."""
    if amount is None:
        return NOTHING
    places = 2 if amount == 0 or amount >= 1 else 4
    return f"{amount:,.{places}f}\u00a0{currency}"


def seconds(value: float | None) -> str:
    """0.04 s, 4.2 s, 48 s, 3 min 20 s, 2 h 5 min."""
    if value is None:
        return NOTHING
    if value < 10:
        return f"{value:.2f}\u00a0s" if value < 1 else f"{value:.1f}\u00a0s"
    whole = round(value)
    minutes, left = divmod(whole, 60)
    if minutes == 0:
        return f"{whole}\u00a0s"
    if minutes < 60:
        return f"{minutes}\u00a0min {left}\u00a0s" if left else f"{minutes}\u00a0min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}\u00a0h {minutes}\u00a0min" if minutes else f"{hours}\u00a0h"


def day(value: date) -> str:
    """12 Aug."""
    return f"{value.day} {value:%b}"


def weekday(value: date) -> str:
    """Wed."""
    return f"{value:%a}"


def long_day(value: date) -> str:
    """Wed 12 Aug 2026."""
    return f"{value:%a} {value.day} {value:%b %Y}"


def hour(value: int) -> str:
    """09:00."""
    return f"{value:02}:00"


def long_hour(value: int) -> str:
    """09:00 to 10:00; the last of the day ends at 24:00."""
    return f"{hour(value)} to {hour(value + 1)}"


def zone(name: str) -> str:
    """Whose time it is: America/New_York as New York time; UTC and the like as they are."""
    key = find_zone(name).key
    area, _, place = key.rpartition("/")
    if not area or area == "Etc":
        return place
    return f"{place.replace('_', ' ')} time"
