"""A person answers on the session's page, and through the API."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.services.spending import learn_rates
from tests.services.answering.answers import on_twilio
from tests.support.channels import run_jobs, sessions
from tests.support.twilio_requests import TEXTER, text_in
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


def test_the_part_that_changes_by_itself_can_be_had_alone(texting: Flask, at: str) -> None:
    part = visit(texting, "member").get(f"{at}/conversation").text
    assert "Is anybody there?" in part
    assert "<html" not in part
    assert "Take over" not in part, "a member may only look"
    assert "Take over" in visit(texting, "admin").get(f"{at}/conversation").text


def test_the_counter_knows_what_a_segment_to_the_texter_cost_lately(texting: Flask, at: str) -> None:
    admin = visit(texting, "admin")
    assert "data-sms-price" not in admin.get(at).text
    priced = {"channel_id": 1, "to_number": TEXTER, "segments": 2, "price": "0.0166", "unit": "USD"}
    with texting.app_context(), transaction() as connection:
        learn_rates(connection, [priced])
    assert 'data-sms-price="8300" data-sms-currency="USD"' in admin.get(at).text


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
