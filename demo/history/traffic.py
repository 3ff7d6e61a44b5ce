"""Makes the traffic up: who texts when, what becomes of it. Writes nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from demo.history.plugin_words import long_answer, plain_wish, unclear_wish, wrong_number
from demo.history.words import APOLOGY, CHATS, CODES, REACTIONS
from illumichat_sms_plugin.local_days import last_days, local_date, start_of_day
from illumichat_sms_plugin.models import NoReply
from illumichat_sms_plugin.text.segments import count_segments

CHATS_A_DAY = (52, 58, 56, 54, 60, 33, 19)
"""Conversations on a Monday, Tuesday, … when the number is new; by the end a third more."""
HOURS = (1, 1, 0, 0, 0, 1, 3, 8, 18, 30, 34, 30, 24, 26, 30, 32, 30, 26, 20, 16, 12, 8, 4, 2)
"""How busy each hour of the day is."""
TROUBLE = ((30003, 8), (30005, 3), (30006, 4), (30007, 2), (30008, 2))
"""Twilio's codes of texts that were not delivered, and how often."""
FILTERED_DAY, OUTAGE_DAY, OFF_DAY, LATE_DAY, ROBOT_DAY = 55, 23, 40, 71, 12
"""Days ago on which carriers filtered, the assistant failed, SMS was off, no worker ran, a machine texted."""
STRANGERS = (
    (9, "+19005550142", "Call us back for your prize", NoReply.COSTLY_NUMBER),
    (8, "+491701234567", "Sind Sie morgen da?", NoReply.COUNTRY),
    (6, "+13125550177", "I'm driving and will reply later. (Automatic reply)", NoReply.AUTO_REPLY),
    (31, "+13125550181", "You again? Call me!!", NoReply.BLOCKED),
    (37, "+13125550192", "Do you deliver to the suburbs?", NoReply.NOT_ALLOWED),
    (43, "+13125550195", "Can I pay by invoice?", NoReply.DISCARDED),
    (47, "+13125550196", "Is next Sunday possible?", NoReply.LAPSED),
    (41, "+13125550193", "Is anybody there?", NoReply.PAUSED),
)
"""Every so many days a text that the plugin keeps away from the assistant: from where, what, and why."""
RARITIES = ((0.005, plain_wish), (0.004, unclear_wish), (0.02, long_answer), (0.002, wrong_number))
"""How often a conversation ends with one of these."""
PRICES = (Decimal("0.0079"), Decimal("0.0083"), Decimal("0.0083"), Decimal("0.0113"))
PICTURE_PRICE = Decimal("0.0165")
PRICED_AFTER = timedelta(hours=20)


@dataclass(slots=True)
class Texter:
    """One phone."""

    number: str
    weight: float
    opted_out_at: datetime | None = None
    has_contact: bool = False
    consent: list[tuple[str, datetime]] = field(default_factory=list)


@dataclass(slots=True)
class Text:
    """One text; what it has depends on its direction as in ``sms_messages``."""

    at: datetime
    texter: Texter
    body: str
    reason: NoReply | None = None
    has_picture: bool = False
    answer: Text | None = None
    kind: str | None = None
    send_state: str | None = None
    status: str | None = None
    error_code: int | None = None
    accepted_at: datetime | None = None
    final_at: datetime | None = None
    price: Decimal | None = None
    our_number: str | None = None
    """Where it is not the channel's own."""
    rest: str | None = None
    rest_sent_as: Text | None = None

    @property
    def is_inbound(self) -> bool:
        return self.kind is None

    @property
    def segments(self) -> int:
        return segments_of(self.body)


@cache
def segments_of(body: str) -> int:
    return count_segments(body).segments


