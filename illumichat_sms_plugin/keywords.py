"""Moved to :mod:`illumichat_sms_plugin.text.keywords`; kept for hosts that import it from here (deprecated)."""

from illumichat_sms_plugin.text.keywords import *  # noqa: F403
