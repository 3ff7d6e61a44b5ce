"""Moved to :mod:`illumichat_sms_plugin.text.gsm_lookalikes`; kept for hosts that import it from here (deprecated)."""

from illumichat_sms_plugin.text.gsm_lookalikes import *  # noqa: F403
