"""A clock to turn, and stories that begin on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.services.analytics.story import Story
from tests.support.database_clock import DatabaseClock, database_clock
from tests.support.memory_host import MemoryHost


@pytest.fixture
def clock(app: Flask) -> Iterator[DatabaseClock]:
    with database_clock(app) as found:
        yield found


@pytest.fixture
def begin(app: Flask, clock: DatabaseClock, host: MemoryHost) -> Callable[..., Story]:
    return lambda zone="UTC", start=None: Story(app, clock, host, zone, start)
