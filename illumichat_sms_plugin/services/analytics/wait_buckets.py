"""Waiting times as counts in buckets that grow by 5 %, so that they add up over hours and days.

A percentile read from the buckets is the middle of the right one: at most 2.5 % away from the true
value, whatever the distribution (under a millisecond counts as one). Keeping every time would make
the percentiles of 90 busy days cost as much as reading all their messages.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

GROWTH = 1.05
MAX_ERROR = math.sqrt(GROWTH) - 1
"""How far a percentile may be from the true one, as a share of it."""
_LOG = math.log(GROWTH)


def bucket_of(milliseconds: float) -> int:
    """The bucket of a waiting time; 0 for everything up to a millisecond."""
    return int(math.log(milliseconds) / _LOG) if milliseconds > 1 else 0


def seconds_in(bucket: int) -> float:
    """The waiting time that stands for all in the bucket, in seconds."""
    return math.pow(GROWTH, bucket + 0.5) / 1000


def percentile(counts: Iterable[tuple[int, int]], share: float) -> float | None:
    """The waiting time in seconds within which ``share`` (0 to 1) of all lie; None without any.

    ``counts`` are ``(bucket, count)``. Nearest rank: a time that somebody really waited.
    """
    ordered = sorted(counts)
    rank = math.ceil(share * sum(count for _, count in ordered))
    for bucket, count in ordered:
        rank -= count
        if rank <= 0:
            return seconds_in(bucket)
    return None
