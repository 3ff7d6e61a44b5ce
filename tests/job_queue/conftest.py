from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from illumichat_sms_plugin.config import Settings
from illumichat_sms_plugin.job_queue import JobQueue
from tests.faults.stores import Valkey
from tests.support.apps import KEY, PUBLIC_URL


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A Valkey of the test's own, to be broken."""
    server = Valkey(tmp_path)
    server.start()
    yield server
    server.process.kill()


@pytest.fixture
def jobs(valkey: Valkey) -> JobQueue:
    """The queue on that Valkey."""
    return JobQueue(Settings(public_url=PUBLIC_URL, encryption_keys=(KEY,), redis_url=valkey.url))
