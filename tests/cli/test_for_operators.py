"""What an operator types while an admin is on the phone: sentences instead of tracebacks, masked numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.cli.test_commands import run
from tests.services.answering.answers import on_twilio
from tests.support.channels import run_jobs, sessions
from tests.support.twilio_requests import TEXTER, text_in


@pytest.fixture
def texted(texting: Flask) -> Flask:
    text_in(texting, "Hello?")
    run_jobs(texting)
    return texting


def test_sessions_are_listed_with_masked_numbers_unless_asked_for(texted: Flask) -> None:
    code, output = run(texted, "sms", "sessions", "ast_support")
    assert code == 0
    assert TEXTER not in output
    assert "+1555•••4321" in output
    assert output.endswith("1 of 1 session.\n")
    assert TEXTER in run(texted, "sms", "sessions", "ast_support", "--numbers", "--find", "4321")[1]
    assert "0 of 0 sessions." in run(texted, "sms", "sessions", "ast_support", "--show", "person")[1]


def test_opt_outs_are_listed_with_their_evidence(texted: Flask) -> None:
    assert run(texted, "sms", "opt-outs", "ast_support") == (0, "0 texters opted out.\n")
    text_in(texted, "STOP")
    _, output = run(texted, "sms", "opt-outs", "ast_support")
    assert "by text" in output
    assert TEXTER not in output
    assert output.endswith("1 texter opted out.\n")


def test_a_text_is_sent_by_number_or_session_once_for_a_key(texted: Flask, twilio: Any) -> None:
    session = str(sessions(texted)[0].id)
    for who in (TEXTER, session):
        code, output = run(texted, "sms", "send", "ast_support", who, "We look into it.", "--key", "k1")
        assert (code, "a worker sends it" in output) == (0, True)
    run_jobs(texted)
    assert on_twilio(twilio).count("We look into it.") == 1
    text_in(texted, "STOP")
    code, output = run(texted, "sms", "send", "ast_support", TEXTER, "Please stay.")
    assert (code, "has opted out" in output) == (1, True)


def test_a_texter_is_exported_to_a_file_and_erased(texted: Flask, tmp_path: Path) -> None:
    _, output = run(texted, "sms", "export", "ast_support", TEXTER)
    assert json.loads(output)["texts"][0]["body"] == "Hello?"
    page = tmp_path / "texter.html"
    run(texted, "sms", "export", "ast_support", TEXTER, "--html", "--output", str(page))
    assert "Hello?" in page.read_text()
    assert run(texted, "sms", "erase", "ast_support", TEXTER, input="n\n")[0] == 1
    assert len(sessions(texted)) == 1
    code, output = run(texted, "sms", "erase", "ast_support", TEXTER, "--yes")
    assert (code, "The texter is erased with 2 texts" in output) == (0, True)
    assert sessions(texted) == []


def test_a_page_is_exported_where_the_app_has_no_pages_of_ours(make: Any, texted: Flask) -> None:
    without: Flask = make(SMS_PAGES=False)
    code, output = run(without, "sms", "export", "ast_support", TEXTER, "--html")
    assert (code, "Hello?" in output, "&lt;" in output or "<h1>" in output) == (0, True, True)


def test_the_doctor_says_what_is_wrong(texted: Flask) -> None:
    code, output = run(texted, "sms", "doctor", "ast_support")
    assert code in (0, 1)
    assert "OK" in output
    assert "Problem" in output or code == 0
    assert TEXTER not in output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("sessions", "ast_nobody"), "ast_nobody has no SMS channel. These have one: ast_support."),
        (("doctor", "../etc"), "has no SMS channel"),
        (("opt-outs", "ast_nobody"), "has no SMS channel"),
        (("send", "ast_support", "+15550000009", "Hi"), "There is no +1555•••0009 here."),
        (("send", "ast_support", "999", "Hi"), "There is no session 999 here."),
        (("send", "ast_support", "Anna", "Hi"), "with + and country code"),
        (("export", "ast_support", "+1"), "Error:"),
        (("erase", "ast_support", "12", "--yes"), "There is no session 12 here."),
    ],
)
def test_what_cannot_be_done_is_a_sentence(texted: Flask, arguments: tuple[str, ...], sentence: str) -> None:
    code, output = run(texted, "sms", *arguments)
    assert code == 1
    assert sentence in output
    assert "Traceback" not in output
