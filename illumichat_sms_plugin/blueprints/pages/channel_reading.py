"""What the SMS page reads: each thing once, though several of its parts show it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from illumichat_sms_plugin.blueprints.guards import Visit, viewer_of
from illumichat_sms_plugin.runtime import Runtime
from illumichat_sms_plugin.services.analytics.lately import Lately, look_at_lately
from illumichat_sms_plugin.services.channels import find_channel_id
from illumichat_sms_plugin.services.sessions.session_list import SessionList, list_sessions
from illumichat_sms_plugin.services.setup.channel_settings import ChannelSettings, read_settings

NEWEST = 5
"""Sessions that the page shows."""


class ChannelReading:
    """For one request; ``query`` is that of the page, such as the period of the analytics."""

    def __init__(self, runtime: Runtime, visit: Visit, query: Mapping[str, str]) -> None:
        self.runtime = runtime
        self.visit = visit
        self.query = query

    @cached_property
    def channel_id(self) -> int | None:
        """None before the first settings are stored."""
        return find_channel_id(self.visit.assistant.id)

    @cached_property
    def settings(self) -> ChannelSettings:
        """As they stand in the database."""
        return read_settings(self.runtime, self.visit.assistant.id)

    @cached_property
    def lately(self) -> Lately:
        """Today, this month and the last 30 days."""
        return look_at_lately(self.runtime, self.visit.assistant)

    @cached_property
    def newest_sessions(self) -> SessionList:
        """The sessions that were texted last."""
        return list_sessions(self.runtime, self.channel_id, viewer_of(self.visit), limit=NEWEST)
