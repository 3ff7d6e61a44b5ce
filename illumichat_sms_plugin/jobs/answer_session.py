"""The answer job."""

from __future__ import annotations

from illumichat_sms_plugin.job_queue.queue import current_job_id
from illumichat_sms_plugin.jobs.app_context import job_context
from illumichat_sms_plugin.models.database import discreet_errors
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.answering import answer_session as service


def answer_session(session_id: int) -> None:
    """Bring the session up to date whose turn it is; ``session_id`` itself for a job that is no turn.

    A turn that was given to a session with nothing to do goes to the next one, so that nobody waits behind it.
    """
    job_id = current_job_id()
    with job_context(), discreet_errors():
        runtime = current_runtime()
        while True:
            with runtime.queue.turn(job_id, session_id) as chosen:
                if chosen is None or service.answer_session(runtime, chosen) or chosen == session_id:
                    return
