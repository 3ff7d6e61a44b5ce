"""What went wrong lately: at Twilio, with the assistant, and what waits for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, select, text

from illumichat_sms_plugin.in_words import count, of_the_last_texts
from illumichat_sms_plugin.languages.wording import joined, say
from illumichat_sms_plugin.models import Direction, NoReply, SendState, SmsMessage, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.models.message import UNSETTLED
from illumichat_sms_plugin.services.doctor.examination import Examination
from illumichat_sms_plugin.services.findings import (
    DECISIONS,
    Action,
    Finding,
    ok,
    problem,
    unknown,
    warning,
)
from illumichat_sms_plugin.services.texters.erase_at_twilio import left_at_twilio
from illumichat_sms_plugin.twilio_gateway.error_codes import Explanation, explain, needs_admin

WEEK = -7 * 86400.0
LOOKED_AT = 500
"""The newest texts of the week that are looked at."""
SHOWN = 4
MANY = 0.2
"""From this share of failures on it is a problem and not a nuisance."""
FAILED = ("failed", "undelivered")
SESSIONS = Action(say("Show the sessions"), "page", "sessions")


def recent_failures(exam: Examination) -> Finding:
    """Texts of ours that did not arrive, by Twilio's error code."""
    if exam.settings.id is None:
        return unknown(say("No text was sent yet."))
    rows = _newest(exam.settings.id, Direction.OUTBOUND)
    failed = [row for row in rows if row.send_state == SendState.FAILED or row.status in FAILED]
    standing = exam.settings.attention_code
    if standing is not None:
        known = explain(standing)
        return problem(
            say("Texts cannot be sent. {explanation}", explanation=known.sentence),
            known.admin_action,
            _about(known),
        )
    if not rows:
        return unknown(say("No text was sent within the week."))
    if not failed:
        return ok(
            say("No text has failed within the week ({texts} looked at).", texts=count(len(rows), "text"))
        )
    by_code = Counter(row.error_code for row in failed)
    evidence = joined(
        "\n",
        [
            say("Failed: {texts}.", texts=of_the_last_texts(len(failed), len(rows))),
            *(
                say("{times} × {explanation}", times=times, explanation=explain(code).sentence)
                for code, times in by_code.most_common(SHOWN)
            ),
        ],
    )
    # First what an admin can fix, then by how often it happened.
    codes = sorted(by_code, key=lambda code: (not needs_admin(code), -by_code[code]))[:SHOWN]
    judge = (
        problem
        if exam.settings.failing or (len(failed) >= 3 and len(failed) / len(rows) >= MANY)
        else warning
    )
    return judge(evidence, _advice(codes), _about(explain(codes[0])))


def _advice(codes: Sequence[int | None]) -> str:
    if len(codes) == 1:
        return explain(codes[0]).admin_action
    return joined(
        "\n",
        (
            say(
                "{code}: {what_to_do}",
                code=str(code) if code else say("No code"),
                what_to_do=explain(code).admin_action,
            )
            for code in codes
        ),
    )


def assistant_answers(exam: Examination) -> Finding:
    """The assistant has an answer to every text."""
    if exam.settings.id is None:
        return unknown(say("No text has come in yet."))
    rows = [
        row for row in _newest(exam.settings.id, Direction.INBOUND) if row.no_reply_reason != NoReply.TEST
    ]
    given_up = sum(row.no_reply_reason == NoReply.ASSISTANT_FAILED for row in rows)
    if not rows:
        return unknown(say("No text has come in within the week."))
    if not given_up:
        return ok(
            say(
                "The assistant has not failed within the week ({texts} looked at).",
                texts=count(len(rows), "text"),
            )
        )
    newest_failed = next(row for row in rows if row.no_reply_reason == NoReply.ASSISTANT_FAILED)
    answered_since = any(
        row.answer_id and not row.no_reply_reason for row in rows if row.id > newest_failed.id
    )
    judge = warning if answered_since else problem
    return judge(
        say(
            "The assistant failed, and the texter got no answer: {texts}.",
            texts=of_the_last_texts(given_up, len(rows)),
        ),
        say(
            "Try the assistant in a chat of the platform: is its model available? Then press “Answer again” in "
            "the sessions."
        ),
        SESSIONS,
    )


def no_decision_due(exam: Examination) -> Finding:
    """No text waits for Resend or Dismiss, and Twilio has deleted what it was to delete."""
    if exam.settings.id is None:
        return ok(say("Nothing waits for a decision."))
    waiting = select(func.count()).select_from(SmsMessage)
    with transaction() as connection:
        texts = connection.scalar(waiting.where(SmsMessage.channel_id == exam.settings.id, text(UNSETTLED)))
    if texts:
        return warning(
            say(
                "It is not known whether Twilio sent {texts}; Twilio's list does not show.",
                texts=count(texts, "text"),
            ),
            say("Decide for each: Resend or Dismiss."),
            DECISIONS,
        )
    return _left_at_twilio(exam.settings.id) or ok(say("Nothing waits for a decision."))


def _left_at_twilio(channel_id: int) -> Finding | None:
    erased, old = left_at_twilio(channel_id), left_at_twilio(channel_id, by_age=True)
    if erased.failed:
        known = explain(erased.error_code or None)
        evidence = say(
            "{texts} of erased texters could not be deleted at Twilio yet. {explanation}",
            texts=count(erased.count, "text"),
            explanation=known.sentence,
        )
    elif old.failed:
        known = explain(old.error_code or None)
        evidence = say(
            "{texts} that this channel keeps no longer could not be deleted at Twilio yet. {explanation}",
            texts=count(old.failed, "text"),
            explanation=known.sentence,
        )
    else:
        return None
    return warning(evidence, say("It is tried again by itself. {what_to_do}", what_to_do=known.admin_action))


def _newest(channel_id: int, direction: Direction) -> Sequence[Row[Any]]:
    statement: Any = (
        select(
            SmsMessage.id,
            SmsMessage.direction,
            SmsMessage.send_state,
            SmsMessage.status,
            SmsMessage.error_code,
            SmsMessage.no_reply_reason,
            SmsMessage.answer_id,
        )
        .where(
            SmsMessage.channel_id == channel_id,
            SmsMessage.created_at > db_now(WEEK),
            SmsMessage.direction == direction.value,
        )
        .order_by(SmsMessage.created_at.desc())
        .limit(LOOKED_AT)
    )
    with transaction() as connection:
        return connection.execute(statement).all()


def _about(known: Explanation) -> Action:
    label = say("About error {code}", code=str(known.code)) if known.code is not None else say("About errors")
    return Action(label, "external", known.link)
