"""The end of an assistant or a workspace: nothing of its channel is left in the database."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert

from demo.twilio_simulator import seed
from illumichat_sms_plugin.errors import Conflict, NotFound
from illumichat_sms_plugin.models import (
    Base,
    SmsHostErasure,
    SmsMedia,
    SmsNotice,
    SmsPastChat,
    SmsPersonText,
    SmsRest,
    SmsRetention,
    SmsSession,
    SmsSuggestion,
    db_now,
)
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.analytics.roll_up import roll_up
from illumichat_sms_plugin.services.inbound.rejections import flush_rejections
from illumichat_sms_plugin.services.setup import erase_channel as service
from illumichat_sms_plugin.services.setup.erase_channel import Erased, erase_channel
from tests.services.texters.erasing import erase, everything
from tests.support.channels import OWNER, connect, messages, outbound, run_jobs, sessions, sql, write
from tests.support.twilio_requests import (
    TEXTER,
    inbound_form,
    post_signed,
    status_in,
    text_in,
)

OTHER_TEXTER = "+15557650002"
DAY, HOUR = date(2026, 11, 1), datetime(2026, 11, 1, 12, tzinfo=UTC)
FIGURES: dict[str, dict[str, Any]] = {
    "sms_days": {"day": DAY, "counts": {}},
    "sms_hours": {"day": DAY, "hour": HOUR, "counts": {}},
    "sms_session_hours": {"hour": HOUR, "sessions": 1, "matched": 0},
    "sms_counted_sessions": {"session_id": 999, "hour": HOUR, "matched": False},
    "sms_changed_hours": {"hour": HOUR},
    "sms_notices": {
        "kind": "paused",
        "subject": "person",
        "sentence": "Sending is paused.",
        "since": HOUR,
        "due_at": HOUR,
    },
    "sms_host_erasures": {"session_id": 1, "kind": "chat", "host_id": "conv_9", "tries": 0, "try_at": HOUR},
    "sms_rehearsals": {
        "person_id": "usr_owner",
        "number": "+12015550123",
        "filed": 0,
        "memory": {},
        "lines": [],
    },
    "sms_rates": {"country": "US", "segment": 7900, "currency": "USD"},
}


@pytest.fixture
def lived(texting: Flask) -> Flask:
    """A channel with rows in every table that can have one, beside another channel."""
    connect(texting, "ast_sales", phone_number=seed.SALES_NUMBER)
    text_in(texting, "STOP", From="+15557650003")
    erase(texting)
    for _ in range(3):
        text_in(texting, "What are your opening hours? asks Zebedee")
        run_jobs(texting)
    status_in(texting, outbound(texting)[0].message_sid, "delivered")
    text_in(texting, "hello", To=seed.OTHER_NUMBER)
    text_in(texting, "STOP")
    texting.test_client().post("/api/sms/webhook/ast_support", data={"a": "b"})
    first = outbound(texting)[0]
    with texting.app_context():
        flush_rejections(current_runtime())
        roll_up(current_runtime())
        with transaction() as connection:
            rest = {
                "message_id": first.id,
                "channel_id": 1,
                "session_id": first.session_id,
                "body": "Zebedee",
            }
            connection.execute(SmsRest.__table__.insert().values(**rest))
            person = {"key": "k", "body": "Zebedee", "by_id": "usr_owner", "by_name": "Ada"}
            connection.execute(
                SmsPersonText.__table__.insert().values(
                    channel_id=1, session_id=first.session_id, created_at=db_now(), **person
                )
            )
            notice = {"kind": "loop_stopped", "subject": "session/1", "sentence": "Zebedee loops."}
            times = {"since": db_now(), "due_at": db_now()}
            connection.execute(
                insert(SmsNotice).values(channel_id=1, session_id=first.session_id, **notice, **times)
            )
            connection.execute(
                insert(SmsPastChat).values(session_id=first.session_id, chat_id="conv_Zebedee")
            )
            suggestion = {"body": "Zebedee", "newest_id": first.id}
            connection.execute(
                insert(SmsSuggestion).values(channel_id=1, session_id=first.session_id, **suggestion)
            )
            asked = {"session_id": 99, "kind": "chat", "host_id": "conv_Zebedee"}
            connection.execute(insert(SmsHostErasure).values(channel_id=1, **asked))
            connection.execute(insert(SmsRetention).values(channel_id=1))
            file = {"position": 0, "content_type": "text/plain", "data": b"Zebedee"}
            connection.execute(
                insert(SmsMedia).values(
                    channel_id=1, session_id=first.session_id, message_id=first.id, **file
                )
            )
            for table, values in FIGURES.items():
                connection.execute(Base.metadata.tables[table].insert().values(channel_id=1, **values))
    sql(
        texting,
        "INSERT INTO sms_doctor_runs (assistant_id, started_by, checks, started_at)"
        " VALUES ('ast_support', 'usr_owner', '[]', CURRENT_TIMESTAMP)",
    )
    post_signed(
        texting,
        "/api/sms/webhook/ast_sales",
        inbound_form("of the other one", To=seed.SALES_NUMBER, From=OTHER_TEXTER),
    )
    run_jobs(texting)
    return texting


def rows_of(app: Flask, channel_id: int) -> dict[str, int]:
    """How many rows each table has of a channel."""
    return {
        table.name: sql(app, f"SELECT count(*) FROM {table.name} WHERE channel_id = {channel_id}").scalar()
        for table in Base.metadata.sorted_tables
        if "channel_id" in table.c
    }


def erase_support(app: Flask) -> Erased:
    with app.app_context():
        return erase_channel(current_runtime(), "ast_support", by=OWNER)


def test_nothing_of_the_channel_is_left_and_the_other_one_keeps_all(lived: Flask) -> None:
    before, others = rows_of(lived, 1), rows_of(lived, 2)
    assert all(before.values()), "the test covers every table"
    gone = erase_support(lived)
    assert gone == Erased(sessions=1, messages=before["sms_messages"])
    assert set(rows_of(lived, 1).values()) == {0}
    assert rows_of(lived, 2) == others
    left = everything(lived)
    for trace in ("Zebedee", TEXTER, TEXTER[2:], "ast_support", seed.SUPPORT_NUMBER):
        assert trace not in left
    assert "of the other one" in left


def test_its_webhook_is_refused_and_it_can_be_connected_anew(lived: Flask) -> None:
    erase_support(lived)
    assert text_in(lived, "hello?").status_code == 403
    connect(lived)
    assert text_in(lived, "hello again").status_code == 200
    assert len(sessions(lived)) == 2


def test_while_a_worker_is_at_a_session_it_waits_and_can_be_called_again(lived: Flask) -> None:
    """An answer may be on its way to Twilio."""
    write(lived, SmsSession, SmsSession.channel_id == 1, lease_token="w", lease_expires_at=db_now(30.0))
    with pytest.raises(Conflict, match="again in a minute"):
        erase_support(lived)
    assert text_in(lived, "hello?").status_code == 403, "it is disconnected already"
    write(lived, SmsSession, SmsSession.channel_id == 1, lease_expires_at=db_now(-1.0))
    erase_support(lived)
    assert set(rows_of(lived, 1).values()) == {0}


def test_long_sessions_go_piece_by_piece(lived: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MESSAGES", 2)
    monkeypatch.setattr(service, "SESSIONS", 1)
    text_in(lived, "me too", From="+15557650004")
    assert erase_support(lived).sessions == 2
    assert set(rows_of(lived, 1).values()) == {0}


def test_a_channel_that_was_disconnected_long_ago_goes_too(lived: Flask) -> None:
    with lived.app_context():
        service.disconnect(current_runtime(), "ast_support", by=OWNER)
    erase_support(lived)
    assert set(rows_of(lived, 1).values()) == {0}


def test_of_an_unknown_assistant_there_is_nothing_to_erase(lived: Flask) -> None:
    erase_support(lived)
    with pytest.raises(NotFound):
        erase_support(lived)


class TestTheCommand:
    def test_erases_a_workspace(self, lived: Flask) -> None:
        run = lived.test_cli_runner().invoke(args=["sms", "erase-channel", "--workspace", "ws_acme", "--yes"])
        assert run.exit_code == 0, run.output
        assert "ast_support: 1 session, " in run.output
        assert "ast_sales: 1 session, 2 texts deleted." in run.output
        assert messages(lived) == []

    def test_asks_first(self, lived: Flask) -> None:
        run = lived.test_cli_runner().invoke(args=["sms", "erase-channel", "ast_support"], input="n\n")
        assert run.exit_code == 1
        assert len(sessions(lived)) == 2

    @pytest.mark.parametrize("args", [[], ["ast_support", "--workspace", "ws_acme"], ["--workspace", "ws_0"]])
    def test_wants_one_thing_that_is_there(self, lived: Flask, args: list[str]) -> None:
        run = lived.test_cli_runner().invoke(args=["sms", "erase-channel", *args, "--yes"])
        assert run.exit_code != 0
        assert len(sessions(lived)) == 2
