"""When the web was away and housekeeping was not, the web itself has the missed texts fetched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from illumichat_sms_plugin.models import SmsChannel, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.services.inbound import receive_message
from illumichat_sms_plugin.services.reconcile import catch_up
from tests.support.channels import connect, write
from tests.support.twilio_requests import text_in


def compared_just_now(app: Flask) -> None:
    write(app, SmsChannel, SmsChannel.id > 0, catch_up_at=db_now())


def due_soon(app: Flask) -> bool:
    """Whether the next comparison, one every 600 s, comes within 20 s, and a second for the clock."""
    with app.app_context(), transaction() as connection:
        soon = select(SmsChannel.id).where(SmsChannel.catch_up_at <= db_now(21.0 - 600.0))
        return connection.scalar(soon) is not None


def down() -> Any:
    raise OperationalError("UPDATE", {}, Exception("down"))


@pytest.fixture
def compared(connected: Flask) -> Flask:
    """A web process that has served nothing yet; its channel has just been compared."""
    compared_just_now(connected)
    return connected


def test_the_first_text_of_a_process_asks_for_a_comparison_the_next_do_not(compared: Flask) -> None:
    assert not due_soon(compared)
    assert text_in(compared).status_code == 200
    assert due_soon(compared)
    compared_just_now(compared)
    assert text_in(compared).status_code == 200
    assert not due_soon(compared)


def test_a_health_check_asks_too_for_texts_may_be_rare(compared: Flask) -> None:
    assert compared.test_client().get("/api/sms/health").status_code == 200
    assert due_soon(compared)


def test_many_processes_that_start_ask_for_one_comparison(make: Callable[..., Flask]) -> None:
    apps = [make() for _ in range(4)]
    connect(apps[0])
    compared_just_now(apps[0])
    asked = set()
    for app in apps:
        text_in(app)
        with app.app_context(), transaction() as connection:
            asked.add(connection.scalar(select(SmsChannel.catch_up_at)))
    assert len(asked) == 1


def test_a_stranger_cannot_ask(compared: Flask) -> None:
    assert compared.test_client().post("/api/sms/webhook/ast_support", data={"Body": "?"}).status_code == 403
    assert not due_soon(compared)


def test_the_first_text_after_a_failure_asks_again(compared: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    text_in(compared)
    compared_just_now(compared)
    with monkeypatch.context() as broken:
        broken.setattr(receive_message, "transaction", down)
        assert text_in(compared).status_code == 503
    assert not due_soon(compared)
    assert text_in(compared).status_code == 200
    assert due_soon(compared)


def test_a_text_is_taken_even_if_nothing_can_be_asked_for(
    compared: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(catch_up, "transaction", down)
        assert text_in(compared).status_code == 200
    assert not due_soon(compared)
    assert text_in(compared).status_code == 200
    assert due_soon(compared), "the next one asks again"
