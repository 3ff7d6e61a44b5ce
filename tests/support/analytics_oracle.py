"""The figures once more, worked out from the rows one by one, without SQL, roll-up or buckets."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from illumichat_sms_plugin.models import SmsMessage, SmsSession
from illumichat_sms_plugin.services.analytics.figures import Analytics, Wait
from illumichat_sms_plugin.services.analytics.wait_buckets import MAX_ERROR

LIST_PRICE = Decimal("0.0083")


class Oracle:
    """All figures of a channel's last ``days`` days at ``now``."""

    def __init__(
        self, connection: Connection, channel_id: int, zone: ZoneInfo, now: datetime, days: int
    ) -> None:
        self.days = [now.astimezone(zone).date() - timedelta(days=back) for back in range(days)][::-1]
        self.zone = zone
        everything = connection.execute(
            select(SmsMessage.__table__).where(SmsMessage.channel_id == channel_id)
        ).all()
        self.by_id = {row.id: row for row in everything}
        rows = [row for row in everything if not row.is_test and self.day_of(row) in self.days]
        self.inbound = [row for row in rows if row.direction == "inbound"]
        self.outbound = [row for row in rows if row.direction == "outbound"]
        self.texts_of: dict[int, list[Any]] = {}
        for row in everything:
            if row.answer_id is not None:
                self.texts_of.setdefault(row.answer_id, []).append(row)
        real = {row.session_id for row in everything if not row.is_test}
        tests = {row.session_id for row in everything if row.is_test} - real
        self.sessions = [
            row
            for row in connection.execute(
                select(SmsSession.__table__).where(SmsSession.channel_id == channel_id)
            )
            if row.id not in tests and row.last_message_at.astimezone(zone).date() >= self.days[0]
        ]
        self.now = now

    def day_of(self, row: Any) -> date:
        return row.created_at.astimezone(self.zone).date()

    def check(self, shown: Analytics) -> None:
        """Compare every figure."""
        delivered = [row for row in self.outbound if self.fate(row) == "delivered"]
        failed = [row for row in self.outbound if self.fate(row) == "failed"]
        accepted = [row for row in self.outbound if row.send_state == "accepted"]
        assert shown.messages.inbound == len(self.inbound)
        assert shown.messages.outbound == len(self.outbound)
        assert shown.messages.total == len(self.inbound) + len(self.outbound)
        assert shown.segments_sent == sum(row.segments for row in accepted)
        assert (shown.delivered, shown.failed) == (len(delivered), len(failed))
        finals = len(delivered) + len(failed)
        assert shown.delivery_rate == (len(delivered) / finals if finals else None)
        assert {item.code: item.count for item in shown.failures} == Counter(row.error_code for row in failed)
        assert {item.reason: item.count for item in shown.no_reply} == Counter(
            row.no_reply_reason for row in self.inbound if row.no_reply_reason
        )
        self._check_days(shown, delivered, failed, accepted)
        self._check_cost(shown)
        self._check_sessions(shown)
        self._check_waits(shown)

    @staticmethod
    def fate(row: Any) -> str | None:
        if row.send_state == "failed":
            return "failed"
        if row.send_state != "accepted":
            return None
        if row.status in ("delivered", "read"):
            return "delivered"
        return "failed" if row.status in ("failed", "undelivered", "canceled") else None

    def _check_days(self, shown: Analytics, *outbound: Sequence[Any]) -> None:
        delivered, failed, accepted = outbound
        assert [day.date for day in shown.daily] == self.days
        for day in shown.daily:
            on_day = [
                sum(self.day_of(row) == day.date for row in rows)
                for rows in (self.inbound, self.outbound, delivered, failed)
            ]
            assert [day.inbound, day.outbound, day.delivered, day.failed] == on_day
            assert day.segments == sum(row.segments for row in accepted if self.day_of(row) == day.date)
        # A UTC hour counts for the local hour in which it begins.
        begun = Counter(
            row.created_at.replace(minute=0, second=0, microsecond=0).astimezone(self.zone).hour
            for row in self.inbound
        )
        assert shown.hourly == tuple(begun[hour] for hour in range(24))

    def _check_cost(self, shown: Analytics) -> None:
        money: Counter[str] = Counter()
        priced: Counter[str] = Counter()
        unpriced = 0
        for row in (*self.inbound, *self.outbound):
            if row.price is not None:
                money[row.price_unit] += int(row.price * 1_000_000)
                priced[row.price_unit] += row.segments
            elif row.direction == "inbound" or (
                row.send_state == "accepted" and row.status not in ("failed", "canceled")
            ):
                unpriced += row.segments
        cost = shown.cost
        everything = priced.total() + unpriced
        assert cost.coverage == (priced.total() / everything if everything else None)
        if not priced:
            assert (cost.actual, cost.currency, cost.rate_source) == (None, "USD", "list")
            assert cost.estimated == LIST_PRICE * unpriced
            return
        assert priced[cost.currency] == max(priced.values())
        assert cost.actual == Decimal(money[cost.currency]) / 1_000_000
        own = cost.currency != "USD" or priced["USD"] >= 20
        rate = cost.actual / priced[cost.currency] if own else LIST_PRICE
        assert cost.rate_source == ("own" if own else "list")
        assert abs(cost.estimated - (cost.actual + rate * unpriced)) < Decimal("0.00001")
        others = {other.currency: other.amount * 1_000_000 for other in cost.others}
        assert others == {unit: money[unit] for unit in money if unit != cost.currency}

    def _check_sessions(self, shown: Analytics) -> None:
        phones = [row for row in self.sessions if row.phone_number.startswith("+")]
        lately = [row for row in phones if row.last_message_at >= self.now - timedelta(days=1)]
        active = [row for row in lately if row.opted_out_at is None and row.blocked_at is None]
        linked = [row for row in phones if row.contact_id is not None]
        created = sum(row.contact_created for row in linked)
        assert shown.sessions.total == len(phones)
        assert shown.sessions.active == len(active)
        assert (shown.sessions.contacts_created, shown.sessions.contacts_matched) == (
            created,
            len(linked) - created,
        )

    def _check_waits(self, shown: Analytics) -> None:
        assistant, twilio, whole = [], [], []
        for answer in self.outbound:
            if answer.kind != "answer" or answer.send_state != "accepted":
                continue
            for text in self.texts_of.get(answer.id, []):
                asked = text.sent_at or text.created_at
                thought = (answer.created_at - asked).total_seconds()
                assistant.append(thought)
                if answer.status in ("delivered", "read") and answer.final_at is not None:
                    took = (answer.final_at - answer.created_at).total_seconds()
                    twilio.append(took)
                    whole.append(thought + took)
        times = shown.time_to_answer
        assert (times.answered, times.delivered) == (len(assistant), len(whole))
        for wait, exact in ((times.assistant, assistant), (times.twilio, twilio), (times.whole, whole)):
            _check_wait(wait, sorted(exact))


def _check_wait(wait: Wait, exact: list[float]) -> None:
    for shown, share in ((wait.p50, 0.5), (wait.p95, 0.95)):
        if not exact:
            assert shown is None
            continue
        true = max(exact[math.ceil(share * len(exact)) - 1], 0.001)
        assert shown is not None
        # Time in SQLite is exact to the millisecond.
        assert abs(shown - true) <= true * MAX_ERROR + 0.002, (shown, true)
