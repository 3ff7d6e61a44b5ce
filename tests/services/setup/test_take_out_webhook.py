"""Disconnecting may take our webhook out at Twilio: only where it is still ours, and disconnecting never waits for that."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from demo.twilio_simulator import seed
from demo.twilio_simulator.records import MessagingService
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.audit import recent_entries
from illumichat_sms_plugin.services.setup import take_out_webhook as service
from illumichat_sms_plugin.services.setup.channel_settings import read_settings
from tests.support.apps import PUBLIC_URL
from tests.support.channels import connect, run_jobs, sql
from tests.support.twilio_requests import text_in
from tests.support.visitors import visit

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OWN, FURTHER = seed.SUPPORT_NUMBER, seed.SALES_NUMBER
OURS = f"{PUBLIC_URL}/api/sms/webhook/ast_support#rc=3&rp=5xx,ct,rt"
ANOTHER = f"{PUBLIC_URL}/api/sms/webhook/ast_sales#rc=3&rp=5xx,ct,rt"
FOREIGN = "https://crm.example.net/hooks/sms"
API, PAGE = "/api/sms/config/ast_support", "/sms/ast_support/settings/disconnect"


def page(app: Flask) -> BeautifulSoup:
    return BeautifulSoup(visit(app).get(PAGE).text, "html.parser")


def press(app: Flask, **ticked: str) -> str:
    """Answer the question as a browser would; what the page then says was done."""
    client = visit(app)
    version = page(app).select_one("[name=version]")["value"]
    assert client.post(PAGE, data={"version": version} | ticked).status_code == 303
    assert not is_connected(app)
    return str(BeautifulSoup(client.get("/sms/ast_support").text, "html.parser").select_one("#sms-done").text)


def is_connected(app: Flask) -> bool:
    with app.app_context():
        return read_settings(current_runtime(), "ast_support").is_connected


def delete(app: Flask) -> dict[str, Any]:
    answer = visit(app).delete(API, query_string="takeOutWebhook=true")
    assert answer.status_code == 200
    assert not is_connected(app)
    return dict(answer.get_json())


def url_of(twilio: Any, number: str = OWN) -> str:
    return str(twilio.number(number).sms_url)


def by_service(twilio: Any, url: str) -> None:
    twilio.store.save(
        MessagingService(
            sid="MG" + "5" * 32,
            account_sid=seed.ACCOUNT_SID,
            friendly_name="Campaigns",
            phone_numbers=[OWN],
            inbound_request_url=url,
            use_inbound_webhook_on_number=False,
        )
    )


def test_the_box_is_ticked_while_the_webhook_is_ours(texting: Flask, twilio: Any):
    twilio.set_webhook(OWN, OURS)
    box = page(texting).select_one("#take_out_webhook")
    assert box.has_attr("checked")
    assert OWN in page(texting).select_one("#take_out_webhook-help").text
    assert "taken out at Twilio" in press(texting, take_out_webhook="on")
    assert url_of(twilio) == ""
    with texting.app_context():
        entry, before = recent_entries(1, limit=2)
    assert (entry.action, before.action) == ("webhook_taken_out", "disconnected")
    assert entry.changes == [{"field": OWN, "old": OURS, "new": None}]
    assert "took the webhook out at Twilio" in visit(texting).get("/sms/ast_support").text


def test_without_the_tick_twilio_keeps_it(texting: Flask, twilio: Any):
    twilio.set_webhook(OWN, OURS)
    visit(texting).post(PAGE, data={"version": page(texting).select_one("[name=version]")["value"]})
    assert not is_connected(texting)
    assert url_of(twilio) == OURS


def test_what_is_not_ours_is_not_offered(texting: Flask, twilio: Any):
    twilio.set_webhook(OWN, FOREIGN)
    assert page(texting).select_one("#take_out_webhook") is None
    assert "Nothing changes at Twilio" in page(texting).text
    assert "pointed here any more" in press(texting, take_out_webhook="on")


def test_what_is_not_ours_is_left_alone(texting: Flask, twilio: Any):
    for url in ("", FOREIGN, ANOTHER):
        connect(texting)
        twilio.set_webhook(OWN, url)
        assert delete(texting) == {"outcome": "not_ours", "taken": [], "left": []}
        assert url_of(twilio) == url


def test_what_became_somebody_elses_after_the_question_is_left_alone(texting: Flask, twilio: Any):
    twilio.set_webhook(OWN, OURS)
    version = page(texting).select_one("[name=version]")["value"]
    twilio.set_webhook(OWN, FOREIGN)
    visit(texting).post(PAGE, data={"version": version, "take_out_webhook": "on"})
    assert url_of(twilio) == FOREIGN
    assert not is_connected(texting)


def test_further_numbers_go_too_and_one_that_points_elsewhere_stays(texting: Flask, twilio: Any):
    text_in(texting, "hello", To=FURTHER)
    run_jobs(texting)
    sql(texting, "UPDATE sms_further_numbers SET enabled = false")
    twilio.set_webhook(OWN, FOREIGN)
    twilio.set_webhook(FURTHER, OURS)
    assert delete(texting) == {"outcome": "taken_out", "taken": [FURTHER], "left": []}
    assert (url_of(twilio), url_of(twilio, FURTHER)) == (FOREIGN, "")


def test_our_address_with_a_slip_is_ours(texting: Flask, twilio: Any):
    for almost in (OURS.partition("#")[0], OURS.replace("ast_support", "ast_support/")):
        connect(texting)
        twilio.set_webhook(OWN, almost)
        assert delete(texting)["outcome"] == "taken_out"


def test_a_twilio_that_does_not_answer_hinders_nothing(texting: Flask, twilio: Any):
    twilio.set_webhook(OWN, OURS)
    twilio.add_fault("outage", count=None, mode="503")
    box = page(texting).select_one("#take_out_webhook")
    assert not box.has_attr("checked")
    assert "could not be asked" in press(texting, take_out_webhook="on")
    assert url_of(twilio) == OURS


def test_credentials_that_no_longer_open_the_account_hinder_nothing(texting: Flask, twilio: Any):
    twilio.set_webhook(OWN, OURS)
    connect(texting, auth_token="0" * 32)
    assert delete(texting) == {"outcome": "no_answer", "taken": [], "left": []}


def test_whoever_asks_twilio_too_often_is_still_disconnected(
    texting: Flask, twilio: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(service, "LOOKS", 0)
    assert delete(texting)["outcome"] == "no_answer"


def test_a_messaging_service_is_named_and_left_to_its_owner(texting: Flask, twilio: Any):
    by_service(twilio, OURS)
    assert "Messaging Service brings the texts" in page(texting).text
    assert delete(texting) == {"outcome": "left", "taken": [], "left": [OWN]}


def test_what_twilio_does_not_let_go_of_is_named(
    texting: Flask, twilio: Any, monkeypatch: pytest.MonkeyPatch
):
    twilio.set_webhook(OWN, OURS)
    look = service.look_at_numbers

    def and_then_an_outage(*given: Any) -> Any:
        found = look(*given)
        twilio.add_fault("outage", count=None, mode="503")
        return found

    monkeypatch.setattr(service, "look_at_numbers", and_then_an_outage)
    assert delete(texting) == {"outcome": "left", "taken": [], "left": [OWN]}


def test_who_connects_again_at_the_same_moment_keeps_the_webhook(
    texting: Flask, twilio: Any, monkeypatch: pytest.MonkeyPatch
):
    twilio.set_webhook(OWN, OURS)
    look = service.look_at_numbers

    def and_then_a_connection(*given: Any) -> Any:
        connect(texting)
        return look(*given)

    monkeypatch.setattr(service, "look_at_numbers", and_then_a_connection)
    assert visit(texting).delete(API, query_string="takeOutWebhook=true").get_json()["outcome"] == "left"
    assert url_of(twilio) == OURS


def test_a_question_that_is_outdated_takes_nothing_out(texting: Flask, twilio: Any):
    twilio.set_webhook(OWN, OURS)
    answer = visit(texting).post(PAGE, data={"version": "0", "take_out_webhook": "on"})
    assert answer.status_code == 409
    assert url_of(twilio) == OURS


def test_programs_that_do_not_ask_get_what_they_always_got(texting: Flask, twilio: Any):
    twilio.set_webhook(OWN, OURS)
    assert visit(texting).delete(API, query_string="takeOutWebhook=yes").status_code == 400
    answer = visit(texting).delete(API)
    assert (answer.status_code, answer.data, url_of(twilio)) == (204, b"", OURS)
