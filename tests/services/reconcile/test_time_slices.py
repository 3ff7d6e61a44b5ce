"""A long list is read from its oldest end, in pieces, completely."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from illumichat_sms_plugin.services.reconcile.time_slices import read_slices
from illumichat_sms_plugin.twilio_gateway.values import ListedText
from tests.support.listed_texts import listed_text

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
SINCE = NOW - timedelta(hours=48)


class Log:
    """A list of texts as Twilio gives it: newest first, whole seconds, both ends included."""

    def __init__(self, seconds_ago: Sequence[int], limit: int) -> None:
        moments = sorted(seconds_ago)
        self.texts = [
            listed_text(sid=f"SM{n:04}", date_sent=NOW - timedelta(seconds=ago))
            for n, ago in enumerate(moments)
        ]
        self.limit, self.calls = limit, 0

    def read(self, start: datetime, end: datetime | None) -> list[ListedText]:
        self.calls += 1
        found = [
            text
            for text in self.texts
            if text.date_sent is not None
            and start <= text.date_sent
            and (end is None or text.date_sent <= end)
        ]
        return found[: self.limit]


def read_all(log: Log) -> list[list[str]]:
    return [
        [text.sid for text in reversed(texts)] for _, texts in read_slices(log.read, SINCE, NOW, log.limit)
    ]


def test_a_short_list_is_read_at_once() -> None:
    log = Log(range(10, 1000, 10), limit=200)
    assert len(read_all(log)) == 1
    assert log.calls == 1


def test_a_number_with_fifty_texts_a_minute_is_read_for_all_of_48_hours() -> None:
    """144,000 texts, in slices of at most 5,000."""
    every = 60 / 50
    log = Log([int(n * every) for n in range(1, 144_000)], limit=5000)
    slices = read_all(log)
    assert {sid for texts in slices for sid in texts} == {text.sid for text in log.texts}
    assert log.calls < 60, "few slices are read in vain"


@given(
    st.lists(st.integers(1, 48 * 3600 - 1), max_size=300, unique=True).map(sorted),
    st.integers(2, 40),
)
def test_nothing_is_left_out_and_the_order_is_kept(seconds_ago: list[int], limit: int) -> None:
    log = Log(seconds_ago, limit)
    first_seen = list(dict.fromkeys(sid for texts in read_all(log) for sid in texts))
    longest = max((sum(a - 2 <= b <= a for b in seconds_ago) for a in seconds_ago), default=0)
    if longest < limit:
        assert first_seen == [text.sid for text in reversed(log.texts)]


def test_a_burst_within_a_second_ends_too() -> None:
    log = Log([100] * 500, limit=50)
    slices = read_all(log)
    assert max(len(texts) for texts in slices) == 50


def test_ends_of_slices_go_up_to_now() -> None:
    log = Log(range(1, 5000), limit=500)
    ends = [end for end, _ in read_slices(log.read, SINCE, NOW, log.limit)]
    assert ends == sorted(ends)
    assert ends[-1] == NOW
