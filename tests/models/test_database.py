"""Our transactions on the host's engine."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from illumichat_sms_plugin.models import database
from illumichat_sms_plugin.models.database import patience, transaction
from illumichat_sms_plugin.services.analytics.rollup_state import lock_rollup
from tests.support.channels import sql


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_transaction_that_stands_still_is_ended_and_lets_go_of_its_locks(
    connected: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process is frozen, or cut off: others must not wait for it."""
    monkeypatch.setattr(database, "IDLE_BOUND", 0.2)
    with connected.app_context(), pytest.raises(DBAPIError), transaction() as frozen:
        lock_rollup(frozen, 1)
        with patience(15.0), transaction() as other:
            lock_rollup(other, 1)
        frozen.execute(text("SELECT 1"))
    assert sql(connected, "SELECT count(*) FROM sms_rollups").scalar() == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_transaction_that_is_busy_may_take_longer(
    connected: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "IDLE_BOUND", 0.2)
    with connected.app_context(), transaction() as connection:
        connection.execute(text("SELECT pg_sleep(0.5)"))
        assert connection.scalar(text("SELECT 1")) == 1
