"""The answer job."""

from __future__ import annotations

from illumichat_sms_plugin.job_queue.queue import current_job_id
from illumichat_sms_plugin.jobs.app_context import job_context
from illumichat_sms_plugin.models.database import discreet_errors
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answering import answer_session as service


def answer_session(session_id: int) -> None:
    """Bring the session up to date whose turn it is; ``session_id`` itself for a job that is no turn."""
    with job_context(), discreet_errors():
        runtime = current_runtime()
        with runtime.queue.turn(current_job_id(), session_id) as chosen:
            if chosen is not None:
                service.answer_session(runtime, chosen)
