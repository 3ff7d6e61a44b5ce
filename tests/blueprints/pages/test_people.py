"""A person answers on the session's page, and through the API."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.services.answering.answers import on_twilio
from tests.support.channels import run_jobs, sessions
from tests.support.twilio_requests import text_in
from tests.support.visitors import visit


@pytest.fixture
def at(texting: Flask) -> str:
    text_in(texting, "Is anybody there?")
    run_jobs(texting)
    return f"/sms/ast_support/sessions/{sessions(texting)[0].id}"


def test_a_text_is_written_sent_and_shown_with_its_writer(texting: Flask, twilio: Any, at: str) -> None:
    admin = visit(texting, "admin")
    assert "Take over" in admin.get(at).text
    response = admin.post(f"{at}/messages", data={"text": "I am here.", "key": "k1"})
    assert (response.status_code, response.location.endswith(at)) == (303, True)
    assert "Waits to be sent" in admin.get(at).text
    run_jobs(texting)
    assert on_twilio(twilio)[-1] == "I am here."
    page = admin.get(at).text
    assert "I am here." in page
    assert "Hand back to the assistant" in page
    assert "A person answers" in admin.get("/sms/ast_support/sessions?show=person").text
    assert admin.post(f"{at}/hand-back").status_code == 303
    assert "Take over" in admin.get(at).text
    assert admin.post(f"{at}/take-over").status_code == 303


def test_what_may_not_go_out_is_said_before_and_after(texting: Flask, at: str) -> None:
    text_in(texting, "STOP")
    admin = visit(texting, "admin")
    assert "disabled" in admin.get(at).text
    response = admin.post(f"{at}/messages", data={"text": "Please stay.", "key": "k1"})
    assert response.status_code == 422
    assert "has opted out" in response.text
    assert "Please stay." in response.text


def test_programs_do_the_same(texting: Flask, twilio: Any, at: str) -> None:
    admin, api = (
        visit(texting, "admin"),
        at.replace("/sms/ast_support/sessions", "/api/sms/sessions/ast_support"),
    )
    body = {"text": "From a program.", "key": "k1"}
    sent = [admin.post(f"{api}/messages", json=body) for _ in range(2)]
    assert [response.status_code for response in sent] == [200, 200]
    assert sent[0].json == sent[1].json
    run_jobs(texting)
    assert on_twilio(twilio).count("From a program.") == 1
    shown = admin.get(f"{api}/messages").json["data"][0]
    assert (shown["kind"], shown["person"] is not None) == ("person", True)
    assert admin.post(f"{api}/hand-back").json["personSince"] is None
    assert admin.post(f"{api}/take-over").json["state"] == "person"
    text_in(texting, "STOP")
    assert admin.post(f"{api}/messages", json={**body, "key": "k2"}).status_code == 409
