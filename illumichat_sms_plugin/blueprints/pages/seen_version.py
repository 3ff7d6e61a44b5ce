"""Which version of the channel a question on a page was asked about."""

from __future__ import annotations

from flask import request

from illumichat_sms_plugin.errors import InvalidInput
from illumichat_sms_plugin.languages.wording import say


def seen_version() -> int:
    """The version of the channel that a question was asked about; InvalidInput without one."""
    seen = request.form.get("version", "")
    if not (seen.isascii() and seen.isdigit() and len(seen) < 10):
        raise InvalidInput(say("The form is not complete. Open the question again."))
    return int(seen)
