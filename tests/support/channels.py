"""Channels and conversations in a known state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Flask
from rq import SimpleWorker
from sqlalchemy import Row, select, text, update

from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.job_queue.queue import SERIALIZER
from illumichat_sms_plugin.models import SmsMessage, SmsSession
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.secret import Secret
from illumichat_sms_plugin.services.channel_secrets import SECRET_COLUMNS
from illumichat_sms_plugin.services.setup.channel_changes import ChannelChanges
from illumichat_sms_plugin.services.setup.ownership import Asked, Verdict
from illumichat_sms_plugin.services.setup.save_channel import save_channel
from tests.support.twilio_requests import ACCOUNT_SID, AUTH_TOKEN, NUMBER

OWNER = Person("usr_owner", "Olivia Owner")


CONFIRMED = Verdict(Asked.OWNED)
"""What Twilio says of credentials that are right."""


def connect(
    app: Flask, assistant_id: str = "ast_support", *, verdict: Verdict | None = CONFIRMED, **changes: Any
) -> None:
    """Connect an assistant to the test account, or change its channel; Twilio has said ``verdict``, None for nothing."""
    credentials = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "phone_number": NUMBER}
    given = credentials | {"introduce": False} | changes
    with app.app_context():
        save_channel(current_runtime(), assistant_id, changes_of(given), by=OWNER, verdict=verdict)


def change(app: Flask, **changes: Any) -> None:
    """Change ast_support's channel; Twilio says yes to what it has to be asked about."""
    verdict = CONFIRMED if {"account_sid", "auth_token", "phone_number"} & changes.keys() else None
    with app.app_context():
        save_channel(current_runtime(), "ast_support", changes_of(changes), by=OWNER, verdict=verdict)


def changes_of(values: dict[str, Any]) -> ChannelChanges:
    """What is to be changed, with the secrets wrapped as a form or the API would."""
    return ChannelChanges.of(
        **{name: Secret(value) if name in SECRET_COLUMNS else value for name, value in values.items()}
    )


class Hurried(SimpleWorker):
    """A worker that takes no commands: the end of the thread that listens for them is waited for up to a second."""

    def subscribe(self) -> None:
        """Nobody sends any."""


def run_jobs(app: Flask) -> int:
    """Run everything that is enqueued on a real RQ worker in this thread; returns how many jobs."""
    with app.app_context():
        queue = current_runtime().queue.rq_queue(timeout=5)
        worker = Hurried(
            [queue], connection=queue.connection, serializer=SERIALIZER, job_class=queue.job_class
        )
        before = queue.count
        worker.work(burst=True, logging_level="CRITICAL")
        return int(before)


def messages(app: Flask) -> Sequence[Row[Any]]:
    """All messages in the order in which they were recorded."""
    with app.app_context(), transaction() as connection:
        return connection.execute(select(SmsMessage.__table__).order_by(SmsMessage.id)).all()


def outbound(app: Flask) -> Sequence[Row[Any]]:
    """All outbound messages."""
    return [row for row in messages(app) if row.direction == "outbound"]


def inbound(app: Flask) -> Sequence[Row[Any]]:
    """All inbound messages."""
    return [row for row in messages(app) if row.direction == "inbound"]


def sessions(app: Flask) -> Sequence[Row[Any]]:
    """All sessions."""
    with app.app_context(), transaction() as connection:
        return connection.execute(select(SmsSession.__table__).order_by(SmsSession.id)).all()


def write(app: Flask, model: Any, condition: Any, **values: Any) -> None:
    """Put rows into a state that would take long to reach."""
    with app.app_context(), transaction() as connection:
        connection.execute(update(model).where(condition).values(**values))


def sql(app: Flask, statement: str) -> Any:
    """Run a statement."""
    with app.app_context(), transaction() as connection:
        return connection.execute(text(statement))


def text_of(app: Flask, table: str) -> str:
    """Everything that is in a table, as one text to search."""
    return str(sql(app, f"SELECT * FROM {table}").all())


def keep_house(app: Flask) -> dict[str, int]:
    """One round of housekeeping; how often each chore found something."""
    from illumichat_sms_plugin.services.housekeeping import run_once

    with app.app_context():
        return run_once(current_runtime())


def queued(app: Flask) -> int:
    """How many jobs wait in the queue."""
    with app.app_context():
        return int(current_runtime().queue.rq_queue(timeout=2).count)
