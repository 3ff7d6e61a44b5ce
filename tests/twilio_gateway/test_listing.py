"""Twilio's message log is read in bounded steps, whatever it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import islice
from typing import Any

import pytest

from illumichat_sms_plugin.errors import InvalidInput, TwilioInDoubt, TwilioRefused
from illumichat_sms_plugin.twilio_gateway.listing import delete_text, fetch_text, list_texts
from illumichat_sms_plugin.twilio_gateway.values import ListedText

from .conftest import CREDENTIALS
from .scripted_server import ScriptedServer, answers

SID = "SM" + "a" * 32
BASE = f"/2010-04-01/Accounts/{CREDENTIALS.account_sid}/Messages"
MESSAGE = {
    "sid": SID,
    "direction": "outbound-api",
    "from": "+15551230002",
    "to": "+15551230001",
    "body": "Hello",
    "status": "undelivered",
    "error_code": 30003,
    "num_segments": "1",
    "num_media": "0",
    "price": "-0.00790",
    "price_unit": "USD",
    "date_created": "Fri, 20 Nov 2026 10:00:00 +0000",
    "date_sent": "Fri, 20 Nov 2026 10:00:01 +0000",
}
MISSING = answers(404, {"code": 20404, "message": "not found", "status": 404})


def page(*sids: str, next_page: str | None = None) -> Any:
    return answers(
        200, {"messages": [{**MESSAGE, "sid": sid} for sid in sids], "next_page_uri": next_page, "page": 0}
    )


class TestOneText:
    def test_all_that_is_known_about_it(self, server: ScriptedServer, client: Any):
        server.plays(answers(200, MESSAGE))
        assert fetch_text(client, SID) == ListedText(
            sid=SID,
            direction="outbound-api",
            from_number="+15551230002",
            to_number="+15551230001",
            body="Hello",
            status="undelivered",
            error_code=30003,
            segments=1,
            media_count=0,
            price=Decimal("0.00790"),
            price_unit="USD",
            date_created=datetime(2026, 11, 20, 10, 0, 0, tzinfo=UTC),
            date_sent=datetime(2026, 11, 20, 10, 0, 1, tzinfo=UTC),
        )
        assert server.received[0].target == f"{BASE}/{SID}.json"

    def test_a_text_that_was_just_taken_over(self, server: ScriptedServer, client: Any):
        """Neither price nor segments nor a sending time yet."""
        fresh = {
            "price": None,
            "price_unit": None,
            "num_segments": "0",
            "date_sent": None,
            "error_code": None,
        }
        server.plays(answers(200, {**MESSAGE, **fresh}))
        text = fetch_text(client, SID)
        assert text is not None
        assert (text.price, text.price_unit, text.segments, text.date_sent, text.error_code) == (None,) * 5

    @pytest.mark.parametrize("price", ["", "free", "NaN", "-Infinity", 0.1, [], True])
    def test_a_price_that_is_none(self, server: ScriptedServer, client: Any, price: Any):
        server.plays(answers(200, {**MESSAGE, "price": price}))
        text = fetch_text(client, SID)
        assert text is not None
        assert text.price is None

    def test_a_text_without_any_field(self, server: ScriptedServer, client: Any):
        server.plays(answers(200, {}))
        text = fetch_text(client, SID)
        assert text is not None
        assert (text.sid, text.body, text.media_count) == ("", "", 0)

    def test_a_text_twilio_does_not_have_is_none(self, server: ScriptedServer, client: Any):
        server.plays(MISSING)
        assert fetch_text(client, SID) is None

    def test_a_redirect_is_no_answer(self, server: ScriptedServer, client: Any):
        server.plays(answers(307, MESSAGE, headers={"Location": "/elsewhere"}))
        with pytest.raises(TwilioInDoubt):
            fetch_text(client, SID)
        assert len(server.received) == 1

    def test_wrong_credentials_are_not_taken_for_a_missing_text(self, server: ScriptedServer, client: Any):
        server.plays(answers(401, {"code": 20003, "message": "Authenticate", "status": 401}))
        with pytest.raises(TwilioRefused) as refused:
            fetch_text(client, SID)
        assert refused.value.error_code == 20003

    @pytest.mark.parametrize("sid", ["", "../Balance", "SM1?x=1", "SM1/Media", "SM é", "SM1.json"])
    def test_what_is_no_sid_does_not_get_into_a_path(self, server: ScriptedServer, client: Any, sid: str):
        for read in (fetch_text, delete_text):
            with pytest.raises(InvalidInput):
                read(client, sid)
        assert server.received == []


class TestList:
    def test_only_what_is_asked_for_is_filtered(self, server: ScriptedServer, client: Any):
        server.plays(page(), page())
        list(list_texts(client))
        since = datetime(2026, 11, 20, 12, 0, tzinfo=timezone(timedelta(hours=2)))
        list(list_texts(client, to_number="+15551230002", from_number="+15551230001", sent_since=since))
        assert server.received[0].query == {"PageSize": "200"}
        assert server.received[1].query == {
            "To": "+15551230002",
            "From": "+15551230001",
            "DateSent>": "2026-11-20T10:00:00Z",
            "PageSize": "200",
        }

    def test_pages_follow_one_another(self, server: ScriptedServer, client: Any):
        server.plays(page("SM1", "SM2", next_page=f"{BASE}.json?Page=1&PageToken=PASM2"), page("SM3"))
        assert [text.sid for text in list_texts(client)] == ["SM1", "SM2", "SM3"]
        assert server.received[1].query == {"Page": "1", "PageToken": "PASM2"}

    def test_the_next_page_is_read_only_when_it_is_needed(self, server: ScriptedServer, client: Any):
        server.plays(page("SM1", "SM2", next_page=f"{BASE}.json?Page=1"))
        assert [text.sid for text in islice(list_texts(client), 2)] == ["SM1", "SM2"]
        assert len(server.received) == 1

    def test_the_limit_holds(self, server: ScriptedServer, client: Any):
        server.plays(page("SM1", "SM2", "SM3", next_page=f"{BASE}.json?Page=1"))
        assert [text.sid for text in list_texts(client, limit=2)] == ["SM1", "SM2"]
        assert server.received[0].query == {"PageSize": "2"}
        assert list(list_texts(client, limit=0)) == []
        assert len(server.received) == 1

    def test_empty_pages_without_end_come_to_an_end(self, server: ScriptedServer, client: Any):
        server.plays(*[page(next_page=f"{BASE}.json?Page=1")] * 50)
        assert list(list_texts(client, limit=1000)) == []
        assert len(server.received) < 20

    def test_a_next_page_elsewhere_is_not_visited(self, server: ScriptedServer, client: Any):
        server.plays(page("SM1", next_page="https://evil.example.com/steal"), page())
        assert [text.sid for text in list_texts(client)] == ["SM1"]
        assert len(server.received) == 2

    @pytest.mark.parametrize("body", [{}, {"messages": None}, {"messages": [17]}, {"a": [], "b": []}])
    def test_a_list_that_is_none(self, server: ScriptedServer, client: Any, body: Any):
        server.plays(answers(200, body))
        with pytest.raises(TwilioInDoubt):
            list(list_texts(client))

    def test_a_refusal_on_a_later_page_is_told(self, server: ScriptedServer, client: Any):
        server.plays(page("SM1", next_page=f"{BASE}.json?Page=1"), answers(401, {"code": 20003}))
        texts = list_texts(client)
        assert next(texts).sid == "SM1"
        with pytest.raises(TwilioRefused):
            next(texts)


class TestTakingOut:
    def test_deleting(self, server: ScriptedServer, client: Any):
        server.plays(answers(204))
        assert delete_text(client, SID) is True
        (request,) = server.received
        assert (request.method, request.path) == ("DELETE", f"{BASE}/{SID}.json")

    def test_what_is_gone_already_is_no_error(self, server: ScriptedServer, client: Any):
        server.plays(MISSING)
        assert delete_text(client, SID) is False

    def test_a_text_on_its_way_is_refused(self, server: ScriptedServer, client: Any):
        server.plays(answers(409, {"code": 20009, "message": "not finished", "status": 409}))
        with pytest.raises(TwilioRefused) as refused:
            delete_text(client, SID)
        assert refused.value.error_code == 20009
