"""The page proposes limits from the last 30 days, and says when answers are long."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from illumichat_sms_plugin.channel_options import ChannelOptions
from illumichat_sms_plugin.services.analytics.cost import Cost
from illumichat_sms_plugin.services.analytics.lately import ThirtyDays
from illumichat_sms_plugin.services.setup.limit_advice import propose, segments_of_an_answer


def figures(spent: str, *, outbound: int = 100, busiest: int = 10, segments: int = 200) -> ThirtyDays:
    cost = Cost(Decimal(spent), None, "USD", 0.0, Decimal("0.0083"), "list", ())
    return ThirtyDays(cost, outbound, segments, busiest)


@pytest.mark.parametrize(
    ("spent", "per_day", "per_month"),
    [("12.34", "2.5", "25"), ("1234", "250", "2500"), ("0.1234", "0.03", "0.25"), ("0.001", "0.01", "0.01")],
)
def test_a_proposal_leaves_room(spent: str, per_day: str, per_month: str) -> None:
    found = propose(ChannelOptions(), figures(spent))
    assert found is not None
    assert (found.per_day, found.per_month) == (Decimal(per_day), Decimal(per_month))


def test_nothing_is_proposed_where_a_limit_is_set_or_nothing_was_spent() -> None:
    assert propose(ChannelOptions(), figures("0")) is None
    for given in ({"money_per_day": "1"}, {"money_per_month": "5"}):
        assert propose(replace(ChannelOptions(), **given), figures("12")) is None


@pytest.mark.parametrize(
    ("outbound", "segments", "said"), [(100, 300, None), (100, 301, 3.01), (9, 90, None), (0, 0, None)]
)
def test_long_answers_are_worth_a_word(outbound: int, segments: int, said: float | None) -> None:
    assert segments_of_an_answer(figures("1", outbound=outbound, segments=segments)) == said
