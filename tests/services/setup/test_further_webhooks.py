"""Webhook Setup looks at the further numbers that are answered, too, and sets all of them together."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from demo.twilio_simulator import seed
from demo.twilio_simulator.records import MessagingService, Number
from illumichat_sms_plugin.errors import Conflict
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.audit import recent_entries
from illumichat_sms_plugin.services.setup.webhook_setup import (
    ForeignWebhook,
    WebhookView,
    look_at_webhook,
    set_webhook,
)
from illumichat_sms_plugin.services.setup.webhook_target import TargetKind
from tests.support.apps import PUBLIC_URL
from tests.support.channels import OWNER, run_jobs, sql
from tests.support.twilio_requests import TEXTER, text_in
from tests.support.visitors import visit

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OWN, FURTHER, CODE = seed.SUPPORT_NUMBER, seed.SALES_NUMBER, "77701"
OURS = f"{PUBLIC_URL}/api/sms/webhook/ast_support"
RIGHT = f"{OURS}#rc=3&rp=5xx,ct,rt"
FOREIGN = "https://crm.example.net/hooks/sms"
API, PAGE = "/api/sms/config/ast_support/webhook", "/sms/ast_support/settings/webhook"


@pytest.fixture
def two_numbers(texting: Flask, twilio: Any) -> Flask:
    """A channel with a further number, which Twilio has confirmed."""
    learn(texting, FURTHER)
    return texting


def learn(app: Flask, number: str) -> None:
    """By a text to it, of a texter of its own."""
    text_in(app, "hello", To=number, From=f"+1555766{number[-4:]}" if number.startswith("+") else TEXTER)
    run_jobs(app)


def look(app: Flask) -> WebhookView:
    with app.app_context():
        return look_at_webhook(current_runtime(), "ast_support", by=OWNER)


def point_here(app: Flask, **agreed: Any) -> tuple[WebhookView, WebhookView]:
    with app.app_context():
        return set_webhook(current_runtime(), "ast_support", by=OWNER, **agreed)


def kinds(view: WebhookView) -> list[TargetKind]:
    return [view.target.kind, *(one.target.kind for one in view.further)]


def test_all_numbers_are_shown_and_set_together(two_numbers: Flask, twilio: Any) -> None:
    before, after = point_here(two_numbers)
    assert kinds(before) == [TargetKind.NOWHERE, TargetKind.NOWHERE]
    assert kinds(after) == [TargetKind.OURS, TargetKind.OURS]
    assert (twilio.number(OWN).sms_url, twilio.number(FURTHER).sms_url) == (RIGHT, RIGHT)
    with two_numbers.app_context():
        noted = [change["field"] for entry in recent_entries(1, limit=2) for change in entry.changes]
    assert noted == [FURTHER, "webhook"]


def test_what_is_right_already_is_left_alone(two_numbers: Flask, twilio: Any) -> None:
    twilio.set_webhook(OWN, RIGHT)
    point_here(two_numbers)
    point_here(two_numbers)
    written = [entry for entry in twilio.store.requests if "IncomingPhoneNumbers/" in entry.path]
    assert len(written) == 1
    assert look(two_numbers).is_right


@pytest.mark.parametrize("standing", ["off", "unknown", "not_ours"])
def test_a_number_that_is_not_answered_is_none_of_them(
    two_numbers: Flask, twilio: Any, standing: str
) -> None:
    changed = {
        "off": "enabled = false",
        "unknown": "confirmed_at = NULL",
        "not_ours": "confirmed_at = NULL, denied_at = created_at",
    }[standing]
    sql(two_numbers, f"UPDATE sms_further_numbers SET {changed}")
    before = twilio.number(FURTHER).sms_url
    assert look(two_numbers).further == ()
    point_here(two_numbers)
    assert twilio.number(FURTHER).sms_url == before


def test_a_foreign_address_of_a_further_number_is_left_alone_unasked(two_numbers: Flask, twilio: Any) -> None:
    twilio.set_webhook(FURTHER, FOREIGN)
    _, after = point_here(two_numbers)
    assert kinds(after) == [TargetKind.OURS, TargetKind.FOREIGN]
    assert twilio.number(FURTHER).sms_url == FOREIGN


def test_it_is_replaced_when_it_is_named(two_numbers: Flask, twilio: Any) -> None:
    twilio.set_webhook(FURTHER, FOREIGN)
    _, after = point_here(two_numbers, further={FURTHER: FOREIGN})
    assert after.is_right


def test_agreeing_to_one_address_is_not_agreeing_to_the_next_and_nothing_is_set(
    two_numbers: Flask, twilio: Any
) -> None:
    twilio.set_webhook(FURTHER, "https://new.example.net/sms")
    with pytest.raises(ForeignWebhook):
        point_here(two_numbers, further={FURTHER: FOREIGN})
    assert twilio.number(OWN).sms_url == ""


def test_agreeing_for_one_number_is_not_agreeing_for_another(two_numbers: Flask, twilio: Any) -> None:
    twilio.set_webhook(OWN, FOREIGN)
    twilio.set_webhook(FURTHER, FOREIGN)
    with pytest.raises(ForeignWebhook):
        point_here(two_numbers, further={FURTHER: FOREIGN})
    _, after = point_here(two_numbers, replaces=FOREIGN)
    assert kinds(after) == [TargetKind.OURS, TargetKind.FOREIGN]


def test_a_number_that_was_given_up_is_named_and_hinders_nothing(two_numbers: Flask, twilio: Any) -> None:
    twilio.number(FURTHER).account_sid = seed.OTHER_ACCOUNT_SID
    before, after = point_here(two_numbers)
    assert before.missing == (FURTHER,)
    assert (after.target.is_right, after.is_right) == (True, False)


def test_a_short_code_is_set_like_a_number(two_numbers: Flask, twilio: Any) -> None:
    twilio.store.save(Number(sid="SC" + "7" * 32, account_sid=seed.ACCOUNT_SID, phone_number=CODE))
    learn(two_numbers, CODE)
    _, after = point_here(two_numbers)
    assert [one.number.phone_number for one in after.further] == [FURTHER, CODE]
    assert (twilio.number(CODE).sms_url, twilio.number(CODE).sms_method) == (RIGHT, "POST")


def test_many_numbers_cost_one_listing(texting: Flask, twilio: Any) -> None:
    for at in range(12):
        number = f"+155512350{at:02}"
        twilio.store.save(Number(sid=f"PN{at:032}", account_sid=seed.ACCOUNT_SID, phone_number=number))
        learn(texting, number)
    twilio.store.requests.clear()
    assert len(look(texting).further) == 12
    assert len(twilio.store.requests) == 2, "the numbers, and the Messaging Services"


def pool(twilio: Any, url: str) -> None:
    """A Messaging Service that takes the texts of both numbers."""
    twilio.store.save(
        MessagingService(
            sid="MG" + "5" * 32,
            account_sid=seed.ACCOUNT_SID,
            friendly_name="Campaigns",
            phone_numbers=[OWN, FURTHER],
            inbound_request_url=url,
            use_inbound_webhook_on_number=False,
        )
    )


def test_a_messaging_service_that_delivers_here_is_right(two_numbers: Flask, twilio: Any) -> None:
    pool(twilio, RIGHT)
    before, after = point_here(two_numbers)
    assert before == after, "nothing is left to set"
    assert kinds(after) == [TargetKind.OURS, TargetKind.OURS]
    assert after.is_right
    assert "Campaigns" in after.target.sentence


def test_one_without_retry_rules_works_and_only_its_owner_can_mend_it(
    two_numbers: Flask, twilio: Any
) -> None:
    pool(twilio, OURS)
    view = look(two_numbers)
    assert (view.target.works, view.target.is_right, view.may_be_set) == (True, False, False)
    assert RIGHT in view.target.do
    with pytest.raises(Conflict, match="retry rules"):
        point_here(two_numbers)


def test_one_that_delivers_elsewhere_is_named_for_each_number(two_numbers: Flask, twilio: Any) -> None:
    pool(twilio, FOREIGN)
    assert kinds(look(two_numbers)) == [TargetKind.SERVICE, TargetKind.SERVICE]


def test_a_further_number_can_be_set_while_the_own_one_is_overridden(two_numbers: Flask, twilio: Any) -> None:
    twilio.add_fault("application_override", number=OWN)
    _, after = point_here(two_numbers)
    assert kinds(after) == [TargetKind.APPLICATION, TargetKind.OURS]


def test_programs_see_and_set_them(two_numbers: Flask, twilio: Any) -> None:
    twilio.set_webhook(FURTHER, FOREIGN)
    seen = visit(two_numbers).get(API).get_json()
    (further,) = seen["further"]
    assert (further["phoneNumber"], further["replaces"], seen["missing"]) == (FURTHER, FOREIGN, [])
    agreed = {"further": [{"phoneNumber": FURTHER, "replaces": further["replaces"]}]}
    after = visit(two_numbers).post(API, json=agreed).get_json()["after"]
    assert [after["target"]["kind"], after["further"][0]["target"]["kind"]] == ["ours", "ours"]


@pytest.mark.parametrize("odd", [{"further": "x"}, {"further": [{"phoneNumber": FURTHER}]}, {"further": [1]}])
def test_an_odd_agreement_is_refused(two_numbers: Flask, odd: dict[str, Any]) -> None:
    assert visit(two_numbers).post(API, json=odd).status_code == 400


def test_the_page_shows_each_with_its_own_question(two_numbers: Flask, twilio: Any) -> None:
    twilio.set_webhook(FURTHER, FOREIGN)
    page = visit(two_numbers).get(PAGE).text
    assert f'name="further" value="{FURTHER} {FOREIGN}"' in page
    assert "Set the webhooks" in page
    done = visit(two_numbers).post(PAGE, data={"further": f"{FURTHER} {FOREIGN}"}).text
    assert done.count("come to this assistant.") == 2
    assert "Set the webhooks" not in done
    assert twilio.number(FURTHER).sms_url == RIGHT
