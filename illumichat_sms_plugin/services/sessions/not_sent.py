"""What was written to a texter and never went out: the assistant's suggestions, and people's texts that wait or were refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select

from illumichat_sms_plugin.languages.wording import Wording, say
from illumichat_sms_plugin.models import SmsPersonText, SmsSuggestion
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.refusals import SENTENCES, Refusal
from illumichat_sms_plugin.services.answering.suggesting import Outcome, Why

WAITS = say("Waits to be sent")
UNDECIDED = say("A person has not decided on it yet.")
LAPSED = {
    Why.NEW_TEXT: say("A further text came."),
    Why.PERSON: say("A person wrote."),
    Why.TOO_OLD: say("It was not decided on in time."),
}
DECIDED = {
    Outcome.EDITED: say("A person sent it in other words."),
    Outcome.DISCARDED: say("A person discarded it."),
}


@dataclass(frozen=True, slots=True)
class NotSent:
    """Words for a texter that the texter never got: suggested by the assistant, or written by a person."""

    at: datetime
    body: str = field(repr=False)
    rest: str | None = field(repr=False)
    """What a suggestion lost at Max Message Length."""
    picture_url: str | None = field(repr=False)
    """The picture that a person's text was to bring along."""
    suggested: bool
    by: str | None
    """Who wrote it, or decided on the suggestion."""
    why: Wording


def not_sent(session_id: int, *, limit: int) -> list[NotSent]:
    """The newest ``limit`` of a session, the oldest first."""
    texts = select(SmsPersonText.__table__).where(
        SmsPersonText.session_id == session_id, SmsPersonText.message_id.is_(None)
    )
    suggestions = select(SmsSuggestion.__table__).where(
        SmsSuggestion.session_id == session_id,
        or_(SmsSuggestion.outcome.is_(None), SmsSuggestion.outcome != Outcome.SENT),
    )
    with transaction() as connection:
        written = connection.execute(texts.order_by(SmsPersonText.id.desc()).limit(limit)).all()
        suggested = connection.execute(suggestions.order_by(SmsSuggestion.id.desc()).limit(limit)).all()
    found = [
        NotSent(row.created_at, row.body, None, row.media_url, False, row.by_name, _why_not(row))
        for row in written
    ]
    found += [
        NotSent(row.created_at, row.body, row.rest or None, None, True, row.by_name, _became(row))
        for row in suggested
    ]
    return sorted(found, key=lambda one: one.at)[-limit:]


def _why_not(row: Row[Any]) -> Wording:
    return SENTENCES[Refusal(row.refused)] if row.refused else WAITS


def _became(row: Row[Any]) -> Wording:
    if row.outcome is None:
        return UNDECIDED
    return LAPSED[Why(row.why)] if row.outcome == Outcome.LAPSED else DECIDED[Outcome(row.outcome)]
