"""What happens to one channel over days, and whether the figures say so."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from illumichat_sms_plugin.host import Assistant, Workspace
from illumichat_sms_plugin.local_days import find_zone
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.analytics.figures import analytics
from illumichat_sms_plugin.services.analytics.recount import differences, recount
from illumichat_sms_plugin.services.analytics.roll_up import roll_up
from tests.support.analytics_oracle import Oracle
from tests.support.database_clock import DatabaseClock
from tests.support.memory_host import MemoryHost
from tests.support.traffic import Traffic, add_channel

NUMBERS = itertools.count(1)


class Story:
    """One channel in one time zone, and what is shown of it."""

    def __init__(
        self, app: Flask, clock: DatabaseClock, host: MemoryHost, zone: str, start: datetime | None
    ) -> None:
        self.app, self.clock, self.host = app, clock, host
        self.assistant_id = f"ast_{next(NUMBERS)}"
        self.live_in(zone)
        if start:
            clock.set(start)
        self.channel = add_channel(app, self.assistant_id)
        self.traffic = Traffic(app, self.channel, clock)

    def live_in(self, zone: str) -> None:
        workspace = Workspace("ws", "Acme", zone)
        self.assistant = Assistant(self.assistant_id, "Acme", workspace)
        self.host.assistants.known[self.assistant_id] = self.assistant

    def go_on(self, *events: str, pick: int = 5) -> None:
        for event in events:
            self.traffic.happen(event, pick)

    def pass_(self, **time: float) -> None:
        self.clock.forward(timedelta(**time))

    def keep_house(self) -> None:
        with self.app.app_context():
            roll_up(current_runtime())

    def shown(self, days: int = 90) -> Any:
        with self.app.app_context():
            return analytics(current_runtime(), self.assistant, days)

    def check(self, *periods: int) -> None:
        zone = find_zone(self.assistant.workspace.timezone)
        with self.app.app_context():
            for days in periods or (7,):
                shown = analytics(current_runtime(), self.assistant, days)
                with transaction() as connection:
                    Oracle(connection, self.channel.id, zone, self.clock.now(), days).check(shown)
                assert shown == recount(current_runtime(), self.assistant, days)
            assert not differences(current_runtime(), self.assistant, 7)

    def count(self, model: Any) -> int:
        with self.app.app_context(), transaction() as connection:
            return connection.scalar(
                select(func.count()).select_from(model).where(model.channel_id == self.channel.id)
            )
