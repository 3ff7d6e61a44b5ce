"""The pages of sessions, as an admin and as a member see them, and what an admin does there."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from illumichat_sms_plugin.host import Contact
from illumichat_sms_plugin.models import SmsMessage, SmsSession, db_now
from tests.blueprints.pages.soup import page, press, words
from tests.support.channels import inbound, messages, outbound, run_jobs, sessions, sql, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import TEXTER, status_in, text_in
from tests.support.visitors import visit

LIST = "/sms/ast_support/sessions"
ONE = f"{LIST}/1"

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{ 1111 * 7 }}{% raw %}",
    "\u202etxt.exe",
    "\u2066\u2069\u200b",
    '" onmouseover="alert(1)',
    "javascript:alert(1)",
    "=cmd|' /C calc'!A0",
    "<!--",
    "</p></li></ol><h1>gotcha</h1>",
]


def test_a_session_shows_the_conversation_with_what_happened(texting: Flask) -> None:
    text_in(texting, "When do you open?")
    run_jobs(texting)
    status_in(texting, outbound(texting)[0].message_sid, "undelivered", ErrorCode="30005")
    soup = page(texting, ONE)
    said = [text.get_text(strip=True) for text in soup.select(".sms-bubble .sms-text")]
    assert said == ["When do you open?", "We are open from 9 to 17."]
    shown = words(soup)
    assert "Not delivered" in shown
    assert "30005" in shown
    assert "1 segment" in shown
    assert soup.select_one('a[href="/chats/conv_1"]') is not None
    assert soup.select_one('a[href="https://www.twilio.com/docs/api/errors/30005"]') is not None


def test_media_that_were_not_fetched_are_named_and_not_embedded(connected: Flask) -> None:
    url = "https://api.twilio.com/2010-04-01/media"
    text_in(connected, "", NumMedia="1", MediaUrl0=url, MediaContentType0="image/png")
    soup = page(connected, ONE)
    assert "Attachment: image/png It was not fetched." in words(soup)
    assert url not in str(soup)
    assert soup.select("img, video, iframe, object") == []


def test_older_texts_are_a_link_away(connected: Flask) -> None:
    for n in range(52):
        text_in(connected, f"text {n}")
    soup = page(connected, ONE)
    assert len(soup.select(".sms-bubble")) == 50
    (older,) = [link for link in soup.select("a") if link.get_text() == "Older texts"]
    before = page(connected, str(older["href"]))
    assert [text.get_text(strip=True) for text in before.select(".sms-bubble .sms-text")] == [
        "text 0",
        "text 1",
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_of_strangers_are_shown_as_text(connected: Flask, host: MemoryHost, text: str) -> None:
    text_in(connected, text)
    host.contacts.contacts["cnt_1"] = ("ws_acme", Contact("cnt_1", text, TEXTER), "test")
    write(connected, SmsSession, SmsSession.id > 0, contact_id="cnt_1")
    plain_tags = {tag.name for tag in page(connected, "/sms/ast_sales/sessions").select("*")}
    for url in (LIST, ONE, f"{LIST}?q={text}"):
        answer = visit(connected).get(url)
        soup = BeautifulSoup(answer.text, "html.parser")
        assert {"img", "h3"} & {tag.name for tag in soup.select("*")} == set()
        assert all(tag.get("src", "").startswith("/sms/static/") for tag in soup.select("script"))
        assert not any(name.startswith("on") for tag in soup.select("*") for name in tag.attrs)
        assert len(soup.select("h1")) == 1
        assert "7777" not in soup.get_text()
        for hidden in "\u202e\u2066\u2069\u200b":
            assert hidden not in answer.text
    assert plain_tags
    body = page(connected, ONE).select_one(".sms-bubble .sms-text")
    assert body is not None
    assert body.get("dir") == "auto"


def test_nul_and_half_characters_survive(connected: Flask) -> None:
    text_in(connected, "a\x00b")
    write(connected, SmsMessage, SmsMessage.id > 0, body="bell\x07")
    assert "bell␇" in words(page(connected, ONE))


def test_a_member_sees_masked_numbers_everywhere_and_no_buttons(texting: Flask) -> None:
    text_in(texting)
    run_jobs(texting)
    write(texting, SmsMessage, SmsMessage.direction == "outbound", send_state="unsettled")
    for url in (LIST, ONE, f"{LIST}?q=7654321", "/sms/ast_support"):
        answer = visit(texting, "member").get(url)
        assert answer.status_code == 200
        shown = answer.text.replace("q=7654321", "").replace('value="7654321"', "").replace("“7654321”", "")
        assert TEXTER not in shown
        assert "7654321" not in shown
        assert BeautifulSoup(answer.text, "html.parser").select("form[method=post]") == []
    assert "+1555•••4321" in page(texting, ONE, "member").select_one("h1").get_text()  # type: ignore[union-attr]


def test_a_member_does_not_see_the_evidence_of_consent(connected: Flask) -> None:
    text_in(connected, "STOP")
    sid = messages(connected)[0].message_sid
    assert sid in words(page(connected, ONE))
    assert sid not in words(page(connected, ONE, "member"))


def test_resend_sends_once_more(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    run_jobs(texting)
    (text,) = outbound(texting)
    write(
        texting, SmsMessage, SmsMessage.id == text.id, send_state="unsettled", message_sid=None, status=None
    )
    assert "Waiting for your decision" in words(page(texting, ONE))
    answer = press(texting, f"{ONE}/messages/{text.id}/resend")
    assert answer.headers["Location"] == f"{ONE}#text-{text.id}"
    assert "sms_done=resent" in answer.headers["Set-Cookie"]
    assert outbound(texting)[0].send_state == "accepted"
    assert len(twilio.messages(created_by="api")) == 2
    press(texting, f"{ONE}/messages/{text.id}/resend", status=409)
    assert len(twilio.messages(created_by="api")) == 2


def test_what_was_done_is_said_once(texting: Flask) -> None:
    text_in(texting)
    client = visit(texting)
    client.post(f"{ONE}/consent", data={"action": "opt_out", "evidence": "asked by e-mail"})
    said = "gets no more texts until it opts in again"
    assert said not in client.get("/sms/ast_support").text, "that is another page's"
    assert said in client.get(ONE).text
    assert said not in client.get(ONE).text


def test_resend_to_somebody_who_opted_out_is_refused(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    run_jobs(texting)
    write(texting, SmsMessage, SmsMessage.direction == "outbound", send_state="unsettled")
    write(texting, SmsSession, SmsSession.id > 0, opted_out_at=db_now())
    press(texting, f"{ONE}/messages/{outbound(texting)[0].id}/resend", status=409)
    assert len(twilio.messages(created_by="api")) == 1


def test_dismiss_leaves_it(texting: Flask) -> None:
    text_in(texting)
    run_jobs(texting)
    (text,) = outbound(texting)
    write(texting, SmsMessage, SmsMessage.id == text.id, send_state="unsettled")
    press(texting, f"{ONE}/messages/{text.id}/dismiss")
    assert outbound(texting)[0].send_state == "dismissed"
    press(texting, f"{ONE}/messages/{text.id}/dismiss", status=409)


def test_answer_again_lets_the_assistant_try_once_more(texting: Flask, twilio: Any) -> None:
    text_in(texting)
    write(texting, SmsMessage, SmsMessage.id > 0, no_reply_reason="assistant_failed")
    run_jobs(texting)
    press(texting, f"{ONE}/messages/1/answer-again")
    run_jobs(texting)
    assert inbound(texting)[0].answer_id
    press(texting, f"{ONE}/messages/1/answer-again", status=409)


@pytest.mark.parametrize("action", ["resend", "dismiss", "answer-again"])
@pytest.mark.parametrize(
    "url", [f"{ONE}/messages/999", f"{LIST}/999/messages/1", f"{ONE}/messages/x", f"{LIST}/-1/messages/1"]
)
def test_what_is_not_there_is_not_found(texting: Flask, action: str, url: str) -> None:
    text_in(texting)
    press(texting, f"{url}/{action}", status=404)


def test_a_text_of_another_session_is_not_found(texting: Flask) -> None:
    text_in(texting)
    text_in(texting, From="+15557650002")
    write(texting, SmsMessage, SmsMessage.id > 0, no_reply_reason="assistant_failed")
    press(texting, f"{ONE}/messages/2/answer-again", status=404)


def test_opting_out_and_in_needs_evidence_and_keeps_it(connected: Flask) -> None:
    text_in(connected)
    refused = press(connected, f"{ONE}/consent", status=422, action="opt_out", evidence=" x ")
    soup = BeautifulSoup(refused.text, "html.parser")
    field = soup.select_one("#sms-evidence")
    assert field is not None
    assert (field["value"], field["aria-invalid"]) == (" x ", "true")
    assert sessions(connected)[0].opted_out_at is None

    press(connected, f"{ONE}/consent", action="opt_out", evidence="asked by e-mail on 3 May")
    assert sessions(connected)[0].opted_out_at is not None
    assert "Ada Admin: asked by e-mail on 3 May" in words(page(connected, ONE))
    again = press(connected, f"{ONE}/consent", action="opt_out", evidence="pressed twice")
    assert "sms_done=unchanged" in again.headers["Set-Cookie"]
    press(connected, f"{ONE}/consent", action="opt_in", evidence="called and wants texts again")
    assert sessions(connected)[0].opted_out_at is None
    assert sql(connected, "SELECT count(*) FROM sms_consent_events WHERE source = 'admin'").scalar() == 2


@pytest.mark.parametrize(
    ("action", "evidence"), [("explode", "some words"), ("opt_out", "x" * 101), ("", "")]
)
def test_odd_consent_is_refused(connected: Flask, action: str, evidence: str) -> None:
    text_in(connected)
    press(connected, f"{ONE}/consent", status=422, action=action, evidence=evidence)


def test_erasing_asks_first_and_then_erases(texting: Flask) -> None:
    text_in(texting)
    run_jobs(texting)
    question = page(texting, f"{ONE}/erase")
    assert f"Erase {TEXTER} for good?" in words(question)
    assert len(messages(texting)) == 2
    answer = press(texting, f"{ONE}/erase")
    assert answer.headers["Location"] == LIST
    assert "sms_done=erased" in answer.headers["Set-Cookie"]
    assert messages(texting) == []
    assert "2 texts of erased texters are still at Twilio" in words(page(texting, LIST))
    press(texting, f"{ONE}/erase", status=404)
    entry = sql(
        texting, "SELECT person_name, action, changes FROM sms_audit_entries ORDER BY id DESC"
    ).first()
    assert entry[:2] == ("Ada Admin", "texter_erased")
    assert TEXTER not in str(entry)


def test_times_are_those_of_the_workspace(connected: Flask) -> None:
    from datetime import UTC, datetime

    text_in(connected)
    at = datetime(2026, 7, 1, 2, 30, tzinfo=UTC)
    write(connected, SmsMessage, SmsMessage.id > 0, created_at=at)
    time = page(connected, ONE).select_one(".sms-bubble time")
    assert time is not None
    assert (time.get_text(), time["datetime"]) == ("30 Jun 2026, 22:30", "2026-07-01T02:30:00.000Z")


@pytest.mark.parametrize("url", [LIST, ONE, f"{ONE}/erase"])
def test_no_inline_script_or_style_and_a_label_for_every_field(connected: Flask, url: str) -> None:
    text_in(connected)
    soup = page(connected, url)
    assert soup.select("[style], style, script:not([src])") == []
    labelled = {label["for"] for label in soup.select("label[for]")}
    for field in soup.select("input:not([type=hidden]), select, textarea"):
        assert field["id"] in labelled
    for form in soup.select("form[method=post]"):
        assert form.select_one("input[name=csrf_token]") is not None
