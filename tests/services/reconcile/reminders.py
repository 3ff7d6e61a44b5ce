"""A system for reminders texts from the channel's number, and the channel compares with Twilio's list."""

from __future__ import annotations

from typing import Any

import requests
from flask import Flask
from sqlalchemy import select

from illumichat_sms_plugin.models import SmsChannel
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from tests.support.channels import keep_house, messages, run_jobs, write
from tests.support.twilio_requests import ACCOUNT_SID, AUTH_TOKEN, NUMBER, TEXTER

REMINDER = "Your appointment is at 10, reply C to confirm."
ANOTHER = "+15557650001"
MARKED = f"[sent by another system]\n{REMINDER}"


def remind(twilio: Any, body: str = REMINDER, *, to: str = TEXTER, age: float = 60.0) -> str:
    """What a system for reminders does: it asks the account's REST API, ``age`` seconds ago; the SID."""
    twilio.wait_idle(5)
    sent = requests.post(
        f"{twilio.url}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json",
        {"From": NUMBER, "To": to, "Body": body},
        auth=(ACCOUNT_SID, AUTH_TOKEN),
        timeout=5,
    )
    assert sent.status_code == 201, sent.text
    sid: str = sent.json()["sid"]
    twilio.wait_idle(5)
    make_older(twilio, sid, age)
    return sid


def make_older(twilio: Any, sid: str, age: float) -> None:
    message = twilio.store.messages[sid]
    message.date_created -= age
    message.date_sent = message.date_created


def compare(app: Flask) -> None:
    """Let the next comparison with Twilio's list be due, and make it."""
    write(app, SmsChannel, SmsChannel.id > 0, catch_up_at=None)
    keep_house(app)
    run_jobs(app)


def file(app: Flask) -> None:
    """What the sweep does some seconds later: the chat gets what it lacks."""
    with app.app_context():
        for session in {(row.session_id, row.channel_id) for row in others(app)}:
            current_runtime().queue.answer_session(*session)
    run_jobs(app)


def others(app: Flask) -> list[Any]:
    return [row for row in messages(app) if row.direction == "other"]


def sees_others(app: Flask) -> bool:
    with app.app_context(), transaction() as connection:
        return connection.scalar(select(SmsChannel.others_at)) is not None
