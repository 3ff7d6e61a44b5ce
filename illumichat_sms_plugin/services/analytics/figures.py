"""The figures of one assistant's SMS channel over the last 7, 30 or 90 days of its workspace.

What they are worked out from is read in period.py. Each figure is defined in docs/decisions/analytics-roll-up.md.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from illumichat_sms_plugin.host import Assistant
from illumichat_sms_plugin.local_days import find_zone
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.cost import Cost, cost_of
from illumichat_sms_plugin.services.analytics.count_sessions import Sessions
from illumichat_sms_plugin.services.analytics.period import Period, read_period
from illumichat_sms_plugin.services.analytics.tally import NO_CODE, Tally
from illumichat_sms_plugin.services.analytics.wait_buckets import percentile
from illumichat_sms_plugin.services.channels import find_channel_id
from illumichat_sms_plugin.services.no_reply import Reason, explain_reason
from illumichat_sms_plugin.twilio_gateway.error_codes import Explanation, explain


@dataclass(frozen=True, slots=True)
class Messages:
    """Texts in, texts out (whatever became of them), and both."""

    total: int
    inbound: int
    outbound: int


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the workspace."""

    date: date
    inbound: int
    outbound: int
    segments: int
    delivered: int
    failed: int


@dataclass(frozen=True, slots=True)
class Failure:
    """Outbound texts that failed with one of Twilio's error codes; None where Twilio gave none."""

    code: int | None
    count: int

    @property
    def explanation(self) -> Explanation:
        """What the code means and what to do."""
        return explain(self.code)


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Inbound texts that the assistant did not answer, for one reason (``NoReply``)."""

    reason: str
    count: int

    @property
    def words(self) -> Reason:
        """What the reason means and what to do."""
        return explain_reason(self.reason)


@dataclass(frozen=True, slots=True)
class Wait:
    """Half of the texts waited at most ``p50`` seconds, 95 of 100 at most ``p95``; None without any.

    Right to within 2.5 %, see wait_buckets.py.
    """

    p50: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class TimeToAnswer:
    """``whole``: from the text to the delivered answer. ``assistant``: from the text until we called
    Twilio. ``twilio``: from there until it reported the answer as delivered. ``answered`` texts count
    for the assistant, ``delivered`` of them for the other two."""

    whole: Wait
    assistant: Wait
    twilio: Wait
    answered: int
    delivered: int


@dataclass(frozen=True, slots=True)
class Analytics:
    """All figures of a period. ``delivery_rate`` is 0 to 1, None without a final status."""

    days: int
    timezone: str
    messages: Messages
    segments_sent: int
    delivered: int
    failed: int
    delivery_rate: float | None
    cost: Cost
    sessions: Sessions
    daily: tuple[Day, ...]
    hourly: tuple[int, ...]
    """Texts in by the hour of the day, 0 to 23."""
    failures: tuple[Failure, ...]
    no_reply: tuple[Unanswered, ...]
    time_to_answer: TimeToAnswer


def analytics(runtime: Runtime, assistant: Assistant, days: int) -> Analytics:
    """The figures of the last ``days`` days (one of PERIODS) with today."""
    zone = find_zone(assistant.workspace.timezone)
    channel_id = find_channel_id(assistant.id)
    return work_out(runtime, read_period(runtime, channel_id, zone, days))


def work_out(runtime: Runtime, period: Period) -> Analytics:
    """Turn counts into figures."""
    total = period.total()
    texts = total.texts
    finals = texts["delivered"] + texts["failed"]
    list_price = Decimal(str(runtime.settings.segment_price))
    return Analytics(
        days=len(period.days),
        timezone=period.zone.key,
        messages=Messages(texts["inbound"] + texts["outbound"], texts["inbound"], texts["outbound"]),
        segments_sent=texts["segments"],
        delivered=texts["delivered"],
        failed=texts["failed"],
        delivery_rate=texts["delivered"] / finals if finals else None,
        cost=cost_of(total, list_price, runtime.settings.price_currency),
        sessions=period.sessions,
        daily=tuple(_day(day, period.tally(day)) for day in period.days),
        hourly=period.hourly,
        failures=_failures(total.failures),
        no_reply=tuple(Unanswered(reason, count) for reason, count in _most_first(total.no_reply)),
        time_to_answer=TimeToAnswer(
            whole=_wait(total.whole),
            assistant=_wait(total.assistant),
            twilio=_wait(total.twilio),
            answered=total.assistant.total(),
            delivered=total.whole.total(),
        ),
    )


def _day(day: date, tally: Tally) -> Day:
    names = ("inbound", "outbound", "segments", "delivered", "failed")
    return Day(day, *(tally.texts[name] for name in names))


def _failures(counts: Counter[str]) -> tuple[Failure, ...]:
    return tuple(
        Failure(None if code == NO_CODE else int(code), count) for code, count in _most_first(counts)
    )


def _most_first(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted((+counts).items(), key=lambda item: (-item[1], item[0]))


def _wait(counts: Counter[str]) -> Wait:
    buckets: list[tuple[Any, int]] = [(int(bucket), count) for bucket, count in counts.items()]
    return Wait(percentile(buckets, 0.5), percentile(buckets, 0.95))
