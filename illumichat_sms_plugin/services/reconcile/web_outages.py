"""After an outage of a web process, fetch the texts whose webhooks failed.

Housekeeping notices its own outages, but not those of the web. So each web process asks for a comparison with
Twilio's list once when it starts to work, and again when it works after failures.
"""

from __future__ import annotations

import logging

from sqlalchemy.exc import SQLAlchemyError

from illumichat_sms_plugin.models.database import patience
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.reconcile.catch_up import hasten

logger = logging.getLogger("illumichat_sms.webhooks")


def note_response(runtime: Runtime, status_code: int) -> None:
    """Note the status of a response of this process: 5xx is an outage, 2xx its end."""
    if status_code >= 500:
        runtime.web_was_out.set()
    elif 200 <= status_code < 300 and runtime.web_was_out.is_set():
        runtime.web_was_out.clear()
        _ask(runtime)


def _ask(runtime: Runtime) -> None:
    """The request itself is done and must not fail by this: the next one asks again."""
    try:
        with patience(runtime.settings.database_timeout):
            hasten(runtime)
    except SQLAlchemyError as error:
        runtime.web_was_out.set()
        logger.warning("a comparison with Twilio could not be asked for yet: %s", type(error).__name__)
