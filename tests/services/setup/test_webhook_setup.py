"""Webhook Setup: see where the texts go, and send them here without taking them from anybody unasked."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from demo.twilio_simulator import seed
from demo.twilio_simulator.records import MessagingService
from illumichat_sms_plugin.errors import Conflict, NotFound, RateLimited
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.audit import recent_entries
from illumichat_sms_plugin.services.setup import webhook_setup as service
from illumichat_sms_plugin.services.setup.webhook_setup import ForeignWebhook, WebhookView
from illumichat_sms_plugin.services.setup.webhook_target import TargetKind
from tests.support.apps import PUBLIC_URL
from tests.support.channels import OWNER

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NUMBER = seed.SUPPORT_NUMBER
OURS = f"{PUBLIC_URL}/api/sms/webhook/ast_support"
FOREIGN = "https://crm.example.net/hooks/sms"


def look(app: Flask) -> WebhookView:
    with app.app_context():
        return service.look_at_webhook(current_runtime(), "ast_support", by=OWNER)


def point_here(app: Flask, replaces: str | None = None) -> tuple[WebhookView, WebhookView]:
    with app.app_context():
        return service.set_webhook(current_runtime(), "ast_support", by=OWNER, replaces=replaces)


def test_an_empty_webhook_is_set_with_twilios_retry_rules(texting: Flask, twilio: Any):
    before, after = point_here(texting)
    assert before.target.kind is TargetKind.NOWHERE
    assert after.target.works
    assert twilio.number(NUMBER).sms_url == f"{OURS}#rc=3&rp=5xx,ct,rt"
    assert twilio.number(NUMBER).sms_method == "POST"


@pytest.mark.parametrize(
    ("fragment", "right"),
    [
        ("", False),
        ("#rc=3", False),
        ("#rc=3&rp=ct", False),
        ("#rc=0&rp=all", False),
        ("#rp=5xx,ct,rt", True),
        ("#rc=2&rp=all&ct=2000", True),
        ("#rc=3&rp=5xx,ct,rt", True),
    ],
)
def test_a_webhook_without_retry_rules_works_and_is_not_right(
    texting: Flask, twilio: Any, fragment: str, *, right: bool
):
    twilio.set_webhook(NUMBER, OURS + fragment)
    target = look(texting).target
    assert (target.works, target.is_right) == (True, right)
    assert ("retry rules" in target.sentence) is not right
    assert point_here(texting)[1].target.is_right, "set without asking"


@pytest.mark.parametrize(
    ("fallback", "shown"),
    [
        ("", None),
        (f"{OURS}#rc=1", None),
        ("https://user:pw@crm.example.net/sorry?key=1", "https://crm.example.net/sorry?…"),
    ],
)
def test_who_answers_when_we_fail_is_said(texting: Flask, twilio: Any, fallback: str, shown: str | None):
    twilio.number(NUMBER).sms_fallback_url = fallback
    assert look(texting).target.fallback_url == shown


def test_setting_leaves_everything_else_about_the_number_alone(texting: Flask, twilio: Any):
    number = twilio.number(NUMBER)
    number.sms_fallback_url, number.friendly_name = "https://crm.example.net/fallback", "Front desk"
    point_here(texting)
    assert (number.sms_fallback_url, number.friendly_name) == (
        "https://crm.example.net/fallback",
        "Front desk",
    )


@pytest.mark.parametrize("replaces", [None, "", "https://else.example.net/"])
def test_a_foreign_webhook_is_not_replaced_unasked(texting: Flask, twilio: Any, replaces: str | None):
    twilio.set_webhook(NUMBER, FOREIGN)
    with pytest.raises(ForeignWebhook) as caught:
        point_here(texting, replaces)
    assert caught.value.url == FOREIGN
    assert twilio.number(NUMBER).sms_url == FOREIGN


def test_a_foreign_webhook_is_replaced_when_it_is_named(texting: Flask, twilio: Any):
    twilio.set_webhook(NUMBER, FOREIGN)
    before, after = point_here(texting, look(texting).replaces)
    assert before.target.url == FOREIGN
    assert after.target.works


def test_agreeing_to_one_address_is_not_agreeing_to_the_next(texting: Flask, twilio: Any):
    twilio.set_webhook(NUMBER, FOREIGN)
    agreed = look(texting).replaces
    twilio.set_webhook(NUMBER, "https://new.example.net/sms")
    with pytest.raises(ForeignWebhook):
        point_here(texting, agreed)


def test_another_assistants_webhook_is_foreign_too(texting: Flask, twilio: Any):
    twilio.set_webhook(NUMBER, f"{PUBLIC_URL}/api/sms/webhook/ast_sales")
    with pytest.raises(ForeignWebhook):
        point_here(texting)


@pytest.mark.parametrize(
    ("url", "method"),
    [(OURS + "/", "POST"), (OURS, "GET"), (OURS.replace("https", "http"), "POST"), (OURS + "?x=1", "POST")],
)
def test_what_is_almost_right_is_named_and_set_without_asking(
    texting: Flask, twilio: Any, url: str, method: str
):
    twilio.set_webhook(NUMBER, url, method)
    assert look(texting).target.kind is TargetKind.ALMOST_OURS
    assert point_here(texting)[1].target.works


def test_a_twiml_app_that_overrides_is_named_and_nothing_is_set(texting: Flask, twilio: Any):
    twilio.add_fault("application_override", number=NUMBER)
    view = look(texting)
    assert view.target.kind is TargetKind.APPLICATION
    assert seed.APPLICATION_SID in view.target.sentence
    with pytest.raises(Conflict, match="TwiML app"):
        point_here(texting)
    assert twilio.number(NUMBER).sms_url == ""


def in_service(twilio: Any, *, defers: bool) -> None:
    twilio.store.save(
        MessagingService(
            sid="MG" + "5" * 32,
            account_sid=seed.ACCOUNT_SID,
            friendly_name="Campaigns",
            phone_numbers=[NUMBER],
            inbound_request_url=FOREIGN,
            use_inbound_webhook_on_number=defers,
        )
    )


def test_a_messaging_service_that_overrides_is_named(texting: Flask, twilio: Any):
    in_service(twilio, defers=False)
    target = look(texting).target
    assert target.kind is TargetKind.SERVICE
    assert "Campaigns" in target.sentence
    assert target.url == FOREIGN


def test_a_messaging_service_that_defers_to_the_number_does_not_matter(texting: Flask, twilio: Any):
    in_service(twilio, defers=True)
    assert point_here(texting)[1].target.works


def test_a_foreign_address_is_shown_and_kept_without_what_may_be_secret_in_it(texting: Flask, twilio: Any):
    twilio.set_webhook(NUMBER, "https://user:hunter2@crm.example.net/sms?key=hunter3")
    view = look(texting)
    point_here(texting, view.replaces)
    with texting.app_context():
        kept = str(recent_entries(1))
    assert "hunter" not in str(view.target)
    assert "hunter" not in kept
    assert "crm.example.net/sms" in kept


def test_setting_leaves_an_audit_entry(texting: Flask, twilio: Any):
    twilio.set_webhook(NUMBER, FOREIGN)
    point_here(texting, FOREIGN)
    with texting.app_context():
        entry = recent_entries(1)[0]
    assert (entry.action, entry.person_id) == ("webhook_set", OWNER.id)
    assert entry.changes == [{"field": "webhook", "old": FOREIGN, "new": f"{OURS}#rc=3&rp=5xx,ct,rt"}]


def test_a_number_that_was_given_up_is_said(texting: Flask, twilio: Any):
    twilio.add_fault("number_released", number=NUMBER)
    with pytest.raises(NotFound, match="does not own"):
        look(texting)


def test_without_a_connection_there_is_nothing_to_set(app: Flask):
    with pytest.raises(NotFound, match="not connected"):
        look(app)


@pytest.mark.usefixtures("one_period")
def test_twilio_is_not_asked_without_end(texting: Flask):
    with pytest.raises(RateLimited):
        for _ in range(service.LOOKS + 1):
            look(texting)
