"""A short round of ``./run faults``: the same processes, fewer texts, a fault of each kind."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator

import pytest

from tests.faults import promises
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


@pytest.fixture
def quiet(stack: Stack) -> Iterator[None]:
    """No housekeeping: a price that it fetched would have the hour counted again, and mend what is broken here."""
    stack.housekeeping.end()
    yield
    stack.counters.start_anew()
    stack.housekeeping.start()


@pytest.mark.usefixtures("quiet")
def test_a_wrong_counter_is_found(stack: Stack) -> None:
    """After the faults above, whose texts are old enough to be rolled up now."""
    late = stack.counters.age()
    assert stack.counters.call_back(late, random.Random(SEED), 0.0) == len(late) > 0
    assert not stack.counters.differing()
    changed = """
        UPDATE sms_days SET counts = jsonb_set(counts::jsonb, '{texts,delivered}',
            to_jsonb((counts::jsonb #>> '{texts,delivered}')::int + 1))::json
        WHERE day = (SELECT max(day) FROM sms_days WHERE (counts::jsonb #>> '{texts,delivered}')::int > 0)
        RETURNING day
    """
    [(day,)] = stack.database.rows(changed)
    broken = promises.check(stack, [(0.0, time.time())], {}).broken
    assert broken == [f"4: figures that differ from a recount: {day}"]
    stack.counters.start_anew()
    assert not stack.counters.differing()


@pytest.mark.usefixtures("quiet")
def test_a_change_that_left_no_mark_is_found(stack: Stack) -> None:
    """An old text changed behind the plugin's back, as by a callback that died half way."""
    assert not stack.counters.differing()
    stack.database.run(
        "UPDATE sms_messages SET status = 'undelivered' "
        "WHERE id = (SELECT min(id) FROM sms_messages WHERE status = 'delivered')"
    )
    assert stack.counters.differing()
