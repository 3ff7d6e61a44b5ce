"""Whoever has just connected a channel sees its first text come in and be answered."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.models import SmsMessage
from tests.support.channels import change, run_jobs, write
from tests.support.twilio_requests import TEXTER, inbound_form, post_signed, text_in
from tests.support.visitors import visit

PART = "/sms/ast_support/first-text"
PAGE = "/sms/ast_support"


def part(app: Flask, looks: int = 0) -> str:
    return visit(app, "admin").get(f"{PART}?looks={looks}").text


def test_it_waits_then_shows_the_text_then_the_answer_then_its_arrival(texting: Flask, twilio: Any):
    assert "Waiting for it" in visit(texting, "admin").get(PAGE).text
    assert 'hx-trigger="load delay:3s"' in part(texting)
    text_in(texting, "Hello")
    came = part(texting)
    assert TEXTER in came
    assert "It is writing" in came
    run_jobs(texting)
    answered = part(texting)
    assert "We are open from 9 to 17." in answered
    assert "hx-trigger" in answered
    assert "hx-swap-oob" not in answered
    write(texting, SmsMessage, SmsMessage.direction == "outbound", status="delivered")
    done = part(texting)
    assert "It works." in done
    assert "hx-trigger" not in done, "nothing more happens"
    assert 'hx-swap-oob="true">On</span>' in done, "the top of the page no longer says that a step is left"
    assert "The assistant answers texts to" in done
    assert "Text it now" not in visit(texting, "admin").get(PAGE).text, (
        "the page of a channel in use has no such part"
    )


def test_a_text_that_gets_no_answer_says_why(texting: Flask):
    text_in(texting, "STOP")
    assert "No answer: Keyword" in part(texting)


def test_an_answer_that_does_not_arrive_says_what_to_do(texting: Flask, twilio: Any):
    text_in(texting, "Hello")
    run_jobs(texting)
    write(texting, SmsMessage, SmsMessage.direction == "outbound", status="undelivered", error_code=30034)
    failed = part(texting)
    assert "Not delivered" in failed
    assert "hx-trigger" not in failed


def test_a_refused_call_leads_to_the_doctor(texting: Flask):
    post_signed(texting, "/api/sms/webhook/ast_support", inbound_form("Hello"), token="0" * 32)
    refused = part(texting)
    assert "its call was refused" in refused
    assert "hx-trigger" in refused, "it may be set right meanwhile"


def test_it_does_not_ask_for_ever(texting: Flask):
    assert "hx-trigger" in part(texting, 199)
    last = part(texting, 200)
    assert "hx-trigger" not in last
    assert "Look again" in last


@pytest.mark.parametrize("looks", ["-1", "x", "9999", "٣"])
def test_nonsense_counts_as_the_first_look(texting: Flask, looks: str):
    assert "looks=1" in visit(texting, "admin").get(PART, query_string={"looks": looks}).text


@pytest.mark.parametrize(("name", "status"), [("member", 403), ("guest", 403), ("other admin", 404)])
def test_only_those_who_manage_see_it(texting: Flask, name: str, status: int):
    assert visit(texting, name).get(PART).status_code == status


def test_a_channel_that_is_off_has_no_such_part(texting: Flask):
    change(texting, enabled=False)
    assert "Text it now" not in visit(texting, "admin").get(PAGE).text
