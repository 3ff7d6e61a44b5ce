"""Record that a session's texter looks like a machine, and when it no longer does.

The caller has locked the session.
"""

from __future__ import annotations

import logging

from sqlalchemy import JSON, Connection, bindparam, case, update

from illumichat_sms_plugin.languages.kept import keep
from illumichat_sms_plugin.models import SmsSession, db_now
from illumichat_sms_plugin.models.base import UtcDateTime
from illumichat_sms_plugin.services.answering.decide import why_a_machine
from illumichat_sms_plugin.services.answering.moves import Close
from illumichat_sms_plugin.services.answering.situation import Situation

logger = logging.getLogger("illumichat_sms.answer")

_ASLEEP = (
    update(SmsSession)
    .where(SmsSession.id == bindparam("session"))
    .values(
        machine_at=db_now(),
        machine_evidence=case(
            (bindparam("already"), SmsSession.machine_evidence), else_=bindparam("evidence")
        ),
        machine_said=case(
            (bindparam("already"), SmsSession.machine_said),
            else_=bindparam("said", type_=JSON(none_as_null=True)),
        ),
    )
)
_WAKE = (
    update(SmsSession)
    .where(SmsSession.id == bindparam("session"))
    .values(awake_at=bindparam("since", type_=UtcDateTime))
)


def fall_asleep(connection: Connection, situation: Situation, move: Close) -> None:
    """The texts of ``move`` look like a machine's. Keep the first evidence."""
    evidence = why_a_machine(situation, move.texts[0]) or ""
    already = situation.is_asleep
    if not already:
        logger.warning("session %s: looks like a machine. %s", situation.session.id, evidence)
    kept = {"evidence": evidence[:200], "said": keep(evidence)}
    connection.execute(_ASLEEP, {"session": situation.session.id, "already": already} | kept)


def wake(connection: Connection, situation: Situation) -> None:
    """A different text has come at a person's pace. Texts before it no longer count as evidence."""
    since = min(
        (turn.at for turn in situation.turns if turn.id == situation.texts[0].id), default=situation.now
    )
    since = max(since, situation.session.machine_at or since)
    connection.execute(_WAKE, {"session": situation.session.id, "since": since})
