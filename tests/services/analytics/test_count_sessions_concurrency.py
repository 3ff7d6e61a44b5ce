"""Sessions that text, are linked and are erased while they are counted: the figures equal a recount."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from illumichat_sms_plugin.errors import NotFound
from illumichat_sms_plugin.models import SmsMessage, SmsRollup, SmsSession, db_now
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.phone_number import parse_sender
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.analytics.figures import analytics
from illumichat_sms_plugin.services.analytics.recount import differences, start_anew
from illumichat_sms_plugin.services.answering.contacts import write_contact
from illumichat_sms_plugin.services.channels import find_channel_id, load_channel
from illumichat_sms_plugin.services.inbound.receive_message import receive_message
from illumichat_sms_plugin.services.texters.erase_texter import erase_texter
from illumichat_sms_plugin.twilio_gateway.webhook_forms import InboundText
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import new_sid

BOUND = 60.0
TEXTERS = 24
ERASED = range(0, TEXTERS, 4)
LINKED = range(1, TEXTERS, 2)


def number(texter: int) -> str:
    return f"+1555765{texter:04}"


@pytest.fixture
def texted(connected: Flask) -> Flask:
    """A text of each of TEXTERS numbers, an hour and more apart, none of them counted."""
    with connected.app_context():
        channel_id = find_channel_id("ast_support")
        with transaction() as connection:
            now = connection.execute(select(db_now())).scalar_one()
            for texter in range(TEXTERS):
                at = now - timedelta(hours=3 + texter)
                session_id = connection.execute(
                    insert(SmsSession)
                    .values(channel_id=channel_id, phone_number=number(texter), last_message_at=at)
                    .returning(SmsSession.id)
                ).scalar_one()
                connection.execute(
                    insert(SmsMessage).values(
                        channel_id=channel_id,
                        session_id=session_id,
                        direction="inbound",
                        kind="text",
                        from_number=number(texter),
                        to_number="+15550000000",
                        body="Hello",
                        created_at=at,
                        no_reply_reason="disabled",
                    )
                )
    return connected


def session_of(texter: int) -> int:
    with transaction() as connection:
        return connection.execute(
            select(SmsSession.id).where(SmsSession.phone_number == number(texter))
        ).scalar_one()


def test_figures_are_right_whatever_happens_while_they_are_counted(texted: Flask, host: MemoryHost):
    """Counting starts anew all the time, so that it meets every session in every state."""
    with texted.app_context():
        runtime = current_runtime()
        channel = load_channel(runtime, "ast_support")
        assert channel is not None
    assistant = host.assistants.known["ast_support"]
    done = threading.Event()

    def text(texter: int) -> None:
        sender = parse_sender(number(texter))
        receive_message(
            runtime, channel, InboundText(new_sid(), sender, channel.phone_number, "Hi", 1, (), None)
        )

    def link(texter: int) -> None:
        write_contact(channel.id, session_of(texter), f"cnt_{texter}")

    def erase(texter: int) -> None:
        erase_texter(runtime, channel.id, session_of(texter))

    def all_of(action: Callable[[int], None], texters: range) -> None:
        with texted.app_context():
            for texter in texters:
                action(texter)

    def look(anew: bool) -> int:
        looks = 0
        with texted.app_context():
            while not done.is_set():
                if anew:
                    start_anew(assistant)
                assert 0 < analytics(runtime, assistant, 7).sessions.total <= TEXTERS
                looks += 1
        return looks

    with ThreadPoolExecutor(6) as pool:
        looking = [pool.submit(look, anew) for anew in (True, False, False)]
        acting = [
            pool.submit(all_of, text, range(2, TEXTERS, 4)),
            pool.submit(all_of, link, LINKED),
            pool.submit(all_of, erase, ERASED),
        ]
        try:
            for future in acting:
                future.result(timeout=BOUND)
        finally:
            done.set()
        assert all(future.result(timeout=BOUND) for future in looking)
    with texted.app_context():
        shown = analytics(runtime, assistant, 7).sessions
        assert (shown.total, shown.contacts_matched) == (TEXTERS - len(ERASED), len(LINKED))
        assert not differences(runtime, assistant, 90)


def test_a_link_that_comes_as_its_session_is_erased_changes_no_figure(texted: Flask, host: MemoryHost):
    with texted.app_context():
        runtime, assistant = current_runtime(), host.assistants.known["ast_support"]
        channel_id = find_channel_id("ast_support")
        assert channel_id is not None
        assert analytics(runtime, assistant, 7).sessions.total == TEXTERS
        session_id = session_of(3)
        erase_texter(runtime, channel_id, session_id)
        write_contact(channel_id, session_id, "cnt_1")
        with pytest.raises(NotFound):
            erase_texter(runtime, channel_id, session_id)
        shown = analytics(runtime, assistant, 7).sessions
        assert (shown.total, shown.contacts_matched) == (TEXTERS - 1, 0)
        assert not differences(runtime, assistant, 90)


def test_a_session_counted_by_hand_twice_is_counted_once(texted: Flask, host: MemoryHost):
    """Going back in time, as after a restored backup of ``sms_rollups``, does not count anybody again."""
    with texted.app_context():
        runtime, assistant = current_runtime(), host.assistants.known["ast_support"]
        before = analytics(runtime, assistant, 7).sessions
        with transaction() as connection:
            back: Any = connection.scalar(select(SmsRollup.sessions_until))
            connection.execute(update(SmsRollup).values(sessions_until=back - timedelta(hours=12)))
        assert analytics(runtime, assistant, 7).sessions == before
        assert not differences(runtime, assistant, 90)