class Town:
    """All texters of one number, day after day."""

    def __init__(self, seed: int, zone: ZoneInfo, now: datetime) -> None:
        self.zone, self.now = zone, now
        self.seed = seed
        self.dice = random.Random(seed)
        self.texters: list[Texter] = []
        self.used: set[str] = set()

    def live(self, days: int) -> list[Text]:
        """All texts of the last ``days`` days until now, in order."""
        today = local_date(self.now, self.zone)
        texts: list[Text] = []
        for ago, day in zip(range(days - 1, -1, -1), last_days(today, days), strict=True):
            # Of its own for each day: the same day comes out the same, whatever the time of day is now.
            self.dice = random.Random(f"{self.seed}/{day}")
            texts += self.spend_day(day, ago, growth=1 + (days - ago) / days / 3)
        known = [text for text in texts if text.at < self.now]
        for text in known:
            self.hide_the_future(text)
        return sorted(known, key=lambda text: text.at)

    def spend_day(self, day: date, ago: int, growth: float) -> Iterator[Text]:
        chats = round(self.dice.gauss(CHATS_A_DAY[day.weekday()] * growth, 4))
        midnight = start_of_day(day, self.zone)
        hours = sorted(self.dice.choices(range(24), HOURS, k=max(chats, 0)))
        for hour in hours:
            start = midnight + timedelta(hours=hour, seconds=self.dice.uniform(0, 3600))
            if start < self.now:
                yield from self.chat(start, ago, hour)
        if ago % 7 == 3:
            code = Texter("72975", 0)
            yield Text(midnight + timedelta(hours=11), code, self.dice.choice(CODES), NoReply.NOT_A_PHONE)
        for days, number, body, reason in STRANGERS:
            if ago % days == 5:
                yield Text(midnight + timedelta(hours=10 + days % 7), Texter(number, 0), body, reason)
        if ago == ROBOT_DAY:
            yield from self.robot(midnight + timedelta(hours=13))

    def chat(self, at: datetime, ago: int, hour: int) -> Iterator[Text]:
        texter = self.somebody()
        if texter.opted_out_at is not None and self.dice.random() < 0.2:
            texter.opted_out_at = None
            texter.consent.append(("opt_in", at))
            yield self.inbound(at, texter, "START", NoReply.KEYWORD)
            return
        for question, answer in self.dice.choice(CHATS):
            yield from self.turn(at, texter, question, answer, self.trouble(texter, ago, hour))
            at += timedelta(seconds=self.dice.lognormvariate(4.3, 0.7))
            if self.dice.random() < 0.25:
                break
        yield from self.farewell(at, texter)
        if texter.opted_out_at is None and ago not in (OFF_DAY, OUTAGE_DAY, LATE_DAY):
            yield from self.rarity(at + timedelta(minutes=5), texter)

    def farewell(self, at: datetime, texter: Texter) -> Iterator[Text]:
        if texter.opted_out_at is not None:
            return
        chance = self.dice.random()
        if chance < 0.012:
            texter.opted_out_at = at
            texter.consent.append(("opt_out", at))
            yield self.inbound(at, texter, "STOP", NoReply.KEYWORD)
        elif chance < 0.018:
            yield self.inbound(at, texter, "HELP", NoReply.KEYWORD)
        elif chance < 0.045:
            yield self.inbound(at, texter, self.dice.choice(REACTIONS), NoReply.REACTION)

    def rarity(self, at: datetime, texter: Texter) -> Iterator[Text]:
        """What the plugin sees to by itself."""
        chance, seen = self.dice.random(), 0.0
        for share, kind in RARITIES:
            seen += share
            if chance < seen:
                yield from kind(self, at, texter)
                return

    def trouble(self, texter: Texter, ago: int, hour: int) -> NoReply | None:
        if texter.opted_out_at is not None:
            return NoReply.OPTED_OUT
        if ago == OFF_DAY and 12 <= hour < 15:
            return NoReply.DISABLED
        if ago == LATE_DAY and 3 <= hour < 9:
            return NoReply.STALE
        if ago == OUTAGE_DAY and 14 <= hour < 16:
            return NoReply.ASSISTANT_FAILED
        chance = self.dice.random()
        if chance < 0.004:
            return NoReply.TAKEN_OVER
        return NoReply.ASSISTANT_FAILED if chance < 0.005 else None

    def turn(
        self, at: datetime, texter: Texter, question: str, answer: str, reason: NoReply | None
    ) -> Iterator[Text]:
        asked = self.inbound(at, texter, question, reason)
        asked.has_picture = question.startswith("This is what") or self.dice.random() < 0.01
        if asked.has_picture:
            asked.price = PICTURE_PRICE
        yield asked
        if reason is NoReply.ASSISTANT_FAILED:
            asked.answer = self.outbound(at + timedelta(seconds=25), texter, APOLOGY, "apology")
            yield asked.answer
        elif reason is None:
            thinking = self.dice.lognormvariate(1.15, 0.42)
            asked.answer = self.outbound(at + timedelta(seconds=thinking), texter, answer, "answer")
            if asked.answer.send_state == "failed":
                asked.reason = NoReply.SEND_FAILED
            yield asked.answer

    def inbound(self, at: datetime, texter: Texter, body: str, reason: NoReply | None) -> Text:
        price = PRICES[1] * segments_of(body)
        return Text(at, texter, body, reason, price=price)

    def outbound(self, at: datetime, texter: Texter, body: str, kind: str) -> Text:
        text = Text(at, texter, body, kind=kind, send_state="accepted", status="delivered")
        text.accepted_at = at + timedelta(seconds=self.dice.uniform(0.12, 0.5))
        text.final_at = at + timedelta(seconds=0.5 + self.dice.lognormvariate(0.35, 0.55))
        text.price = self.dice.choice(PRICES) * text.segments
        filtered = (local_date(self.now, self.zone) - local_date(at, self.zone)).days == FILTERED_DAY
        chance = self.dice.random()
        if chance < (0.22 if filtered else 0.028):
            codes, weights = zip(*TROUBLE, strict=True)
            text.status = "undelivered"
            text.error_code = 30007 if filtered else self.dice.choices(codes, weights)[0]
            text.final_at = at + timedelta(seconds=self.dice.lognormvariate(2.5, 0.8))
        elif chance > 0.998:
            text.send_state, text.status, text.error_code = "failed", None, 21614
            text.accepted_at = text.final_at = text.price = None
        elif chance > 0.985:  # carriers that report nothing
            text.status, text.final_at = "sent", None
        return text

    def robot(self, at: datetime) -> Iterator[Text]:
        """Another machine answers our answers until the limit stops it; from then on it is known for one."""
        texter = self.newcomer()
        for count in range(75):
            reason = NoReply.MACHINE if count >= 66 else NoReply.RATE_LIMITED if count >= 60 else None
            yield from self.turn(
                at + timedelta(seconds=20 * count),
                texter,
                "Please reply with your full name.",
                "I'm an assistant.",
                reason,
            )

    def somebody(self) -> Texter:
        if not self.texters or self.dice.random() < 0.3:
            return self.newcomer()
        return self.dice.choices(self.texters, [texter.weight for texter in self.texters])[0]

    def newcomer(self) -> Texter:
        while (
            number := f"+1{self.dice.choice(('212', '646', '917', '347'))}555{self.dice.randrange(10000):04}"
        ) in self.used:
            pass
        self.used.add(number)
        texter = Texter(number, self.dice.paretovariate(1.2), has_contact=self.dice.random() < 0.12)
        self.texters.append(texter)
        return texter

    def hide_the_future(self, text: Text) -> None:
        """What has not happened yet, and the prices that Twilio does not know yet."""
        if text.answer is not None and text.answer.at >= self.now:
            text.answer, text.reason = None, text.reason or NoReply.TAKEN_OVER
        if text.final_at is not None and text.final_at >= self.now:
            text.status, text.final_at, text.error_code = "sent", None, None
        if text.at > self.now - PRICED_AFTER:
            text.price = None
