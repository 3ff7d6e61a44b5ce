"""What the texts cost: Twilio's prices as far as they are known, an estimate for the rest.

docs/decisions/cost-estimate.md says why it is done this way.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from illumichat_sms_plugin.services.analytics.tally import Tally

MILLION = Decimal(1_000_000)
SAMPLE = 20
"""Segments whose price must be known before their average is a better guess than the list price."""

RateSource = Literal["list", "own"]


@dataclass(frozen=True, slots=True)
class Amount:
    """Money in one currency (ISO 4217)."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of a period in ``currency``.

    ``actual`` is what Twilio has billed so far, None when no price is known. ``estimated`` is the
    same plus a guess for the rest. ``coverage`` is the share (0 to 1) of the segments whose price is
    known, None when nothing costs anything. ``rate`` is what a segment without a price counts as, and
    ``rate_source`` where that is from: the list price in the settings, or this channel's own prices.
    ``others`` is what was billed in further currencies; it is in no other figure.
    """

    estimated: Decimal
    actual: Decimal | None
    currency: str
    coverage: float | None
    rate: Decimal
    rate_source: RateSource
    others: tuple[Amount, ...]


def cost_of(tally: Tally, list_price: Decimal, list_currency: str) -> Cost:
    """The cost of what was counted; ``list_price`` is per segment."""
    priced = {currency: tally.priced[currency] for currency in sorted(tally.money)}
    currency = max(priced, key=lambda unit: priced[unit]) if priced else list_currency
    actual = tally.money[currency] / MILLION if priced else None
    known, unknown = priced.get(currency, 0), tally.unpriced["segments"]
    own = actual is not None and known > 0 and (known >= SAMPLE or currency != list_currency)
    rate = actual / known if own and actual is not None else list_price
    all_segments = sum(priced.values()) + unknown
    return Cost(
        estimated=_rounded((actual or Decimal(0)) + rate * unknown),
        actual=actual,
        currency=currency,
        coverage=sum(priced.values()) / all_segments if all_segments else None,
        rate=_rounded(rate),
        rate_source="own" if own else "list",
        others=tuple(Amount(tally.money[unit] / MILLION, unit) for unit in priced if unit != currency),
    )


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.000001"))
