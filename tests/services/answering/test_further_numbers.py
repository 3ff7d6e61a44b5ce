"""Texts to a number that is not the channel's own: answered from that number, once Twilio has confirmed it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from demo.twilio_simulator import seed
from demo.twilio_simulator.records import Number
from illumichat_sms_plugin.models import SmsFurtherNumber, db_now
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.further_numbers import MOST, Standing, further_numbers, look_at_numbers
from illumichat_sms_plugin.services.setup.save_channel import disconnect
from illumichat_sms_plugin.services.setup.switch_number import ASKS
from tests.services.reconcile.missed_texts import connected_long_ago, missed
from tests.support.channels import (
    OWNER,
    connect,
    inbound,
    keep_house,
    messages,
    outbound,
    run_jobs,
    sessions,
    sql,
    write,
)
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import NUMBER, inbound_form, post_signed, text_in
from tests.support.visitors import visit

FURTHER, FOREIGN, CODE = seed.SALES_NUMBER, seed.OTHER_NUMBER, "77701"


def standing(app: Flask) -> dict[str, Standing]:
    with app.app_context():
        return {number.phone_number: number.standing for number in further_numbers(1)}


def look_now(app: Flask) -> int:
    write(app, SmsFurtherNumber, SmsFurtherNumber.look_at.is_not(None), look_at=db_now(-1.0))
    with app.app_context():
        return look_at_numbers(current_runtime())


def senders(twilio: Any) -> list[str]:
    return [message.from_ for message in twilio.messages(created_by="api")]


def test_a_number_of_the_account_answers_for_itself(texting: Flask, twilio: Any) -> None:
    assert text_in(texting, "hello", To=FURTHER).status_code == 200
    assert standing(texting) == {FURTHER: Standing.UNKNOWN}
    run_jobs(texting)
    assert standing(texting) == {FURTHER: Standing.OURS}
    assert senders(twilio) == [FURTHER]


def test_twilio_is_asked_once(texting: Flask, twilio: Any) -> None:
    for body in ("one", "two", "three"):
        text_in(texting, body, To=FURTHER)
        run_jobs(texting)
    asked = [entry for entry in twilio.store.requests if "IncomingPhoneNumbers" in entry.path]
    assert len(asked) == 1
    assert senders(twilio) == [FURTHER] * 3


def test_a_number_of_somebody_else_is_never_answered_from(
    texting: Flask, twilio: Any, host: MemoryHost
) -> None:
    for body in ("hello", "again"):
        text_in(texting, body, To=FOREIGN)
        run_jobs(texting)
    assert standing(texting) == {FOREIGN: Standing.NOT_OURS}
    assert {row.no_reply_reason for row in inbound(texting)} == {"not_our_number"}
    assert not outbound(texting)
    assert not host.assistants.requests


def test_while_twilio_does_not_say_texts_wait_and_those_to_the_own_number_do_not(
    texting: Flask, twilio: Any
) -> None:
    twilio.add_fault("outage", count=None, mode="503")
    text_in(texting, "to the further one", To=FURTHER)
    run_jobs(texting)
    assert inbound(texting)[0].no_reply_reason is None
    assert not outbound(texting)
    twilio.clear_faults()
    text_in(texting, "to the own one")
    run_jobs(texting)
    assert senders(twilio) == [NUMBER]
    assert look_now(texting) == 1
    with texting.app_context():
        current_runtime().queue.answer_session(sessions(texting)[0].id, 1)  # as the next sweep does
    run_jobs(texting)
    assert senders(twilio) == [NUMBER, FURTHER]


def test_a_text_that_waits_too_long_is_closed_as_such(texting: Flask, twilio: Any) -> None:
    twilio.add_fault("outage", count=None, mode="503")
    text_in(texting, "hello", To=FURTHER)
    sql(texting, "UPDATE sms_messages SET created_at = '2026-01-01 00:00:00.000000'")
    run_jobs(texting)
    assert inbound(texting)[0].no_reply_reason == "stale"


class TestShortCodes:
    """A short code is a sender as any; Twilio keeps it in a list of its own."""

    @pytest.fixture(autouse=True)
    def short_code(self, twilio: Any) -> None:
        twilio.store.save(Number(sid="SC" + "7" * 32, account_sid=seed.ACCOUNT_SID, phone_number=CODE))

    def test_one_of_the_account_answers_for_itself(self, texting: Flask, twilio: Any) -> None:
        assert text_in(texting, "hello", To=CODE).status_code == 200
        run_jobs(texting)
        assert standing(texting) == {CODE: Standing.OURS}
        assert senders(twilio) == [CODE]

    @pytest.mark.parametrize("code", ["77702", "777", "7770", "abc", "7770١"])
    def test_one_that_the_account_does_not_have_never_does(
        self, texting: Flask, twilio: Any, code: str
    ) -> None:
        """Twilio's filter finds parts of a code, too."""
        text_in(texting, "hello", To=code)
        run_jobs(texting)
        assert standing(texting) == {code: Standing.NOT_OURS}
        assert not senders(twilio)

    def test_catch_up_fetches_what_it_missed(self, texting: Flask, twilio: Any) -> None:
        text_in(texting, "hello", To=CODE)
        run_jobs(texting)
        connected_long_ago(texting)
        missed(twilio, "while you were away", to=CODE)
        sql(texting, "UPDATE sms_channels SET catch_up_at = NULL, compared_to = NULL")
        keep_house(texting)
        run_jobs(texting)
        assert "while you were away" in {row.body for row in messages(texting)}
        assert senders(twilio) == [CODE, CODE]


