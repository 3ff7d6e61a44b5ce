"""What a rehearsal refuses with a sentence, and how much of it there may be."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import select, update

from illumichat_sms_plugin.errors import Conflict, InvalidInput, RateLimited
from illumichat_sms_plugin.models import (
    SmsRehearsal,
    db_now,
)
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.rehearsal import try_out
from illumichat_sms_plugin.services.rehearsal.try_out import (
    MOST_LINES,
    write_as_texter,
)
from tests.services.rehearsal.trying import OTHER, current, write
from tests.support.channels import OWNER


@pytest.mark.parametrize(
    ("body", "number", "complaint"),
    [
        ("  ", "", "Write a text first"),
        ("x" * 1601, "", "1,601"),
        ("Hello", "12", "number"),
        ("Hello", "+15551230001", "own number"),
    ],
)
def test_what_cannot_be_tried_is_refused_with_a_sentence(
    connected: Flask, body: str, number: str, complaint: str
):
    with connected.app_context(), pytest.raises(InvalidInput, match=complaint):
        write_as_texter(current_runtime(), "ast_support", body, number, by=OWNER)
    assert current(connected) is None


def test_it_costs_no_more_than_an_hours_share(
    connected: Flask, monkeypatch: pytest.MonkeyPatch, one_period: None
):
    monkeypatch.setattr(try_out, "BY_PERSON", 2)
    for _ in range(2):
        write(connected, "Hello")
    with connected.app_context(), pytest.raises(RateLimited):
        write_as_texter(current_runtime(), "ast_support", "Hello", "", by=OWNER)


def test_a_conversation_has_an_end(connected: Flask):
    write(connected, "Hello")
    with connected.app_context(), transaction() as connection:
        row = connection.execute(select(SmsRehearsal.lines)).one()
        connection.execute(update(SmsRehearsal).values(lines=row.lines * (MOST_LINES // 2)))
    with connected.app_context(), pytest.raises(Conflict, match="Start over"):
        write_as_texter(current_runtime(), "ast_support", "Hello", "", by=OWNER)


def test_only_so_many_assistants_are_asked_at_once(connected: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(try_out, "AT_ONCE", threading.BoundedSemaphore(1))
    assert try_out.AT_ONCE.acquire(blocking=False)
    with connected.app_context(), pytest.raises(Conflict, match="Too many"):
        write_as_texter(current_runtime(), "ast_support", "Hello", "", by=OWNER)
    try_out.AT_ONCE.release()
    assert len(write(connected, "Hello")) == 2
    assert len(write(connected, "Hello")) == 4, "each thread gives its place back"


def test_a_workspace_leaves_places_to_others(connected: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(try_out, "OF_A_WORKSPACE", 1)
    write(connected, "Hello", by=OTHER)
    with connected.app_context(), transaction() as connection:
        connection.execute(update(SmsRehearsal).values(asked_at=db_now()))
    with connected.app_context(), pytest.raises(Conflict, match="Your workspace"):
        write_as_texter(current_runtime(), "ast_support", "Hello", "", by=OWNER)
    with connected.app_context(), transaction() as connection:
        connection.execute(update(SmsRehearsal).values(asked_at=db_now(-3600)))
    assert len(write(connected, "Hello")) == 2


def test_a_text_that_cannot_be_kept_takes_nobodys_place(connected: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(try_out, "AT_ONCE", threading.BoundedSemaphore(1))

    def fail(*_arguments: object, **_columns: object) -> None:
        raise OSError("the database is away")

    with monkeypatch.context() as patch, connected.app_context():
        patch.setattr(try_out, "_write", fail)
        with pytest.raises(OSError, match="away"):
            write_as_texter(current_runtime(), "ast_support", "Hello", "", by=OWNER)
    assert len(write(connected, "Hello")) == 2


def test_without_a_channel_there_is_nothing_to_try(app: Flask):
    with app.app_context(), pytest.raises(Conflict):
        write_as_texter(current_runtime(), "ast_support", "Hello", "", by=OWNER)
