"""Ask Twilio about drafts, and about accounts that it has shut out since, ever less often."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from illumichat_sms_plugin.models import SmsChannel, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.one_of import one_of
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.channels import (
    FIRST_LOOK,
    LOOK_AT_UNREADABLE,
    Channel,
    forget_channel,
    load_channel_by_id,
)
from illumichat_sms_plugin.services.setup.confirmation import after_asking
from illumichat_sms_plugin.services.setup.ownership import Asked, Verdict, ask_for_number
from illumichat_sms_plugin.services.setup.release_number import take_from_wrong_holder

logger = logging.getLogger("illumichat_sms.setup")

LONGEST_PAUSE = 6 * 3600.0
"""Seconds between two looks at an account that Twilio goes on refusing."""
UNANSWERED_PAUSE = 600.0
"""The same while Twilio does not answer at all, which is not the account's fault."""
BATCH = 10
"""Accounts looked at in one round: what waits in the same thread must not wait long."""
CLAIM = 120.0
"""Seconds after which a look whose process died is taken up by another."""
MAX_LOOKS = 20
"""More are not counted: the pause is at its longest by then."""


def look_at_accounts(runtime: Runtime) -> int:
    """Ask about those that are due; returns how many may be used from now on."""
    return sum(_look(runtime, row) for row in _claim_due())


def _claim_due() -> Sequence[Any]:
    """Rows of a channel's id, version and looks."""
    due = (
        select(SmsChannel.id)
        .where(SmsChannel.look_at <= db_now())
        .order_by(SmsChannel.look_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    with transaction() as connection:
        return connection.execute(
            update(SmsChannel)
            .where(one_of(connection, SmsChannel.id, due), SmsChannel.look_at <= db_now())
            .values(look_at=db_now(CLAIM), updated_at=SmsChannel.updated_at)
            .returning(SmsChannel.id, SmsChannel.version, SmsChannel.looks)
        ).all()


def _look(runtime: Runtime, row: Any) -> bool:
    channel = load_channel_by_id(runtime, row.id)
    if channel is None or not channel.needs_a_look:
        _write(row, look_at=None, looks=0)
        return False
    if channel.credentials is None:
        _write(row, look_at=db_now(LOOK_AT_UNREADABLE))
        return False
    verdict = ask_for_number(runtime, channel.credentials, channel.phone_number, token=channel.auth_token)
    if verdict.asked is Asked.OWNED:
        return _let_in(runtime, channel, row, verdict)
    longest = LONGEST_PAUSE if verdict.asked is Asked.REFUSED else UNANSWERED_PAUSE
    _write(row, **after_asking(verdict, is_confirmed=channel.is_confirmed), **_later(row, longest))
    forget_channel(runtime, channel.assistant_id)
    return False


def _later(row: Any, longest: float) -> dict[str, Any]:
    pause = min(FIRST_LOOK * 2.0**row.looks, longest)
    return {"look_at": db_now(pause), "looks": min(row.looks + 1, MAX_LOOKS)}


def _let_in(runtime: Runtime, channel: Channel, row: Any, verdict: Verdict) -> bool:
    """Twilio says yes; only another assistant that rightly has the number is in the way of a draft then."""
    assert channel.credentials is not None  # noqa: S101 - they were asked about
    values = after_asking(verdict, is_confirmed=channel.is_confirmed)
    done = _write_unless_taken(row, values) or (
        take_from_wrong_holder(runtime, channel.credentials, channel.phone_number)
        and _write_unless_taken(row, values)
    )
    if done:
        logger.info("channel %s: Twilio accepts its credentials", channel.id)
    else:
        in_use = {"number_in_use": True, "attention_code": None, "attention_at": None}
        _write(row, **in_use, **_later(row, LONGEST_PAUSE))
    forget_channel(runtime, channel.assistant_id)
    return done


def _write_unless_taken(row: Any, values: dict[str, Any]) -> bool:
    try:
        _write(row, **values)
    except IntegrityError:
        return False
    return True


def _write(row: Any, **values: Any) -> None:
    """Write down what was found, unless somebody has saved since."""
    with transaction() as connection:
        connection.execute(
            update(SmsChannel)
            .where(SmsChannel.id == row.id, SmsChannel.version == row.version)
            .values(updated_at=SmsChannel.updated_at, **values)
        )
