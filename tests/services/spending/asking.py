"""Questions that cost a channel something, and what became of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Flask

from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services import pauses
from illumichat_sms_plugin.services.setup.channel_settings import read_settings
from illumichat_sms_plugin.services.setup.channel_state import state_of
from illumichat_sms_plugin.services.setup.lost_number import OPERATOR_ID
from tests.support.channels import OWNER, inbound, run_jobs
from tests.support.twilio_requests import text_in

NOON = datetime(2030, 12, 31, 12, tzinfo=UTC)
OPERATOR = type(OWNER)(OPERATOR_ID, "flask sms pause")


def ask(app: Flask, *bodies: str) -> None:
    for body in bodies:
        text_in(app, body)
        run_jobs(app)


def state(app: Flask) -> Any:
    with app.app_context():
        return state_of(read_settings(current_runtime(), "ast_support"))


def settings(app: Flask) -> Any:
    with app.app_context():
        return read_settings(current_runtime(), "ast_support")


def reasons(app: Flask) -> list[str | None]:
    return [row.no_reply_reason for row in inbound(app)]


QUESTIONS = (
    "When do you open?",
    "Where are you?",
    "Is there parking?",
    "Do you take cards?",
    "Thanks a lot!",
)


def admin_resumes(app: Flask, by: Any = OWNER) -> bool:
    with app.app_context():
        return pauses.resume(current_runtime(), "ast_support", by=by)
