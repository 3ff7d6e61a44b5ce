"""Moved to :mod:`illumichat_sms_plugin.text.reply_text`; kept for hosts that import it from here (deprecated)."""

from illumichat_sms_plugin.text.reply_text import *  # noqa: F403