def test_a_stop_to_a_further_number_counts_at_once(texting: Flask) -> None:
    text_in(texting, "STOP", To=FURTHER)
    assert sessions(texting)[0].opted_out_at is not None


def test_whoever_has_the_key_cannot_fill_the_table(texting: Flask) -> None:
    for number in range(MOST + 5):
        text_in(texting, "hello", To=f"+1555000{number:04}", From=f"+1555777{number:04}")
    assert len(standing(texting)) == MOST
    assert len(inbound(texting)) == MOST + 5


@pytest.mark.parametrize("leave", ["another account", "disconnected"])
def test_a_channel_with_another_account_starts_without_further_numbers(
    texting: Flask, twilio: Any, leave: str
) -> None:
    """They were the other account's."""
    text_in(texting, "hello", To=FURTHER)
    run_jobs(texting)
    if leave == "disconnected":
        with texting.app_context():
            disconnect(current_runtime(), "ast_support", by=OWNER)
    else:
        account = {"account_sid": seed.OTHER_ACCOUNT_SID, "auth_token": seed.OTHER_AUTH_TOKEN}
        connect(texting, **account, phone_number=seed.OTHER_NUMBER)
    assert standing(texting) == {}


class TestTheSwitch:
    @pytest.fixture
    def known(self, texting: Flask, twilio: Any) -> Flask:
        text_in(texting, "hello", To=FURTHER)
        run_jobs(texting)
        return texting

    def test_is_on_the_page(self, known: Flask, twilio: Any) -> None:
        page = visit(known).get("/sms/ast_support").text
        assert "Further numbers" in page
        assert FURTHER in page
        number_id = sql(known, "SELECT id FROM sms_further_numbers").scalar()
        off = visit(known).post(f"/sms/ast_support/settings/numbers/{number_id}", data={"enabled": "no"})
        assert off.status_code == 303
        text_in(known, "hello?", To=FURTHER)
        run_jobs(known)
        assert inbound(known)[-1].no_reply_reason == "disabled"
        assert len(senders(twilio)) == 1
        assert "turned a further number on or off" in visit(known).get("/sms/ast_support").text

    def test_is_in_the_api(self, known: Flask) -> None:
        path = "/api/sms/config/ast_support/numbers"
        (number,) = visit(known).get(path).get_json()["numbers"]
        assert (number["phoneNumber"], number["standing"]) == (FURTHER, "ours")
        answer = visit(known).patch(f"{path}/{number['id']}", json={"enabled": False})
        assert answer.get_json()["numbers"][0]["standing"] == "off"
        foreign = visit(known).patch(
            f"/api/sms/config/ast_sales/numbers/{number['id']}", json={"enabled": True}
        )
        assert foreign.status_code == 404

    def test_a_number_that_was_bought_since_is_asked_about_again(self, texting: Flask, twilio: Any) -> None:
        text_in(texting, "hello", To=FOREIGN)
        run_jobs(texting)
        number_id = sql(texting, "SELECT id FROM sms_further_numbers").scalar()
        visit(texting).post(f"/sms/ast_support/settings/numbers/{number_id}", data={"ask": "again"})
        assert standing(texting) == {FOREIGN: Standing.UNKNOWN}

    def test_the_api_asks_about_it_again_too(self, texting: Flask, twilio: Any) -> None:
        text_in(texting, "hello", To=FOREIGN)
        run_jobs(texting)
        path = "/api/sms/config/ast_support/numbers"
        (number,) = visit(texting).get(path).get_json()["numbers"]
        assert number["standing"] == "not_ours"
        twilio.number(FOREIGN).account_sid = seed.ACCOUNT_SID
        asked = visit(texting).post(f"{path}/{number['id']}/look").get_json()
        assert asked["numbers"][0]["standing"] == "unknown"
        look_now(texting)
        assert standing(texting) == {FOREIGN: Standing.OURS}
        for foreign in (f"ast_sales/numbers/{number['id']}", "ast_support/numbers/99"):
            assert visit(texting).post(f"/api/sms/config/{foreign}/look").status_code == 404

    def test_nobody_has_twilio_asked_without_end(self, texting: Flask, twilio: Any) -> None:
        text_in(texting, "hello", To=FOREIGN)
        run_jobs(texting)
        number_id = sql(texting, "SELECT id FROM sms_further_numbers").scalar()
        path = f"/api/sms/config/ast_support/numbers/{number_id}/look"
        client = visit(texting)
        assert {client.post(path).status_code for _ in range(ASKS)} == {200}
        assert client.post(path).status_code == 429


