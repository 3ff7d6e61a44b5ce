"""Only the key of a number's owner opens its channel: whoever types somebody's Account SID speaks for nobody."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from demo.twilio_simulator import seed
from illumichat_sms_plugin.models import SmsChannel
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.inbound.rejections import flush_rejections
from tests.support.channels import connect, inbound, messages, run_jobs, sessions, sql, write
from tests.support.twilio_requests import ACCOUNT_SID, NUMBER, inbound_form, post_signed, text_in

INVENTED = "e" * 32
"""A token that the attacker made up; whoever typed it can sign with it."""
GLOBEX = "/api/sms/webhook/ast_globex"
SALES = "/api/sms/webhook/ast_sales"


@pytest.fixture
def attacked(connected: Flask) -> Flask:
    """Acme is connected; an admin of Globex has typed Acme's Account SID, a number and a token of his own."""
    connect(
        connected,
        "ast_globex",
        account_sid=ACCOUNT_SID,
        auth_token=INVENTED,
        phone_number="+15005550111",
    )
    return connected


@pytest.mark.parametrize("body", ["hello", "STOP", "START"])
def test_a_typed_account_sid_opens_nobodys_channel(attacked: Flask, body: str) -> None:
    answer = post_signed(attacked, GLOBEX, inbound_form(body, To=NUMBER), token=INVENTED)
    assert (answer.status_code, answer.text) == (403, "Forbidden.")
    assert not messages(attacked)
    assert not sessions(attacked)


def test_nor_when_the_owners_channel_is_read_again_before_it_is_refused(attacked: Flask) -> None:
    """As any channel is that this process has known for more than a second."""
    text_in(attacked, "from a customer")
    make_old(attacked)
    answer = post_signed(attacked, GLOBEX, inbound_form("forged", To=NUMBER), token=INVENTED)
    assert answer.status_code == 403
    assert [row.body for row in inbound(attacked)] == ["from a customer"]


def test_a_hundred_forged_stops_opt_out_nobody_and_a_forged_start_undoes_no_stop(attacked: Flask) -> None:
    text_in(attacked, "STOP")
    for n in range(100):
        form = inbound_form("STOP", To=NUMBER, From=f"+1555765{n:04}")
        assert post_signed(attacked, GLOBEX, form, token=INVENTED).status_code == 403
    assert post_signed(attacked, GLOBEX, inbound_form("START"), token=INVENTED).status_code == 403
    assert [row.opted_out_at is not None for row in sessions(attacked)] == [True]


def test_the_victims_webhook_knows_the_attackers_key_as_little(attacked: Flask) -> None:
    answer = post_signed(attacked, "/api/sms/webhook/ast_support", inbound_form(), token=INVENTED)
    assert answer.status_code == 403


def test_a_second_token_and_a_signing_key_of_ones_own_open_nothing_more(attacked: Flask) -> None:
    changes = {"account_sid": ACCOUNT_SID, "auth_token": INVENTED, "phone_number": "+15005550111"}
    connect(attacked, "ast_globex", **changes, next_auth_token="d" * 32, signing_key="c" * 32)
    for token in (INVENTED, "d" * 32, "c" * 32):
        assert post_signed(attacked, GLOBEX, inbound_form(), token=token).status_code == 403
    assert not messages(attacked)


def test_the_refusal_says_why_and_shows_nothing_of_the_owner(attacked: Flask) -> None:
    attackers = sql(attacked, "SELECT id FROM sms_channels WHERE assistant_id = 'ast_globex'").scalar()
    post_signed(attacked, GLOBEX, inbound_form("hello"), token=INVENTED)
    with attacked.app_context():
        flush_rejections(current_runtime())
    rows = sql(attacked, "SELECT channel_id, reason, detail FROM sms_rejections").all()
    assert [(row.channel_id, row.reason, row.detail) for row in rows] == [(attackers, "others_number", "")]


class TestTwoAssistantsOfOneAccount:
    """What the rule must leave alone: two numbers of one account, one of which points to the wrong webhook."""

    @pytest.fixture
    def pair(self, connected: Flask) -> Flask:
        connect(connected, "ast_sales", phone_number=seed.SALES_NUMBER)
        return connected

    def test_each_gets_the_texts_to_its_number(self, pair: Flask) -> None:
        assert post_signed(pair, SALES, inbound_form("for support", To=NUMBER)).status_code == 200
        assert text_in(pair, "for sales", To=seed.SALES_NUMBER).status_code == 200
        assert {row.body: row.channel_id for row in inbound(pair)} == {"for support": 1, "for sales": 2}
        run_jobs(pair)
        asked = {
            request.assistant_id for request in pair.extensions["illumichat_sms"].host.assistants.requests
        }
        assert asked == {"ast_support", "ast_sales"}

    def test_a_token_that_the_other_one_replaced_a_moment_ago_counts(self, make: Any) -> None:
        """The owner's channel is cached in this process with its old token."""
        here, there = make(), make()
        connect(here)
        connect(here, "ast_sales", phone_number=seed.SALES_NUMBER)
        text_in(here, "first", To=seed.SALES_NUMBER)
        for assistant_id in ("ast_support", "ast_sales"):
            connect_token(there, assistant_id, "d" * 32)
        make_old(here)
        answer = post_signed(here, SALES, inbound_form("second", To=NUMBER), token="d" * 32)
        assert answer.status_code == 200

    def test_an_owner_with_an_outdated_token_loses_nothing_to_the_other(self, pair: Flask) -> None:
        """The text is refused rather than filed with the wrong assistant; catch-up fetches it."""
        connect_token(pair, "ast_sales", "d" * 32)
        assert text_in(pair, "for sales", To=seed.SALES_NUMBER).status_code == 403
        assert not messages(pair)

    def test_a_channel_that_was_disconnected_owns_nothing(self, pair: Flask) -> None:
        empty: dict[str, Any] = dict.fromkeys(("account_sid", "auth_token", "phone_number"))
        write(pair, SmsChannel, SmsChannel.assistant_id == "ast_sales", **empty)
        assert text_in(pair, To=seed.SALES_NUMBER).status_code == 200
        assert [row.channel_id for row in inbound(pair)] == [1]


def connect_token(app: Flask, assistant_id: str, token: str) -> None:
    number = {"ast_support": NUMBER, "ast_sales": seed.SALES_NUMBER}[assistant_id]
    connect(app, assistant_id, phone_number=number, auth_token=token)


def make_old(app: Flask) -> None:
    """Let what is cached be older than the second within which it is not read again."""
    channels = app.extensions["illumichat_sms"].channels
    for key, (loaded_at, channel) in list(channels._entries.items()):
        channels._entries[key] = (loaded_at - 5.0, channel)
