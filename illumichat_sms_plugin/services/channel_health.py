"""Do the texts of a channel arrive? Judged by what became of the last ones, whichever way that was learnt.

Card, page, JSON API, metrics, Doctor and notices all read :func:`failing`: docs/decisions/channel-health.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, Select, select

from illumichat_sms_plugin.languages.wording import say
from illumichat_sms_plugin.models import Direction, SendState, SmsMessage, db_now
from illumichat_sms_plugin.twilio_gateway.error_codes import Explanation, explain, is_opt_out

LOOKED_AT = 20
"""The newest outcomes that are judged."""
IN_A_ROW, MANY = 3, 10
"""Failures since the last delivery, or among those looked at, that make a channel's trouble."""
RECIPIENTS = 2
"""One number that cannot be reached says nothing about the channel."""
NEWEST = 300
"""Texts, in and out, among which outcomes are looked for."""
AMONG, CHANNELS = 1_000, 50
"""So many of the newest texts of all channels, and so many channels, are looked at for the metrics."""
WEEK = 7 * 86400.0
FAILED = ("failed", "undelivered")
ARRIVED = ("delivered", "read")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a text: it failed, with Twilio's ``code`` if there is one, or it arrived."""

    session_id: int
    failed: bool
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Failing:
    """``failed`` of the last ``of`` texts did not arrive, most of them with ``code``."""

    failed: int
    of: int
    code: int | None

    @property
    def explanation(self) -> Explanation:
        """The code in words."""
        return explain(self.code)

    @property
    def sentence(self) -> str:
        """What is the matter."""
        return say(
            "{failed} of the last {number} texts did not arrive. {explanation}",
            failed=self.failed,
            number=self.of,
            explanation=self.explanation.sentence,
        )


def failing(outcomes: Sequence[Outcome]) -> Failing | None:
    """Whether the newest outcomes, the newest first, say that texts do not arrive; None while they do.

    Who has opted out is no trouble of the channel's. A delivery ends a row of failures.
    """
    judged = [outcome for outcome in outcomes if not (outcome.failed and is_opt_out(outcome.code))][
        :LOOKED_AT
    ]
    row = list(takewhile(lambda outcome: outcome.failed, judged))
    among = [outcome for outcome in judged if outcome.failed]
    for failures, enough in ((row, IN_A_ROW), (among, MANY)):
        if len(failures) >= enough and len({one.session_id for one in failures}) >= RECIPIENTS:
            code = Counter(one.code for one in failures).most_common(1)[0][0]
            return Failing(len(among), len(judged), code)
    return None


def read_outcomes(connection: Connection, channel_id: int) -> list[Outcome]:
    """What became of a channel's texts of the last week, the newest first."""
    columns = (SmsMessage.session_id, SmsMessage.status, SmsMessage.send_state, SmsMessage.error_code)
    newest: Sequence[Any] = connection.execute(
        select(*columns, SmsMessage.direction)
        .where(SmsMessage.channel_id == channel_id, SmsMessage.created_at > db_now(-WEEK))
        .order_by(SmsMessage.created_at.desc())
        .limit(NEWEST)
    ).all()
    return [
        Outcome(row.session_id, row.status not in ARRIVED, row.error_code)
        for row in newest
        if row.direction == Direction.OUTBOUND.value
        and (row.send_state == SendState.FAILED or row.status in (*FAILED, *ARRIVED))
    ]


def suspects() -> Select[int]:
    """Up to ``CHANNELS`` channels with a failure among the newest texts of all."""
    newest = (
        select(SmsMessage.channel_id, SmsMessage.status, SmsMessage.send_state)
        .order_by(SmsMessage.id.desc())
        .limit(AMONG)
        .subquery()
    )
    failed = (newest.c.send_state == SendState.FAILED) | newest.c.status.in_(FAILED)
    return select(newest.c.channel_id).where(failed).distinct().limit(CHANNELS)


def count_failing(connection: Connection) -> int:
    """How many channels, of the suspects, have texts that do not arrive."""
    found = connection.scalars(suspects()).all()
    return sum(failing(read_outcomes(connection, channel_id)) is not None for channel_id in found)
