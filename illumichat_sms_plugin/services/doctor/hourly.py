"""The Doctor's cheap checks of every channel once an hour, so that what changes at Twilio shows before texters notice.

What is wrong is kept with the channel and is among the reasons for which it needs attention. docs/decisions/doctor.md
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import Any

from sqlalchemy import or_, select, update

from illumichat_sms_plugin.errors import SmsError
from illumichat_sms_plugin.languages.kept import keep
from illumichat_sms_plugin.models import SmsChannel, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.channels import forget_channel
from illumichat_sms_plugin.services.doctor.checks import HOURLY, Check
from illumichat_sms_plugin.services.doctor.examination import Examination
from illumichat_sms_plugin.services.findings import Finding, Level, unknown

logger = logging.getLogger("illumichat_sms.doctor")

PAUSE = 3600.0
"""Seconds between two examinations of a channel."""
BATCH = 30
"""Channels of one round."""
ROUND = 45.0
"""Seconds after which a round begins with no further channel: Twilio may be slow."""
WORST_LAST = (Level.OK, Level.UNKNOWN, Level.WARNING, Level.PROBLEM)
_USED = (SmsChannel.account_sid.is_not(None), SmsChannel.confirmed_at.is_not(None), SmsChannel.enabled)


def examine_channels(runtime: Runtime) -> int:
    """Examine channels that are due, the longest unexamined first; returns how many."""
    until = time.monotonic() + ROUND
    done = 0
    while done < BATCH and time.monotonic() < until and (row := _claim()) is not None:
        _examine(runtime, row)
        done += 1
    return done


def _claim() -> Any:
    """The next channel, whose turn is over for an hour with this, whatever becomes of it."""
    is_due = or_(
        SmsChannel.examined_at.is_(None),
        SmsChannel.examined_at < db_now(-PAUSE),
        SmsChannel.examined_at > db_now(),
    )
    next_one = (
        select(SmsChannel.id)
        .where(*_USED, is_due)
        .order_by(SmsChannel.examined_at.is_not(None), SmsChannel.examined_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    with transaction() as connection:
        return connection.execute(
            update(SmsChannel)
            .where(SmsChannel.id == next_one.scalar_subquery(), is_due)
            .values(examined_at=db_now(), updated_at=SmsChannel.updated_at)
            .returning(
                SmsChannel.id,
                SmsChannel.assistant_id,
                SmsChannel.version,
                SmsChannel.examined_at,
                SmsChannel.examined_version,
                SmsChannel.found,
            )
        ).first()


def _examine(runtime: Runtime, row: Any) -> None:
    before = (row.found or []) if row.examined_version == row.version else []
    exam = Examination.begin(runtime, row.assistant_id)
    # That a channel is a draft, or shut out, is said already.
    is_usable = exam.channel is not None and exam.channel.may_answer
    found = [*_wrong(exam, {entry["name"]: entry for entry in before})] if is_usable else []
    with transaction() as connection:
        connection.execute(
            update(SmsChannel)
            .where(SmsChannel.id == row.id, SmsChannel.version == row.version)
            .where(SmsChannel.examined_at == row.examined_at)  # else it is to be examined anew
            .values(found=found or None, examined_version=row.version, updated_at=SmsChannel.updated_at)
        )
    if found != before:
        logger.info(
            "channel %s: %s", row.id, ", ".join(entry["name"] for entry in found) or "all is well again"
        )
        forget_channel(runtime, row.assistant_id)


def _wrong(exam: Examination, before: dict[str, dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """What is wrong now. What could not be looked at stays as it was ``before``."""
    for check in HOURLY:
        finding = _run(check, exam)
        if finding.level is Level.UNKNOWN:
            if check.name in before:
                yield before[check.name]
        elif check.tells_from is not None and WORST_LAST.index(finding.level) >= WORST_LAST.index(
            check.tells_from
        ):
            said = {"evidence": keep(finding.evidence), "fix": keep(finding.fix)}
            yield {"name": check.name, "evidence": finding.evidence, "fix": finding.fix, "said": said}


def _run(check: Check, exam: Examination) -> Finding:
    try:
        return check.run(exam)
    except SmsError as error:
        return unknown(str(error))
