"""A channel goes when the host has not known its assistant for thirty days, and not because the host is broken for one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.errors import Conflict
from illumichat_sms_plugin.host import Assistant
from illumichat_sms_plugin.models import SmsChannel, SmsLease, db_now
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.health import read_figures
from illumichat_sms_plugin.services.setup.missing_assistants import (
    BY,
    Fate,
    fate_of,
    forget_assistant,
    look_for_assistants,
)
from tests.support.channels import connect, sql, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in

NOW = datetime(2026, 11, 29, tzinfo=UTC)
DAY = 86400.0


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@pytest.mark.parametrize(
    ("known", "since", "last", "fate"),
    [
        (True, None, None, Fate.KNOWN),
        (True, ago(40), ago(0.25), Fate.KNOWN),
        (False, None, None, Fate.FIRST_MISSED),
        (False, ago(1), ago(0.25), Fate.MISSING),
        (False, ago(29.9), ago(0.25), Fate.MISSING),
        (False, ago(30), ago(0.25), Fate.OVERDUE),
        (False, ago(30), ago(1.9), Fate.OVERDUE),
        (False, ago(40), ago(2.1), Fate.FIRST_MISSED),  # housekeeping was off, or the clock has jumped
        (False, ago(40), ago(-1), Fate.FIRST_MISSED),  # the clock was set back
    ],
)
def test_what_follows_from_what_the_host_says(
    known: bool, since: datetime | None, last: datetime | None, fate: Fate
) -> None:
    assert fate_of(known, since, last, NOW) is fate


@pytest.fixture
def two(connected: Flask) -> Flask:
    """A channel of an assistant that the host knows, and one with a text."""
    connect(connected, "ast_sales", phone_number="+15551230077")
    text_in(connected, "STOP")
    return connected


def look(app: Flask, *, missing_days: float | None = None) -> int:
    """Once more, six hours later; ``missing_days``: so long ast_support has been missed by now."""
    write(app, SmsChannel, SmsChannel.id > 0, host_asked_at=db_now(-DAY / 4))
    if missing_days is not None:
        times = {"missing_since": db_now(-missing_days * DAY), "missed_at": db_now(-DAY / 4)}
        write(app, SmsChannel, SmsChannel.assistant_id == "ast_support", **times)
    with app.app_context():
        return look_for_assistants(current_runtime())


def channels(app: Flask) -> list[tuple[str, bool]]:
    """Assistant, and whether it is missed."""
    rows = sql(app, "SELECT assistant_id, missing_since IS NOT NULL FROM sms_channels ORDER BY id").all()
    return [(row[0], bool(row[1])) for row in rows]


def test_it_is_noted_warned_of_counted_and_found_again(
    two: Flask, host: MemoryHost, caplog: pytest.LogCaptureFixture
) -> None:
    assert look(two) == 2
    assert channels(two) == [("ast_support", False), ("ast_sales", False)]
    gone = host.assistants.known.pop("ast_support")
    look(two)
    assert channels(two) == [("ast_support", True), ("ast_sales", False)]
    assert "flask sms forget-assistant ast_support" in caplog.text
    with two.app_context():
        assert read_figures(current_runtime()).attention["assistant_missing"] == 1
        assert look_for_assistants(current_runtime()) == 0, "asked at a bounded rate"
    host.assistants.known["ast_support"] = gone
    look(two)
    assert channels(two) == [("ast_support", False), ("ast_sales", False)]


def test_after_thirty_days_it_goes_with_all_that_is_stored(two: Flask, host: MemoryHost) -> None:
    del host.assistants.known["ast_support"]
    look(two, missing_days=29.9)
    assert len(channels(two)) == 2
    look(two, missing_days=30)
    assert channels(two) == [("ast_sales", False)]
    assert sql(two, "SELECT count(*) FROM sms_messages").scalar() == 0


def test_a_host_that_raises_has_said_nothing(
    two: Flask, host: MemoryHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(assistant_id: str) -> Assistant | None:
        raise RuntimeError("no database")

    monkeypatch.setattr(host.assistants, "find", broken)
    look(two, missing_days=40)
    assert channels(two) == [("ast_support", True), ("ast_sales", False)]


def test_nothing_goes_while_the_host_knows_nobody(
    two: Flask, host: MemoryHost, caplog: pytest.LogCaptureFixture
) -> None:
    host.assistants.known.clear()
    look(two)
    look(two, missing_days=40)
    assert channels(two) == [("ast_support", True), ("ast_sales", True)]
    assert "knows none of its assistants" in caplog.text


def test_few_go_in_a_day(two: Flask, host: MemoryHost) -> None:
    connect(two, "ast_globex", phone_number="+15551230078")
    for each in ("ast_support", "ast_sales"):
        del host.assistants.known[each]
    overdue = {"missing_since": db_now(-40 * DAY), "missed_at": db_now(-DAY / 4)}
    write(two, SmsChannel, SmsChannel.assistant_id != "ast_globex", **overdue)
    look(two)
    assert len(channels(two)) == 2
    look(two)
    assert len(channels(two)) == 2, "the next one some hours later"
    write(two, SmsLease, SmsLease.expires_at > db_now(), expires_at=db_now(-1.0))
    look(two)
    assert channels(two) == [("ast_globex", False)]


def test_an_operator_need_not_wait_and_cannot_mistake_one_that_is_there(two: Flask, host: MemoryHost) -> None:
    with two.app_context(), pytest.raises(Conflict, match="The host knows ast_support"):
        forget_assistant(current_runtime(), "ast_support", by=BY)
    del host.assistants.known["ast_support"]
    said: Any = two.test_cli_runner().invoke(args=["sms", "forget-assistant", "ast_support"], input="n\n")
    assert said.exit_code == 1
    assert len(channels(two)) == 2
    said = two.test_cli_runner().invoke(args=["sms", "forget-assistant", "ast_support", "--yes"])
    assert said.output == "ast_support: 1 session, 1 text deleted.\n"
    assert channels(two) == [("ast_sales", False)]
