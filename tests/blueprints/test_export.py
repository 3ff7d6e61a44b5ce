"""All that is stored of a texter, in one file to read and as JSON."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert

from illumichat_sms_plugin.models import SmsPersonText
from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.services.sessions import export_texter
from tests.support.channels import change, run_jobs, sessions
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import TEXTER, text_in
from tests.support.visitors import visit

WILD = "<script>alert(1)</script> \u202e“hello”"


@pytest.fixture
def session(texting: Flask, host: MemoryHost) -> int:
    host.assistants.reply = lambda request: "Here is the answer."
    text_in(texting, WILD)
    run_jobs(texting)
    text_in(
        texting, "Photo", NumMedia="1", MediaUrl0="https://api.twilio.com/x", MediaContentType0="image/png"
    )
    text_in(texting, "STOP")
    run_jobs(texting)
    return int(sessions(texting)[0].id)


def test_json_has_the_texts_the_consent_and_the_audit(texting: Flask, session: int) -> None:
    admin = visit(texting, "admin")
    admin.post(f"/sms/ast_support/sessions/{session}/block")
    response = admin.get(f"/api/sms/sessions/ast_support/{session}/export")
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["Cache-Control"] == "no-store"
    found = response.json
    assert found["session"]["phoneNumber"] == TEXTER
    assert [text["body"] for text in found["texts"]][:2] == [WILD, "Here is the answer."]
    assert found["texts"][2]["media"] == ["image/png"]
    assert [event["action"] for event in found["consent"]] == ["opt_out"]
    assert [entry["action"] for entry in found["audit"]] == ["texter_exported", "blocked"]
    assert found["complete"] is True


def test_the_page_can_be_read_alone_and_runs_nothing(texting: Flask, session: int) -> None:
    response = visit(texting, "owner").get(f"/sms/ast_support/sessions/{session}/export")
    assert response.headers["Content-Disposition"] == f'attachment; filename="sms-session-{session}.html"'
    page = response.text
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "Here is the answer." in page
    assert "image/png" in page
    assert "Opted out" in page
    assert "exported what is stored of a texter" in page
    assert "not part of this file" in page
    assert "src=" not in page
    assert "href=" not in page


def test_what_was_written_and_never_went_out_is_part_of_it(
    texting: Flask, host: MemoryHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(texting, suggest_answers=True)
    host.assistants.reply = lambda request: f"Draft {len(host.assistants.requests)}."
    for words in ("Hello?", "Anybody?", "STOP"):
        text_in(texting, words)
        run_jobs(texting)
    with texting.app_context(), transaction() as connection:
        values = {"channel_id": 1, "session_id": 1, "key": "k", "body": "Too late.", "by_id": "1"}
        connection.execute(
            insert(SmsPersonText).values(
                **values, by_name="Anna", refused="opted_out", media_url="https://example.com/map.png"
            )
        )
    admin: Any = visit(texting, "admin")
    found = admin.get("/api/sms/sessions/ast_support/1/export").json
    assert [(one["body"], one["suggested"], one["by"]) for one in found["notSent"]] == [
        ("Draft 1.", True, None),
        ("Draft 2.", True, None),
        ("Too late.", False, "Anna"),
    ]
    assert found["notSent"][0]["why"] == "A further text came."
    assert "opted out" in found["notSent"][2]["why"]
    assert [one["pictureUrl"] for one in found["notSent"]] == [None, None, "https://example.com/map.png"]
    page = admin.get("/sms/ast_support/sessions/1/export").text
    for words in (
        "Draft 1.",
        "A further text came.",
        "To the texter, by Anna",
        "Too late.",
        "https://example.com/map.png",
    ):
        assert words in page
    monkeypatch.setattr(export_texter, "MOST_NOT_SENT", 2)
    found = admin.get("/api/sms/sessions/ast_support/1/export").json
    assert (len(found["notSent"]), found["complete"]) == (2, False)


@pytest.mark.parametrize("suggests", [True, False])
def test_what_was_cut_off_is_part_of_it(texting: Flask, host: MemoryHost, suggests: bool) -> None:
    change(texting, suggest_answers=suggests, max_message_length=80, offer_more=True)
    host.assistants.reply = lambda _: "We are open from nine to five. " * 5 + "Bring your passport."
    text_in(texting, "Hello?")
    run_jobs(texting)
    admin: Any = visit(texting, "admin")
    found = admin.get("/api/sms/sessions/ast_support/1/export").json
    assert (found["notSent"] if suggests else found["texts"])[-1]["rest"].endswith("Bring your passport.")
    assert "Bring your passport." in admin.get("/sms/ast_support/sessions/1/export").text


@pytest.mark.parametrize("role", ["member", "guest"])
def test_members_export_nothing(texting: Flask, session: int, role: str) -> None:
    visitor = visit(texting, role)
    for address in (
        f"/sms/ast_support/sessions/{session}/export",
        f"/api/sms/sessions/ast_support/{session}/export",
    ):
        assert visitor.get(address).status_code in (403, 404)
    assert "Export this texter" not in visitor.get(f"/sms/ast_support/sessions/{session}").text


def test_it_is_bounded_and_says_so(texting: Flask, session: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_texter, "PAGE", 1)
    monkeypatch.setattr(export_texter, "MOST_TEXTS", 2)
    monkeypatch.setattr(export_texter, "EXPORTS", 2)
    admin: Any = visit(texting, "admin")
    found = admin.get(f"/api/sms/sessions/ast_support/{session}/export").json
    assert (len(found["texts"]), found["complete"]) == (2, False)
    assert "more texts than one export" in admin.get(f"/sms/ast_support/sessions/{session}/export").text
    assert admin.get(f"/api/sms/sessions/ast_support/{session}/export").status_code == 429
    assert admin.get("/api/sms/sessions/ast_support/99/export").status_code == 404
