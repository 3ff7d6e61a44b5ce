"""``flask sms …`` as an operator types it."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select, update

from illumichat_sms_plugin.encryption import SecretBox
from illumichat_sms_plugin.models import SmsMessage, db_now
from illumichat_sms_plugin.models.database import transaction
from tests.support.channels import connect, sql
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import ACCOUNT_SID, AUTH_TOKEN, NUMBER, inbound_form, post_signed, text_in

CONNECT = ["sms", "connect", "ast_support", "--account-sid", ACCOUNT_SID, "--phone-number", NUMBER]


def run(app: Flask, *arguments: str, **kwargs: object) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=list(arguments), **kwargs)  # type: ignore[arg-type]
    assert not isinstance(result.exception, Exception) or isinstance(result.exception, SystemExit), (
        result.exception
    )
    return result.exit_code, result.output


def test_segments_counts_and_names_what_is_expensive(app: Flask) -> None:
    assert run(app, "sms", "segments", "Hello") == (0, "1 segment(s), GSM-7, 5 units\n")
    _, output = run(app, "sms", "segments", "“Hi”")
    assert "UCS-2" in output
    assert "character 1: '“'" in output


def test_generate_key_makes_a_key_that_works(app: Flask) -> None:
    _, output = run(app, "sms", "generate-key")
    SecretBox([output.strip()])


@pytest.fixture
def asking(make: Any, twilio: Any) -> Flask:
    """An app that asks the simulated Twilio."""
    app: Flask = make(SMS_TWILIO_API_URL=twilio.url)
    return app


def test_connect_takes_the_token_from_the_environment_and_never_shows_it(
    asking: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = asking
    monkeypatch.setenv("SMS_CONNECT_AUTH_TOKEN", AUTH_TOKEN)
    for _ in range(2):
        code, output = run(app, *CONNECT)
        assert code == 0
        assert AUTH_TOKEN not in output
    assert "/api/sms/webhook/ast_support#rc=3&rp=5xx,ct,rt" in output
    assert text_in(app).status_code == 200


def test_what_twilio_refuses_or_cannot_be_asked_about_is_a_draft(
    asking: Flask, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMS_CONNECT_AUTH_TOKEN", "e" * 32)
    code, output = run(asking, *CONNECT)
    assert (code, output.startswith("Saved as a draft: Twilio refuses")) == (0, True)
    assert (
        post_signed(asking, "/api/sms/webhook/ast_support", inbound_form(), token="e" * 32).status_code == 403
    )
    monkeypatch.setenv("SMS_CONNECT_AUTH_TOKEN", AUTH_TOKEN)
    code, output = run(app, *CONNECT)
    assert (code, output.startswith("Saved as a draft: Twilio could not be asked")) == (0, True)
    assert text_in(app).status_code == 403


def test_connect_asks_for_the_token(app: Flask) -> None:
    code, output = run(app, *CONNECT, input=f"{AUTH_TOKEN}\n")
    assert code == 0
    assert AUTH_TOKEN not in output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["sms", "connect", "ast_unknown", "--account-sid", ACCOUNT_SID, "--phone-number", NUMBER],
            "no such assistant",
        ),
        (["sms", "connect", "ast_support", "--account-sid", "AC1", "--phone-number", NUMBER], "account_sid"),
        (
            ["sms", "connect", "ast_support", "--account-sid", ACCOUNT_SID, "--phone-number", "555"],
            "phone_number",
        ),
    ],
)
def test_wrong_input_is_a_sentence(
    app: Flask, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    monkeypatch.setenv("SMS_CONNECT_AUTH_TOKEN", AUTH_TOKEN)
    code, output = run(app, *arguments)
    assert code == 1
    assert sentence in output
    assert "Traceback" not in output


def test_a_number_that_is_in_use_is_refused_without_saying_whose(
    asking: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = asking
    monkeypatch.setenv("SMS_CONNECT_AUTH_TOKEN", AUTH_TOKEN)
    connect(app, "ast_globex")
    code, output = run(app, *CONNECT)
    assert code == 1
    assert "already in use" in output
    assert "globex" not in output


def test_release_number_frees_a_number_and_keeps_the_history(app: Flask) -> None:
    connect(app)
    text_in(app)
    assert run(app, "sms", "release-number", NUMBER, "--yes") == (
        0,
        "ast_support is disconnected, and its number is free.\n",
    )
    assert text_in(app).status_code == 403
    assert sql(app, "SELECT count(*) FROM sms_messages").scalar() == 1
    who = sql(app, "SELECT action, person_name FROM sms_audit_entries ORDER BY id DESC LIMIT 1").one()
    assert tuple(who) == ("disconnected", "flask sms release-number")
    connect(app, "ast_globex")


def test_release_number_works_when_the_host_has_forgotten_the_assistant(app: Flask, host: MemoryHost) -> None:
    connect(app)
    del host.assistants.known["ast_support"]
    assert run(app, "sms", "release-number", NUMBER, "--yes")[0] == 0
    connect(app, "ast_globex")


def test_release_number_asks_first(app: Flask) -> None:
    connect(app)
    assert run(app, "sms", "release-number", NUMBER, input="n\n")[0] == 1
    assert text_in(app).status_code == 200


@pytest.mark.parametrize(
    ("number", "sentence"), [(NUMBER, "No assistant holds"), ("555", "+"), ("nonsense", "+")]
)
def test_release_number_says_when_there_is_nothing_to_release(app: Flask, number: str, sentence: str) -> None:
    code, output = run(app, "sms", "release-number", number, "--yes")
    assert code == 1
    assert sentence in output
    assert "Traceback" not in output


def test_housekeeping_once_says_what_it_found(app: Flask) -> None:
    code, output = run(app, "sms", "housekeeping", "--once")
    assert code == 0
    assert "sweep sessions: 0" in output


def test_upgrade_says_where_the_tables_are(app: Flask) -> None:
    from illumichat_sms_plugin.migrating import head_revision

    assert run(app, "sms", "upgrade") == (0, f"SMS tables are at {head_revision()}.\n")


def test_downgrade_asks_first(app: Flask) -> None:
    code, _ = run(app, "sms", "downgrade", "base", input="n\n")
    assert code == 1
    assert sql(app, "SELECT count(*) FROM sms_channels").scalar() == 0


def test_recount_holds_the_figures_against_the_messages(app: Flask) -> None:
    connect(app)
    text_in(app)
    sql(app, "UPDATE sms_messages SET created_at = '2026-01-01 12:00:00'")
    assert run(app, "sms", "recount") == (0, "ast_support: 90 days agree with the messages.\n")
    assert run(app, "sms", "recount", "ast_nobody")[0] == 1


def test_recount_finds_and_repairs_what_differs(app: Flask) -> None:
    connect(app)
    text_in(app)
    with app.app_context(), transaction() as connection:
        days_ago = connection.scalar(select(db_now(-3 * 86400.0)))
        connection.execute(update(SmsMessage).values(created_at=days_ago))
    run(app, "sms", "recount")
    sql(app, "DELETE FROM sms_days")
    code, output = run(app, "sms", "recount", "ast_support")
    assert code == 1
    assert f"{days_ago.astimezone(ZoneInfo('America/New_York')).date()} differ" in output
    assert run(app, "sms", "recount", "--repair")[0] == 0
    assert run(app, "sms", "recount") == (0, "ast_support: 90 days agree with the messages.\n")
