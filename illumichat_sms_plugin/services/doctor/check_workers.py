"""Does the work get done: queue, workers, housekeeping, texts that wait."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select, text

from illumichat_sms_plugin.in_words import ago, count, span
from illumichat_sms_plugin.job_queue.health import QueueHealth, QueueUnusable, look_at_queue
from illumichat_sms_plugin.languages.wording import say, say_n
from illumichat_sms_plugin.models import SmsHeartbeat, SmsMessage, SmsSession, db_now
from illumichat_sms_plugin.models.database import behind_pooler, transaction
from illumichat_sms_plugin.models.message import PENDING
from illumichat_sms_plugin.services.doctor.examination import Examination
from illumichat_sms_plugin.services.findings import Action, Finding, ok, problem, unknown, warning

WORKER_SILENT = 120.0
"""Seconds without a sign of life after which a worker counts as gone."""
HOUSEKEEPING_SILENT = 60.0
WAITS_LONG = 60.0
"""Seconds: an answer takes 3 to 10."""
ENQUEUE = Action(say("Hand them to the workers again"), "fix", "enqueue")


def queue_reachable(exam: Examination) -> Finding:
    """Redis takes jobs."""
    try:
        health = look_at_queue(exam.runtime.queue)
    except QueueUnusable as error:
        return problem(
            say("The queue cannot be used. {error}", error=error),
            say(
                "Have an operator check that Redis runs at SMS_REDIS_URL and has memory left. Texts are recorded "
                "meanwhile, and answered when it is back."
            ),
        )
    jobs = health.waiting_jobs
    if not jobs:
        return ok(say("The queue takes jobs; none waits in it."))
    return ok(
        say_n(
            "The queue takes jobs; {n} job waits in it.", "The queue takes jobs; {n} jobs wait in it.", jobs
        )
    )


def database_fits(exam: Examination) -> Finding:  # noqa: ARG001 - every check takes it
    """What stands between us and the database, where that changes how statements must be sent."""
    if not behind_pooler():
        return ok(say("The database answers, with no pooler before it that would get in the way."))
    return ok(
        say(
            "A pooler such as PgBouncer stands before the database, so the plugin prepares no statements. The "
            "rest of the app may need the same: prepare_threshold None in the connect_args of its engine."
        )
    )


def worker_alive(exam: Examination) -> Finding:
    """At least one worker takes jobs from our queue."""
    try:
        health = look_at_queue(exam.runtime.queue)
    except QueueUnusable:
        return unknown(say("Whether a worker runs is known only through the queue."), say("See “Queue”."))
    if health.workers == 0 or (health.seconds_since_beat or 0.0) > WORKER_SILENT:
        return problem(_silence(health), say("Have an operator start `flask sms worker`."))
    return ok(say("{threads} ready to answer.", threads=count(health.workers, "worker thread")))


def _silence(health: QueueHealth) -> str:
    if health.workers == 0:
        return say("No worker is running, so nothing is answered.")
    return say(
        "The last sign of life of a worker is {span} old.", span=span(health.seconds_since_beat or 0.0)
    )


def housekeeping_recent(exam: Examination) -> Finding:
    """Somebody looks after what was lost."""
    with transaction() as connection:
        beat = connection.scalar(select(SmsHeartbeat.beat_at).where(SmsHeartbeat.name == "housekeeping"))
    start = say("Have an operator start `flask sms housekeeping`.")
    if beat is None:
        return problem(say("Housekeeping has never run, so what is lost on the way stays lost."), start)
    age = max((exam.now - beat).total_seconds(), 0.0)
    allowed = HOUSEKEEPING_SILENT + 3 * exam.runtime.settings.housekeeping_interval
    if age > allowed:
        return problem(say("Housekeeping ran last {ago}.", ago=ago(age)), start)
    return ok(say("Housekeeping ran {ago}.", ago=ago(age)))


def nothing_waits(exam: Examination) -> Finding:
    """No text has waited long for its answer."""
    if exam.settings.id is None:
        return unknown(say("No text has come in yet."))
    texts, oldest = _late(exam.settings.id)
    if not texts or oldest is None:
        return ok(say("No text has waited for its answer longer than a minute."))
    age = span((exam.now - oldest).total_seconds())
    return warning(
        say("{texts} without an answer yet, the oldest for {age}.", texts=count(texts, "text"), age=age),
        say("See “Queue”, “Worker” and “Assistant”. They are answered by themselves as soon as those work."),
        ENQUEUE,
    )


def _late(channel_id: int) -> tuple[int, datetime | None]:
    """How many texts wait too long, and since when the oldest; session by session, along a small index."""
    late = (
        SmsMessage.session_id == SmsSession.id,
        text(PENDING),
        SmsMessage.created_at < db_now(-WAITS_LONG),
    )

    def of_session(what: Any) -> Any:
        return select(what).select_from(SmsMessage).where(*late).correlate(SmsSession).scalar_subquery()

    statement = select(
        of_session(func.count()).label("texts"), of_session(func.min(SmsMessage.created_at)).label("oldest")
    ).where(SmsSession.channel_id == channel_id, exists().where(*late))
    with transaction() as connection:
        rows = connection.execute(statement).all()
    return sum(row.texts for row in rows), min((row.oldest for row in rows), default=None)