class TestTwoChannelsOfOneAccount:
    def test_the_one_that_has_a_further_number_gets_its_texts(self, texting: Flask, twilio: Any) -> None:
        """Whichever webhook they come to: else catch-up of the other one would fetch and answer them again."""
        connect(texting, "ast_sales", phone_number="+15551230099")
        text_in(texting, "first", To=FURTHER)
        run_jobs(texting)
        post_signed(texting, "/api/sms/webhook/ast_sales", inbound_form("second", To=FURTHER))
        assert {row.channel_id for row in inbound(texting)} == {1}

    def test_a_number_that_another_one_connects_is_not_further_any_more(
        self, texting: Flask, twilio: Any
    ) -> None:
        text_in(texting, "first", To=FURTHER)
        run_jobs(texting)
        connect(texting, "ast_sales", phone_number=FURTHER)
        assert standing(texting) == {FURTHER: Standing.NOT_OURS}
        text_in(texting, "second", To=FURTHER)
        assert [row.channel_id for row in inbound(texting)] == [1, 2]


def test_catch_up_fetches_what_a_further_number_missed(texting: Flask, twilio: Any) -> None:
    text_in(texting, "hello", To=FURTHER)
    run_jobs(texting)
    connected_long_ago(texting)
    missed(twilio, "while you were away", to=FURTHER)
    sql(texting, "UPDATE sms_channels SET catch_up_at = NULL, compared_to = NULL")
    keep_house(texting)
    assert "while you were away" in {row.body for row in messages(texting)}
