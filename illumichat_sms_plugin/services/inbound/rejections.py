"""Keep refused webhooks for a week, without what was in them, and say why they were refused.

The request that is refused only leaves a note in memory. A moment later a thread of the same process
looks into the few small samples, forgets them, and adds to one row per channel, reason and minute. One
round runs at a time and has a budget of CPU; what is beyond it is counted and not examined. So a forger
costs us a bounded number of writes and a bounded share of a core, however much he sends.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Row, delete, func, select
from sqlalchemy.exc import SQLAlchemyError

from illumichat_sms_plugin.languages.kept import keep
from illumichat_sms_plugin.models import SmsRejection, db_now
from illumichat_sms_plugin.models.database import insert_or_conflict, transaction
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.channels import find_channel
from illumichat_sms_plugin.services.inbound.authenticate import WebhookRequest
from illumichat_sms_plugin.services.inbound.explaining import Budget, Found, explain
from illumichat_sms_plugin.services.inbound.rejection_diagnosis import Reason, Refused

logger = logging.getLogger("illumichat_sms.rejections")

KEPT_FOR = 7 * 86400.0
MAX_FIELDS = 60
"""Fields of a form that is looked into; Twilio sends some thirty, and twenty more with ten pictures."""
MAX_SAMPLE = 8192
"""Bytes of a form, and of everything else of a request, that is looked into; Twilio's have a tenth of that."""
MAX_HOST = 100


def note_refusal(
    runtime: Runtime, received: WebhookRequest, host_hints: Sequence[str], prefix_hint: str = ""
) -> None:
    """Remember for a moment that ``received`` was refused; does no query that authenticating has not done.

    ``host_hints`` and ``prefix_hint`` are what the request's headers say about the address.
    """
    channel = find_channel(runtime, received.assistant_id)
    if channel is None:
        return
    route = "status" if received.path.startswith("/api/sms/status/") else "inbound"
    sample = (channel, _sample(received, host_hints, prefix_hint)) if _is_small(received) else None
    if runtime.rejections.note((channel.id, route), sample):
        _flush_later(runtime)


def _is_small(received: WebhookRequest) -> bool:
    rest = (received.path, received.query, received.signature or "", received.settings_header or "")
    return (
        len(received.params) <= MAX_FIELDS
        and len(received.tail) <= MAX_SAMPLE
        and sum(map(len, rest)) <= MAX_SAMPLE
    )


def _sample(received: WebhookRequest, host_hints: Sequence[str], prefix_hint: str) -> Refused:
    return Refused(
        path=received.path,
        query=received.query,
        params=received.params,
        tail=received.tail,
        signature=received.signature,
        settings_header=received.settings_header,
        host_hints=tuple(hint for hint in host_hints if hint and len(hint) <= MAX_HOST),
        prefix_hint=prefix_hint[:MAX_HOST],
    )


def _flush_later(runtime: Runtime) -> None:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    runtime.rejections.plan(lambda: _flush_in_thread(app, runtime))


def _flush_in_thread(app: Flask, runtime: Runtime) -> None:
    with app.app_context():
        try:
            flush_rejections(runtime)
        except SQLAlchemyError as error:
            logger.warning("refused webhooks could not be written down: %s", type(error).__name__)
        if runtime.rejections.wants_round():
            _flush_later(runtime)


def flush_rejections(runtime: Runtime) -> int:
    """Examine and write down what this process has noted; returns how many refusals that were.

    One round at a time: while another thread is at it, this waits for it and then does what is left.
    """
    written = 0
    with runtime.rejections.round() as noted_by_key:
        budget = Budget()
        for (channel_id, route), noted in noted_by_key:
            found = explain(runtime, channel_id, noted, budget)
            if found:
                _write(channel_id, route, found)
                written += found.total()
    return written


def _write(channel_id: int, route: str, found: Found) -> None:
    minute = int(time.time() // 60)
    by_reason: Counter[Reason] = Counter()
    details: dict[Reason, str] = {}
    for diagnosis, count in found.items():
        by_reason[diagnosis.reason] += count
        details.setdefault(diagnosis.reason, diagnosis.detail)
    with transaction() as connection:
        for reason, count in sorted(by_reason.items()):
            insert = insert_or_conflict(connection, SmsRejection).values(
                channel_id=channel_id,
                route=route,
                reason=reason.value,
                minute=minute,
                count=count,
                detail=details[reason],
                said=keep(details[reason]) if details[reason] else None,
            )
            connection.execute(
                insert.on_conflict_do_update(
                    index_elements=[
                        SmsRejection.channel_id,
                        SmsRejection.route,
                        SmsRejection.reason,
                        SmsRejection.minute,
                    ],
                    set_={"count": SmsRejection.count + count, "last_at": db_now()},
                )
            )


def recent_rejections(channel_id: int) -> Sequence[Row[Any]]:
    """Per route and reason: how often within the week, the last time, and the last detail."""
    newest = func.max(SmsRejection.id).label("newest_id")
    totals = (
        select(newest, func.sum(SmsRejection.count).label("times"))
        .where(SmsRejection.channel_id == channel_id, SmsRejection.last_at > db_now(-KEPT_FOR))
        .group_by(SmsRejection.route, SmsRejection.reason)
        .subquery()
    )
    with transaction() as connection:
        return connection.execute(
            select(
                SmsRejection.route,
                SmsRejection.reason,
                SmsRejection.detail,
                SmsRejection.said,
                SmsRejection.last_at,
                totals.c.times,
            )
            .join(totals, totals.c.newest_id == SmsRejection.id)
            .order_by(SmsRejection.last_at.desc())
        ).all()


def forget_old_rejections(runtime: Runtime) -> int:  # noqa: ARG001 - a chore's signature
    """Delete what is older than a week; part of housekeeping."""
    with transaction() as connection:
        gone = connection.execute(delete(SmsRejection).where(SmsRejection.last_at < db_now(-KEPT_FOR)))
    return gone.rowcount
