"""Who waits for a person: sessions that a person shall answer, and sessions with a text that waits for a decision."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, text

from illumichat_sms_plugin.models import SmsMessage, SmsSession
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.message import FOR_PERSON, UNSETTLED

COUNTED = 1000
"""Sessions of a kind that are counted at most."""

REACHABLE = and_(SmsSession.opted_out_at.is_(None), SmsSession.blocked_at.is_(None))
NOBODY_YET = and_(SmsSession.person_by.is_(None), SmsSession.person_by_host.is_(False))
UNANSWERED = exists(SmsMessage.id).where(SmsMessage.session_id == SmsSession.id, text(FOR_PERSON))
FOR_PEOPLE: ColumnElement[bool] = or_(
    SmsSession.person_since.is_not(None), SmsSession.suggested_at.is_not(None)
)
WAITS_FOR_A_PERSON = and_(FOR_PEOPLE, REACHABLE, or_(NOBODY_YET, UNANSWERED.correlate(SmsSession)))
"""Sessions that the assistant has handed off and nobody has taken, with a text for a person, or with a suggestion."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Sessions of a channel, ``COUNTED`` of each kind at most. A session may be of both kinds."""

    for_an_answer: int = 0
    for_a_decision: int = 0

    def __bool__(self) -> bool:
        return bool(self.for_an_answer or self.for_a_decision)


def who_waits(channel_id: int | None) -> Waiting:
    """Which sessions wait for people now; nobody waits without a channel."""
    if channel_id is None:
        return Waiting()
    answers = select(SmsSession.id).where(SmsSession.channel_id == channel_id, WAITS_FOR_A_PERSON)
    decisions = select(SmsMessage.session_id).where(SmsMessage.channel_id == channel_id, text(UNSETTLED))
    with transaction() as connection:
        for_an_answer, for_a_decision = connection.execute(
            select(_counted(answers), _counted(decisions.distinct()))
        ).one()
    return Waiting(for_an_answer, for_a_decision)


def _counted(sessions: Select[int]) -> ColumnElement[int]:
    some = sessions.limit(COUNTED).subquery()
    return select(func.count()).select_from(some).scalar_subquery()
