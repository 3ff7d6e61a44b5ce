"""What texts cost: real prices where known, an estimate for the rest, and no currency mixed with another."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from illumichat_sms_plugin.services.analytics.cost import SAMPLE, Amount, Cost, cost_of
from illumichat_sms_plugin.services.analytics.tally import Tally

LIST = Decimal("0.0083")


def cost(unpriced: int = 0, **billed: tuple[str, int]) -> Cost:
    """``USD=("0.0158", 2)`` is 0.0158 USD for two segments."""
    tally = Tally(
        money=Counter({unit: int(Decimal(amount) * 1_000_000) for unit, (amount, _) in billed.items()}),
        priced=Counter({unit: segments for unit, (_, segments) in billed.items()}),
        unpriced=Counter(segments=unpriced),
    )
    return cost_of(tally, LIST, "USD")


def test_nothing_costs_nothing() -> None:
    found = cost()
    assert (found.estimated, found.actual, found.coverage) == (0, None, None)


def test_without_any_price_the_list_price_counts() -> None:
    found = cost(unpriced=10)
    assert (found.estimated, found.actual, found.coverage) == (Decimal("0.083"), None, 0)
    assert (found.currency, found.rate_source) == ("USD", "list")


def test_known_prices_take_the_place_of_the_estimate() -> None:
    found = cost(unpriced=2, USD=("0.0158", 2))
    assert found.actual == Decimal("0.0158")
    assert found.estimated == Decimal("0.0158") + 2 * LIST
    assert found.coverage == 0.5
    assert cost(USD=("0.0158", 2)).estimated == Decimal("0.0158")
    assert cost(USD=("0.0158", 2)).coverage == 1


def test_a_channels_own_prices_are_a_better_guess_than_the_list_once_there_are_enough() -> None:
    few, enough = cost(unpriced=10, USD=("0.19", SAMPLE - 1)), cost(unpriced=10, USD=("0.20", SAMPLE))
    assert few.rate_source == "list"
    assert (enough.rate_source, enough.rate) == ("own", Decimal("0.01"))
    assert enough.estimated == Decimal("0.30")


def test_an_account_in_another_currency_is_estimated_from_its_own_prices_only() -> None:
    found = cost(unpriced=3, EUR=("0.07", 1))
    assert (found.currency, found.rate_source) == ("EUR", "own")
    assert found.estimated == Decimal("0.28")
    assert found.others == ()


def test_two_currencies_are_never_added() -> None:
    found = cost(USD=("0.10", 12), EUR=("0.07", 1))
    assert (found.actual, found.currency) == (Decimal("0.1"), "USD")
    assert found.others == (Amount(Decimal("0.07"), "EUR"),)
    assert found.coverage == 1


def test_a_price_of_nothing_is_a_price() -> None:
    found = cost(USD=("0", 3))
    assert (found.estimated, found.actual, found.coverage) == (0, 0, 1)
