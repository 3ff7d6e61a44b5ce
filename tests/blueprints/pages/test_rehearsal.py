"""The page on which an admin tries the assistant out, and its twin for programs."""

from __future__ import annotations

import threading

import pytest
from flask import Flask

from illumichat_sms_plugin.models.database import transaction
from illumichat_sms_plugin.services.spending import learn_rates
from tests.support.channels import change
from tests.support.memory_host import MemoryHost
from tests.support.visitors import visit

PAGE = "/sms/ast_support/try"
API = "/api/sms/rehearsal/ast_support"


def wait_for_the_assistant() -> None:
    for thread in threading.enumerate():
        if thread.name == "sms-rehearsal":
            thread.join(20)


def test_an_admin_writes_and_reads_what_a_phone_would_get(connected: Flask):
    admin = visit(connected, "admin")
    assert "Nothing written yet" in admin.get(PAGE).text
    response = admin.post(PAGE, data={"text": "When do you open?", "number": ""})
    assert (response.status_code, response.location) == (303, PAGE)
    wait_for_the_assistant()
    page = admin.get(PAGE).text
    assert "We are open from 9 to 17." in page
    assert "1 segment · GSM-7 · about 0.0083 USD" in page
    assert "Your answer is cut after" in page, "the instructions are shown"
    admin.post(PAGE, data={"text": "STOP", "number": ""})
    assert "No answer: Keyword" in admin.get(PAGE).text
    assert admin.post(f"{PAGE}/start-over").status_code == 303
    assert "Nothing written yet" in admin.get(PAGE).text


def test_while_the_assistant_thinks_the_page_says_so_and_fetches_the_rest(connected: Flask, host: MemoryHost):
    go_on = threading.Event()
    host.assistants.reply = lambda request: "Done." if go_on.wait(20) else ""
    admin = visit(connected, "admin")
    admin.post(PAGE, data={"text": "Hello"})
    page = admin.get(PAGE).text
    assert "The assistant is thinking" in page
    assert f'hx-get="{PAGE}/conversation"' in page
    assert '<meta http-equiv="refresh"' in page
    assert admin.get(f"{PAGE}/conversation").status_code == 204, "who reads further up goes on reading there"
    busy = admin.post(PAGE, data={"text": "Hello again"})
    assert (busy.status_code, "Hello again" in busy.text) == (409, True), "what was typed is not lost"
    go_on.set()
    wait_for_the_assistant()
    part = admin.get(f"{PAGE}/conversation").text
    assert "Done." in part
    assert "hx-get" not in part


def test_what_was_typed_wrongly_is_kept(connected: Flask):
    response = visit(connected, "admin").post(PAGE, data={"text": "Hello", "number": "12<3"})
    assert response.status_code == 422
    assert 'value="12&lt;3"' in response.text
    assert ">Hello</textarea>" in response.text


def test_what_texters_and_assistants_write_is_shown_as_text(connected: Flask, host: MemoryHost):
    host.assistants.reply = lambda request: "1 < 2 and \u202e<b>x"
    admin = visit(connected, "admin")
    admin.post(PAGE, data={"text": "<script>alert(1)</script>"})
    wait_for_the_assistant()
    page = admin.get(PAGE).text
    assert "<script>alert" not in page
    assert "\u202e" not in page


def test_a_channel_that_is_off_says_so_and_is_tried_all_the_same(connected: Flask):
    change(connected, enabled=False)
    admin = visit(connected, "admin")
    assert "SMS is off for this assistant" in admin.get(PAGE).text
    admin.post(PAGE, data={"text": "Hello"})
    wait_for_the_assistant()
    assert "We are open" in admin.get(PAGE).text


def test_before_anything_is_saved_the_page_leads_to_the_settings(app: Flask):
    admin = visit(app, "admin")
    assert "Go to the settings" in admin.get(PAGE).text
    assert admin.post(PAGE, data={"text": "Hello"}).status_code == 409


@pytest.mark.parametrize("role", ["member", "guest"])
def test_only_those_who_may_manage_come_in(connected: Flask, role: str):
    someone = visit(connected, role)
    assert someone.get(PAGE).status_code == 403
    assert someone.post(PAGE, data={"text": "Hello"}).status_code == 403


def test_a_program_does_the_same(connected: Flask):
    priced = {"channel_id": 1, "to_number": "+12015550123", "segments": 1, "price": "0.01", "unit": "EUR"}
    with connected.app_context(), transaction() as connection:
        learn_rates(connection, [priced])
    admin = visit(connected, "admin")
    assert admin.get(API).json["steps"] == []
    response = admin.post(API, json={"text": "Hello", "number": "+12015550123"})
    assert response.status_code == 202
    wait_for_the_assistant()
    found = admin.get(API).json
    assert not found["isThinking"]
    assert not found["isEstimate"]
    assert [step["kind"] for step in found["steps"]] == ["text", "answer"]
    answer = found["steps"][1]
    assert (answer["segments"], answer["cost"], answer["currency"]) == (1, "0.01", "EUR")
    assert admin.delete(API).json["steps"] == []
    assert admin.post(API, json={"text": ""}).status_code == 400
