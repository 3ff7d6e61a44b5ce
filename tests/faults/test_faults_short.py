"""A short round of ``./run faults``: the same processes, fewer texts, a fault of each kind."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.faults.faults import FAULTS
from tests.faults.run import run_fault
from tests.faults.stack import Stack

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.xdist_group("faults")]

SEED = int(os.environ.get("FAULTS_SEED", "1"))
TEXTS = 40
NAMES = (
    "killed_after_201",
    "killed_before_request",
    "redis_lost",
    "database_stopped",
    "app_down",
)
BY_NAME = {fault.name: fault for fault in FAULTS}


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    running = Stack()
    try:
        running.start()
        yield running
    finally:
        running.close()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_lost_doubled_or_left_over(stack: Stack, name: str) -> None:
    outcome = run_fault(stack, BY_NAME[name], SEED, TEXTS)
    assert not outcome.findings.broken
    assert outcome.findings.texts == TEXTS
