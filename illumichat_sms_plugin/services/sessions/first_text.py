"""Follow the first text of a channel, so that whoever has just connected it sees it come in and be answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from illumichat_sms_plugin.message_status import MessageStatus, is_final
from illumichat_sms_plugin.models import Direction, SmsMessage
from illumichat_sms_plugin.models.database import read_now, transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.inbound.rejections import flush_rejections, recent_rejections
from illumichat_sms_plugin.services.sessions.message_words import Words, message_words

LATELY = timedelta(minutes=10)
"""A refused webhook that is older says nothing about a text that was sent just now."""


class Stage(StrEnum):
    """How far the text has come."""

    WAITING = "waiting"
    REFUSED = "refused"
    """Nothing came in, and a webhook for a text was refused lately."""
    THINKING = "thinking"
    UNANSWERED = "unanswered"
    ON_ITS_WAY = "on_its_way"
    ARRIVED = "arrived"
    FAILED = "failed"


OVER = frozenset({Stage.UNANSWERED, Stage.ARRIVED, Stage.FAILED})
"""Nothing more happens."""


@dataclass(frozen=True, slots=True)
class FirstText:
    """The newest text that came in, and its answer."""

    stage: Stage
    number: str = field(default="", repr=False)
    at: datetime | None = None
    session_id: int | None = None
    answer: str = field(default="", repr=False)
    words: Words | None = None
    """The state of the answer, or why there is none."""

    @property
    def is_over(self) -> bool:
        """Whether there is nothing to wait for."""
        return self.stage in OVER


def follow_first_text(runtime: Runtime, channel_id: int) -> FirstText:
    """See how far it has come."""
    newest = (
        select(SmsMessage.__table__)
        .where(
            SmsMessage.channel_id == channel_id,
            SmsMessage.direction == Direction.INBOUND.value,
            ~SmsMessage.is_test,
        )
        .order_by(SmsMessage.created_at.desc(), SmsMessage.id.desc())
        .limit(1)
    )
    with transaction() as connection:
        text = connection.execute(newest).first()
        reply = (
            select(SmsMessage.__table__).where(SmsMessage.id == text.answer_id)
            if text and text.answer_id
            else None
        )
        answer = connection.execute(reply).first() if reply is not None else None
    if text is None:
        return FirstText(Stage.REFUSED if _was_refused(runtime, channel_id) else Stage.WAITING)
    came = {"number": text.from_number, "at": text.created_at, "session_id": text.session_id}
    if answer is not None:
        words = message_words(answer)
        return FirstText(_stage_of(answer.status, words), **came, answer=answer.body, words=words)
    if text.no_reply_reason:
        return FirstText(Stage.UNANSWERED, **came, words=message_words(text))
    return FirstText(Stage.THINKING, **came)


def _stage_of(status: str | None, words: Words) -> Stage:
    if words.tone == "bad":
        return Stage.FAILED
    return Stage.ARRIVED if status is not None and is_final(MessageStatus(status)) else Stage.ON_ITS_WAY


def _was_refused(runtime: Runtime, channel_id: int) -> bool:
    flush_rejections(runtime)
    since = read_now() - LATELY
    return any(row.route == "inbound" and row.last_at > since for row in recent_rejections(channel_id))
