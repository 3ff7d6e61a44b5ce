"""The Doctor's page and its JSON: press, watch, mend."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from demo.twilio_simulator import seed
from illumichat_sms_plugin.services.doctor import run as run_module
from illumichat_sms_plugin.services.doctor.checks import CHECKS, Check
from illumichat_sms_plugin.services.findings import Action, ok, problem, warning
from tests.support.channels import change, sql
from tests.support.visitors import visit

PAGE = "/sms/ast_support/doctor"
API = "/api/sms/doctor/ast_support"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """The Doctor has three quick checks, one of which waits for this."""
    event = threading.Event()
    checks = (
        Check("channel_on", "SMS is on", lambda exam: event.wait(20.0) and ok("It is on.")),  # type: ignore[arg-type,return-value]
        Check(
            "webhook_url",
            "Webhook",
            lambda exam: problem(
                "<b>Wrong</b>\u202e.", "Mend it.", Action("Set the webhook", "fix", "set-webhook")
            ),
        ),
        Check("no_decision_due", "Decisions", lambda exam: warning("Two wait.", "Decide.")),
    )
    monkeypatch.setattr(run_module.start_run, "__kwdefaults__", {"checks": checks, "bound": 12.0})
    yield event
    event.set()


def soup_of(answer: Any, status: int = 200) -> BeautifulSoup:
    assert answer.status_code == status, answer.text
    return BeautifulSoup(answer.text, "html.parser")


def wait_until_done(app: Flask) -> Any:
    deadline = time.monotonic() + 20.0
    while (body := visit(app).get(API).json)["run"]["running"]:
        assert time.monotonic() < deadline, body
        time.sleep(0.02)
    return body["run"]


def wait_for_done(app: Flask, count: int) -> None:
    deadline = time.monotonic() + 20.0
    while visit(app).get(API).json["run"]["done"] < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_before_the_first_run_there_is_a_button(connected: Flask) -> None:
    soup = soup_of(visit(connected).get(PAGE))
    assert "has not looked yet" in soup.get_text()
    assert soup.select_one(f'form[action="{PAGE}"] button') is not None
    assert visit(connected).get(API).json == {"run": None}


def test_without_javascript_the_page_shows_what_there_is_and_reloads_by_itself(
    connected: Flask, gate: threading.Event
) -> None:
    answer = visit(connected).post(PAGE)
    assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    wait_for_done(connected, 2)
    soup = soup_of(visit(connected).get(PAGE))
    assert soup.select_one('noscript meta[http-equiv="refresh"]') is not None
    assert "2 of 3 checks done" in soup.get_text()
    assert "Looking …" in soup.get_text()
    gate.set()
    wait_until_done(connected)
    soup = soup_of(visit(connected).get(PAGE))
    assert soup.select_one('meta[http-equiv="refresh"]') is None
    assert "1 problem and 1 warning found." in soup.get_text()


def test_with_javascript_the_part_is_fetched_again_until_it_is_done(
    connected: Flask, gate: threading.Event
) -> None:
    started = soup_of(visit(connected).post(PAGE, headers=HTMX))
    part = started.select_one("#sms-doctor-run")
    assert part is not None
    assert str(part["hx-get"]).startswith(f"{PAGE}/progress")
    button = started.select_one("button#sms-doctor-start")
    assert button is not None
    assert button["aria-disabled"] == "true"
    assert not button.has_attr("disabled"), "the keyboard would lose its place"
    gate.set()
    wait_until_done(connected)
    done = soup_of(visit(connected).get(f"{PAGE}/progress", headers=HTMX))
    assert "hx-get" not in done.select_one("#sms-doctor-run").attrs  # type: ignore[union-attr]
    assert "1 problem" in done.select_one("#sms-doctor-status").get_text()  # type: ignore[union-attr]


def test_what_needs_somebody_comes_first_with_its_button(connected: Flask, gate: threading.Event) -> None:
    gate.set()
    visit(connected).post(PAGE)
    wait_until_done(connected)
    soup = soup_of(visit(connected).get(PAGE))
    assert [title.get_text() for title in soup.select("h3")] == ["Webhook", "Decisions", "SMS is on"]
    form = soup.select_one(f'form[action="{PAGE}/fix/set-webhook"]')
    assert form is not None
    assert form.select_one("input[name=csrf_token]") is not None
    assert soup.select("#doctor b") == []
    assert "⟨U+202E⟩" in soup.get_text()


def test_on_the_sms_page_only_what_needs_somebody_is_unfolded(
    connected: Flask, gate: threading.Event
) -> None:
    gate.set()
    visit(connected).post(PAGE)
    wait_until_done(connected)
    run = soup_of(visit(connected).get("/sms/ast_support")).select_one("#sms-doctor-run")
    assert run is not None
    shown = {title.get_text(): title.find_parent("details") for title in run.select("h3")}
    assert shown.pop("Webhook") is None
    assert run.select_one(f'details form[action="{PAGE}/fix/set-webhook"]') is None
    assert all(fold is not None and not fold.has_attr("open") for fold in shown.values())
    warnings, others = (" ".join(fold.get_text().split()) for fold in run.select("details > summary"))
    assert warnings == "1 warning Decisions"
    assert others.startswith("1 other check Last run ")


def test_pressing_twice_watches_the_same_run(connected: Flask, gate: threading.Event) -> None:
    for name in ("admin", "owner"):
        assert visit(connected, name).post(PAGE).status_code == 303
    assert sql(connected, "SELECT count(*) FROM sms_doctor_runs").scalar() == 1


def test_the_json_is_the_same_and_says_when_it_is_busy(connected: Flask, gate: threading.Event) -> None:
    started = visit(connected).post(API)
    assert (started.status_code, started.json["run"]["running"]) == (202, True)
    busy = visit(connected).post(API)
    assert (busy.status_code, busy.json["code"]) == (409, "conflict:api")
    gate.set()
    run = wait_until_done(connected)
    assert (run["worst"], run["done"]) == ("problem", 3)
    assert [(check["name"], check["result"]) for check in run["checks"]] == [
        ("channel_on", "ok"),
        ("webhook_url", "problem"),
        ("no_decision_due", "warning"),
    ]
    assert run["checks"][1]["action"] == {
        "label": "Set the webhook",
        "kind": "fix",
        "url": f"{PAGE}/fix/set-webhook",
        "target": "set-webhook",
    }


def test_every_action_of_every_check_leads_somewhere(connected: Flask) -> None:
    from illumichat_sms_plugin.blueprints.doctor_actions import PAGES, action_url
    from illumichat_sms_plugin.services.doctor.fixes import FIXES

    with connected.test_request_context():
        for kind, targets in (("page", PAGES), ("fix", FIXES)):
            for target in targets:
                url = action_url(Action("x", kind, target), "ast_support")  # type: ignore[arg-type]
                method = "POST" if kind == "fix" else "GET"
                matched = connected.url_map.bind("").match(url.partition("?")[0].partition("#")[0], method)
                assert matched[0].startswith("sms_")


def test_results_from_before_a_change_say_so(connected: Flask, gate: threading.Event) -> None:
    gate.set()
    visit(connected).post(PAGE)
    wait_until_done(connected)
    assert "The channel was changed after these checks" not in soup_of(visit(connected).get(PAGE)).get_text()
    change(connected, enabled=False)
    assert "The channel was changed after these checks" in soup_of(visit(connected).get(PAGE)).get_text()


def test_one_press_turns_sms_on(connected: Flask) -> None:
    change(connected, enabled=False)
    client = visit(connected)
    answer = client.post(f"{PAGE}/fix/turn-on")
    assert answer.headers["Location"] == PAGE
    assert "SMS is on." in soup_of(client.get(PAGE)).get_text()
    assert "SMS is on." not in soup_of(client.get(PAGE)).get_text(), "it is said once"
    assert sql(connected, "SELECT enabled FROM sms_channels").scalar()


def test_one_press_sets_the_webhook_but_never_over_a_foreign_one(texting: Flask, twilio: Any) -> None:
    twilio.set_webhook(seed.SUPPORT_NUMBER, "https://crm.example.net/sms")
    answer = visit(texting).post(f"{PAGE}/fix/set-webhook")
    assert answer.headers["Location"] == "/sms/ast_support/settings/webhook"
    assert twilio.number(seed.SUPPORT_NUMBER).sms_url == "https://crm.example.net/sms"
    twilio.set_webhook(seed.SUPPORT_NUMBER, "")
    assert visit(texting).post(f"{PAGE}/fix/set-webhook").status_code == 303
    assert "/api/sms/webhook/ast_support#" in twilio.number(seed.SUPPORT_NUMBER).sms_url


def test_an_unknown_fix_is_not_found(connected: Flask) -> None:
    assert visit(connected).post(f"{PAGE}/fix/rm-rf").status_code == 404


def test_a_real_run_from_the_page(connected: Flask) -> None:
    visit(connected).post(PAGE)
    run = wait_until_done(connected)
    assert len(run["checks"]) == len(CHECKS)
    assert all(check["result"] for check in run["checks"])
    for check in run["checks"]:
        if check["result"] in ("problem", "warning"):
            assert check["fix"]
