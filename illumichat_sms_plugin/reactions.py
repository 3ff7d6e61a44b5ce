"""Moved to :mod:`illumichat_sms_plugin.text.reactions`; kept for hosts that import it from here (deprecated)."""

from illumichat_sms_plugin.text.reactions import *  # noqa: F403
