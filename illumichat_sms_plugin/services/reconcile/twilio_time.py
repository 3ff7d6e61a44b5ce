"""Twilio's times and the database's: two clocks, of which either may be wrong."""

from __future__ import annotations

from datetime import timedelta

from illumichat_sms_plugin.models.database import read_now
from illumichat_sms_plugin.runtime import Runtime


def ahead_of_twilio(runtime: Runtime) -> timedelta:
    """How far the database's clock is ahead of Twilio's by its newest answer; zero before there is one.

    Added to a time of Twilio's it gives the database's, right to a second or so.
    """
    there = runtime.twilio.clock.now()
    if there is None:
        return timedelta(0)
    return read_now() - there
