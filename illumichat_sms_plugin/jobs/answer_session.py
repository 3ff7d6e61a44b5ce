"""The answer job."""

from __future__ import annotations

from illumichat_sms_plugin.jobs.app_context import job_context
from illumichat_sms_plugin.models.database import discreet_errors
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answering import answer_session as service


def answer_session(session_id: int) -> None:
    """Bring session ``session_id`` up to date."""
    with job_context(), discreet_errors():
        service.answer_session(current_runtime(), session_id)
