"""Limits so wide that a load test from a few numbers does not meet them."""

from __future__ import annotations

from typing import Any

NO_LIMITS = {
    "SMS_ANSWERS_PER_HOUR": "10000",
    "SMS_ANSWERS_PER_DAY": "100000",
    "SMS_SEGMENTS_PER_DAY_BOUND": "100000000",
    "SMS_MACHINE_ANSWERS": "10000",
}
"""Settings of the installation."""
WIDE: dict[str, Any] = {
    "answers_per_hour": 10_000,
    "answers_per_day": 100_000,
    "segments_per_day": 100_000_000,
}
"""Options of the channel."""
