"""The analytics on the page, as JSON, as CSV and in the host's slot."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from illumichat_sms_plugin.host import SLOT_ANALYTICS_WIDGET
from illumichat_sms_plugin.models import SmsMessage
from tests.support.channels import connect, inbound, outbound, run_jobs, write
from tests.support.database_clock import database_clock
from tests.support.twilio_requests import status_in, text_in
from tests.support.visitors import current_host, visit

API = "/api/sms/analytics/ast_support"


@pytest.fixture
def busy(texting: Flask) -> Flask:
    """Four texts of two numbers: two answered (delivered, failed), a keyword, a test of the Doctor."""
    text_in(texting, "What are your opening hours?")
    text_in(texting, "Where are you?", From="+15557650002")
    run_jobs(texting)
    text_in(texting, "STOP", From="+15557650002")
    text_in(texting, "test", From="+15557650003")
    delivered, failed = outbound(texting)
    status_in(texting, delivered.message_sid, "delivered")
    status_in(texting, failed.message_sid, "undelivered", ErrorCode="30003")
    write(texting, SmsMessage, SmsMessage.id == inbound(texting)[-1].id, is_test=True, no_reply_reason="test")
    write(texting, SmsMessage, SmsMessage.id == delivered.id, price="0.0079", price_unit="USD")
    return texting


def figures(app: Flask, days: int = 7, visitor: str = "member") -> Any:
    answer = visit(app, visitor).get(f"{API}?days={days}")
    assert answer.status_code == 200, answer.text
    return answer.json


def panel(app: Flask, url: str = "/sms/ast_support", visitor: str = "admin") -> BeautifulSoup:
    answer = visit(app, visitor).get(url)
    assert answer.status_code == 200
    found = BeautifulSoup(answer.text, "html.parser").select_one("#analytics")
    assert found is not None
    return found


class TestJson:
    def test_it_has_every_figure(self, busy: Flask) -> None:
        found = figures(busy)
        assert found["messages"] == {"total": 5, "inbound": 3, "outbound": 2}
        assert found["segmentsSent"] == 2
        assert found["deliveryRate"] == 0.5
        assert found["cost"] == {
            "estimated": pytest.approx(0.0079 + 4 * 0.0083),
            "actual": 0.0079,
            "currency": "USD",
            "coverage": 0.2,
            "segmentPrice": 0.0083,
            "segmentPriceFrom": "list",
            "others": [],
        }
        assert found["sessions"] == {"total": 2, "active": 1, "contactsMatched": 0, "contactsCreated": 0}
        assert len(found["daily"]) == 7
        today = {"inbound": 3, "outbound": 2, "segments": 2, "delivered": 1, "failed": 1}
        assert {name: found["daily"][-1][name] for name in today} == today
        (failure,) = found["failures"]
        assert (failure["code"], failure["count"]) == (30003, 1)
        assert "30003" in failure["explanation"]
        (unanswered,) = found["noReply"]
        assert (unanswered["reason"], unanswered["count"]) == ("keyword", 1)
        assert unanswered["explanation"]
        times = found["timeToAnswer"]
        assert (times["answered"], times["delivered"]) == (2, 1)
        assert 0 < times["assistant"]["p50"] <= times["assistant"]["p95"] < 60
        assert times["p50"] >= times["twilio"]["p50"] > 0

    def test_an_assistant_without_texts_has_nulls_and_noughts(self, connected: Flask) -> None:
        found = figures(connected, days=90)
        assert (found["deliveryRate"], found["cost"]["actual"], found["cost"]["coverage"]) == (
            None,
            None,
            None,
        )
        assert found["timeToAnswer"]["p50"] is found["timeToAnswer"]["twilio"]["p95"] is None
        assert (len(found["daily"]), found["failures"], found["noReply"]) == (90, [], [])

    @pytest.mark.parametrize(
        "query", ["days=8", "days=0", "days=7.0", "days=", "days=٧", "days=7&days=30", "from=2026"]
    )
    def test_another_period_is_refused_with_a_sentence(self, connected: Flask, query: str) -> None:
        for url in (API, f"{API}.csv"):
            answer = visit(connected, "member").get(f"{url}?{query}")
            assert answer.status_code == 400
            assert answer.json["code"] == "bad_request:api"
            assert answer.json["details"]

    def test_thirty_days_are_the_default(self, connected: Flask) -> None:
        assert visit(connected, "member").get(API).json["days"] == 30

    def test_there_is_nothing_about_one_person_in_it(self, busy: Flask) -> None:
        text = json.dumps(figures(busy))
        assert "1555" not in text
        assert "opening" not in text

    def test_days_are_the_workspaces_days(self, connected: Flask) -> None:
        """Acme lives in New York: at 3 in the morning UTC it is still yesterday there."""
        with database_clock(connected) as clock:
            clock.set(datetime(2026, 7, 2, 3, 0, tzinfo=UTC))
            text_in(connected)
            found = figures(connected)
        assert found["timezone"] == "America/New_York"
        assert (found["daily"][-1]["date"], found["daily"][-1]["inbound"]) == ("2026-07-01", 1)
        assert [hour for hour, texts in enumerate(found["hourly"]) if texts] == [23]


class TestCsv:
    def test_it_is_the_daily_breakdown(self, busy: Flask) -> None:
        answer = visit(busy, "member").get(f"{API}.csv?days=7")
        assert answer.mimetype == "text/csv"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="sms-ast_support-7-days.csv"'
        rows = list(csv.reader(io.StringIO(answer.text)))
        assert rows[0] == ["Date", "Inbound", "Outbound", "Segments sent", "Delivered", "Failed"]
        assert len(rows) == 8
        assert rows[-1][1:] == ["3", "2", "2", "1", "1"]
        assert [row[0] for row in rows[1:]] == [day["date"] for day in figures(busy)["daily"]]


class TestPanel:
    def test_the_tiles_have_the_words_of_the_manual_and_figures_for_people(self, busy: Flask) -> None:
        tiles = {
            tile.dt.text: [line.text.replace("\u00a0", " ") for line in tile.select("dd")]
            for tile in panel(busy).select(".sms-figure")
        }
        assert list(tiles) == [
            *("Total Messages", "Segments Sent", "Delivery Rate", "Estimated Cost"),
            *("Total Sessions", "Active Sessions", "Contacts Matched"),
        ]
        assert tiles["Total Messages"] == ["5", "3 in · 2 out"]
        assert tiles["Delivery Rate"] == ["50.0%", "1 of 2 with a known outcome · 1 failed"]
        assert tiles["Estimated Cost"] == [
            "0.0411 USD",
            "20.0% of it is priced by Twilio: 0.0079 USD · whose texts",
        ]
        assert tiles["Active Sessions"] == ["1", "with a text in the last 24 h"]
        headings = [heading.text for heading in panel(busy).select("h3")]
        assert headings[:3] == ["Usage Metrics", "Session Metrics", "Daily Breakdown"]

    def test_failures_and_texts_without_an_answer_say_what_to_do(self, busy: Flask) -> None:
        text = panel(busy).text
        for words in ("Unreachable handset", "Twilio 30003", "Keyword", "Nothing for a single case"):
            assert words in text

    def test_the_chart_has_a_name_a_description_and_a_table_beside_it(self, busy: Flask) -> None:
        found = panel(busy)
        chart, hours = found.select("svg[role=img]")
        for each in (chart, hours):
            named = [found.find(id=name) for name in each["aria-labelledby"].split()]
            assert all(element is not None and element.text for element in named)
        assert len(chart.select(".sms-chart-day")) == 30
        assert chart.select(".sms-chart-day title")[-1].text.endswith("3 in, 2 out so far")
        (table,) = [table for table in found.select("table") if "Segments" in table.text]
        assert table.caption is not None
        assert len(table.select("tbody th[scope=row]")) == 30
        assert [cell.text for cell in table.select("tbody tr")[0].select("td")] == ["3", "2", "2", "1", "1"]

    def test_the_hours_of_the_day_say_when_most_texts_come(self, busy: Flask) -> None:
        (hours,) = [line for line in panel(busy).select("details") if "Hours of the day" in line.text][:1]
        assert hours.summary is not None
        assert re.search(r"most texts in come from \d\d:00 to \d\d:00: 100% of them", hours.summary.text)
        rows = hours.select("table tbody tr")
        assert len(rows) == len(hours.select(".sms-chart-day")) == 24
        assert sum(int(row.td.text) for row in rows if row.td) == 3

    def test_nothing_in_it_needs_an_inline_style_or_script(self, busy: Flask) -> None:
        html = str(panel(busy))
        assert not re.search(r"\sstyle=|<style|<script|\son\w+=|hx-on|javascript:", html)

    @pytest.mark.parametrize("days", [7, 30, 90])
    def test_the_periods_are_links_that_work_without_a_script(self, busy: Flask, days: int) -> None:
        links = {link.text: link for link in panel(busy).select("nav a")}
        link = links[f"{days} days"]
        found = panel(busy, link["href"].split("#")[0])
        (chosen,) = found.select("nav a[aria-current]")
        assert chosen.text == f"{days} days"
        assert len(found.select(".sms-chart")[0].select(".sms-chart-day")) == days

    def test_htmx_gets_the_panel_alone_and_a_browser_a_page(self, busy: Flask) -> None:
        url = "/sms/ast_support/analytics?days=90"
        fragment = visit(busy).get(url, headers={"HX-Request": "true"}).text
        assert fragment.lstrip().startswith("<section")
        page = visit(busy).get(url).text
        assert "<h1>SMS Analytics</h1>" in page
        assert 'aria-current="true"' in page

    def test_on_a_page_of_its_own_the_periods_stay_there(self, busy: Flask) -> None:
        page = panel(busy, "/sms/ast_support/analytics?days=7")
        assert page.h2 is not None
        assert page.h2.text == "Last 7 days"
        link = page.select_one("#sms-period-90")
        assert link is not None
        assert link["href"] == "/sms/ast_support/analytics?days=90#analytics"
        fragment = visit(busy).get(str(link["hx-get"]), headers={"HX-Request": "true"}).text
        assert "Last 90 days</h2>" in fragment

    def test_a_period_that_does_not_exist_is_the_usual_one(self, connected: Flask) -> None:
        text_in(connected)
        (chosen,) = panel(connected, "/sms/ast_support?days=1e9").select("nav a[aria-current]")
        assert chosen.text == "30 days"

    @pytest.mark.parametrize(
        ("visitor", "words"), [("admin", "Connect a Twilio number above"), ("member", "An owner")]
    )
    def test_before_the_first_connection_it_says_what_to_do(
        self, app: Flask, visitor: str, words: str
    ) -> None:
        found = panel(app, visitor=visitor)
        assert words in found.text
        assert not found.select("svg")

    def test_before_the_first_text_it_says_what_to_do(self, connected: Flask) -> None:
        assert "text the number from your own phone" in panel(connected).text

    def test_a_disconnected_channel_keeps_its_figures(self, busy: Flask) -> None:
        assert visit(busy).delete("/api/sms/config/ast_support").status_code in (200, 204)
        assert figures(busy)["messages"]["total"] == 5


class TestWidget:
    def widget(self, app: Flask, visitor: str) -> str:
        visit(app, visitor)
        (render,) = current_host(app).pages.slots[SLOT_ANALYTICS_WIDGET]
        with app.test_request_context():
            return render(assistant_id="ast_support", further="things a host may pass")

    @pytest.mark.parametrize("visitor", ["owner", "member"])
    def test_it_shows_the_week_and_leads_to_all_figures(self, busy: Flask, visitor: str) -> None:
        found = BeautifulSoup(self.widget(busy, visitor), "html.parser")
        assert "SMS, last 7 days" in found.text
        assert found.select_one("a")["href"] == "/sms/ast_support?days=7#analytics"

    @pytest.mark.parametrize("visitor", ["guest", "stranger", "other admin"])
    def test_others_see_nothing(self, busy: Flask, visitor: str) -> None:
        assert self.widget(busy, visitor) == ""

    def test_before_the_first_connection_there_is_nothing(self, app: Flask) -> None:
        assert self.widget(app, "owner") == ""


def test_the_figures_stay_the_same_when_they_are_rolled_up(busy: Flask) -> None:
    live = figures(busy)
    with database_clock(busy) as clock:
        clock.forward(timedelta(hours=4))
        rolled_up = figures(busy)
    for name in ("messages", "segmentsSent", "deliveryRate", "cost", "sessions", "failures", "noReply"):
        assert rolled_up[name] == live[name]


def test_two_assistants_have_figures_of_their_own(busy: Flask) -> None:
    connect(busy, "ast_sales", phone_number="+15551230002")
    answer = visit(busy, "member").get("/api/sms/analytics/ast_sales?days=7")
    assert answer.json["messages"]["total"] == 0
