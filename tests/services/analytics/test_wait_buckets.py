"""Percentiles from buckets: never further from the truth than they say."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.services.analytics.wait_buckets import MAX_ERROR, bucket_of, percentile, seconds_in


@given(st.lists(st.floats(1, 1e9), min_size=1, max_size=300), st.sampled_from([0.0, 0.5, 0.95, 1.0]))
def test_a_percentile_is_at_most_two_and_a_half_percent_away(waits: list[float], share: float) -> None:
    exact = sorted(waits)[max(math.ceil(share * len(waits)) - 1, 0)]
    found = percentile(Counter(map(bucket_of, waits)).items(), share)
    assert found is not None
    assert found * 1000 == pytest.approx(exact, rel=MAX_ERROR + 1e-6)
    assert MAX_ERROR < 0.025


@pytest.mark.parametrize("milliseconds", [-5.0, 0.0, 0.3, 1.0])
def test_what_took_no_time_counts_as_a_millisecond(milliseconds: float) -> None:
    assert bucket_of(milliseconds) == 0
    assert seconds_in(0) == pytest.approx(0.001, rel=0.03)


def test_without_any_there_is_none() -> None:
    assert percentile([], 0.5) is None
