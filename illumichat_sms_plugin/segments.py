"""Moved to :mod:`illumichat_sms_plugin.text.segments`; kept for hosts that import it from here (deprecated)."""

from illumichat_sms_plugin.text.segments import *  # noqa: F403
