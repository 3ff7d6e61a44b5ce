"""A run of the Doctor: side by side, each check bounded, results as they come, one at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest
from flask import Flask

from illumichat_sms_plugin.errors import Conflict, NotFound, RateLimited
from illumichat_sms_plugin.host import Person
from illumichat_sms_plugin.in_words import ago, of_the_last_texts, span
from illumichat_sms_plugin.models import SmsDoctorRun, db_now
from illumichat_sms_plugin.services.doctor import run as module
from illumichat_sms_plugin.services.doctor.checks import CHECKS, Check
from illumichat_sms_plugin.services.doctor.examination import Examination, NotConnected, Shared
from illumichat_sms_plugin.services.doctor.fixes import apply_fix
from illumichat_sms_plugin.services.doctor.results import CUT_OFF, Run, last_run
from illumichat_sms_plugin.services.doctor.run import start_run
from illumichat_sms_plugin.services.findings import Finding, Level, ok, problem
from tests.support.channels import change, run_jobs, sql, write
from tests.support.twilio_requests import text_in

ADA, BEN = Person("usr_ada", "Ada"), Person("usr_ben", "Ben")
FAST = (Check("one", "One", lambda exam: ok("Fine.")),)


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Held checks go on when it is set; at the latest at the end of the test."""
    event = threading.Event()
    yield event
    event.set()


def held(gate: threading.Event) -> Check:
    def check(exam: Examination) -> Finding:
        gate.wait(30.0)
        return problem("Too late.", "No.")

    return Check("held", "Held", check)


def start(app: Flask, checks: Sequence[Check] = FAST, by: Person = ADA, bound: float = 12.0) -> int:
    with app.app_context():
        return start_run("ast_support", by=by, checks=checks, bound=bound)


def look(app: Flask) -> Run:
    with app.app_context():
        run = last_run("ast_support")
    assert run is not None
    return run


def wait_for(app: Flask, condition: Callable[[Run], bool]) -> Run:
    deadline = time.monotonic() + 20.0
    while not condition(run := look(app)):
        assert time.monotonic() < deadline, run
        time.sleep(0.02)
    return run


def finished(app: Flask) -> Run:
    return wait_for(app, lambda run: not run.running)


def test_there_is_none_before_the_first(connected: Flask) -> None:
    with connected.app_context():
        assert last_run("ast_support") is None


def test_all_checks_have_a_result_in_the_end(connected: Flask) -> None:
    start(connected, CHECKS)
    run = finished(connected)
    assert [check.name for check in run.checks] == [check.name for check in CHECKS]
    assert all(check.level for check in run.checks)
    assert run.worst is Level.PROBLEM


def test_results_are_shown_as_they_come_and_one_that_hangs_holds_up_nobody(
    connected: Flask, gate: threading.Event
) -> None:
    start(connected, (held(gate), *FAST))
    run = wait_for(connected, lambda run: run.done == 1)
    assert [check.level for check in run.checks] == [None, Level.OK]
    assert run.running
    gate.set()
    assert [check.level for check in finished(connected).checks] == [Level.PROBLEM, Level.OK]


def test_one_that_hangs_took_too_long_and_what_it_finds_then_is_not_believed(
    connected: Flask, gate: threading.Event
) -> None:
    start(connected, (held(gate), *FAST), bound=0.3)
    run = finished(connected)
    assert "took longer than" in run.checks[0].evidence
    assert run.checks[0].level is Level.UNKNOWN
    gate.set()
    for thread in threading.enumerate():
        if thread.daemon and "_check" in thread.name:
            thread.join(5.0)
    assert look(connected).checks[0].level is Level.UNKNOWN


def test_one_that_breaks_does_not_hide_what_the_others_find(connected: Flask) -> None:
    def broken(exam: Examination) -> Finding:
        raise ZeroDivisionError("secret in the message")

    def unconnected(exam: Examination) -> Finding:
        raise NotConnected("Not connected.")

    checks = (Check("broken", "B", broken), Check("unconnected", "U", unconnected), *FAST)
    start(connected, checks)
    run = finished(connected)
    assert [check.level for check in run.checks] == [Level.UNKNOWN, Level.UNKNOWN, Level.OK]
    assert "ZeroDivisionError" in run.checks[0].evidence
    assert "secret" not in run.checks[0].evidence
    assert run.checks[1].evidence == "Not connected."


def test_one_run_at_a_time_also_of_two_people(connected: Flask, gate: threading.Event) -> None:
    start(connected, (held(gate),))
    with pytest.raises(Conflict):
        start(connected, by=BEN)
    gate.set()
    finished(connected)
    start(connected, by=BEN)
    finished(connected)


def test_a_run_whose_process_died_ends_by_itself_and_is_said_to(
    connected: Flask, gate: threading.Event
) -> None:
    start(connected, (held(gate), *FAST))
    wait_for(connected, lambda run: run.done == 1)
    write(connected, SmsDoctorRun, SmsDoctorRun.id > 0, started_at=db_now(-100.0))
    run = look(connected)
    assert not run.running
    assert [check.evidence for check in run.checks] == [CUT_OFF, "Fine."]
    start(connected)
    gate.set()
    finished(connected)


@pytest.mark.usefixtures("one_period")
def test_a_person_may_not_press_without_end(connected: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RUNS", 2)
    for _ in range(2):
        start(connected)
        finished(connected)
    with pytest.raises(RateLimited):
        start(connected)
    start(connected, by=BEN)
    finished(connected)


def test_only_the_newest_runs_are_kept(connected: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_RUNS", 2)
    for _ in range(4):
        start(connected)
        finished(connected)
    assert sql(connected, "SELECT count(*) FROM sms_doctor_runs").scalar() == 2
    assert sql(connected, "SELECT count(*) FROM sms_doctor_results").scalar() == 2


def test_what_several_need_is_asked_once_and_fails_once() -> None:
    asked: list[int] = []

    def fail() -> int:
        asked.append(1)
        raise NotConnected("no")

    shared = Shared(fail)
    for _ in range(3):
        with pytest.raises(NotConnected):
            shared.get()
    assert len(asked) == 1


def fix(app: Flask, name: str) -> str:
    from illumichat_sms_plugin.runtime import current_runtime

    with app.app_context():
        return apply_fix(current_runtime(), "ast_support", name, by=ADA)


def test_turning_on_is_one_press_and_in_the_audit(connected: Flask) -> None:
    change(connected, enabled=False)
    fix(connected, "turn-on")
    assert sql(connected, "SELECT enabled FROM sms_channels").scalar()
    assert sql(connected, "SELECT person_name FROM sms_audit_entries ORDER BY id DESC").scalar() == "Ada"


def test_waiting_texts_are_handed_to_the_workers_again(texting: Flask) -> None:
    text_in(texting)
    with texting.app_context():
        from illumichat_sms_plugin.runtime import current_runtime

        current_runtime().queue.rq_queue(timeout=2).empty()
    fix(texting, "enqueue")
    assert run_jobs(texting) == 1


def test_an_unknown_fix_is_not_found(connected: Flask) -> None:
    with pytest.raises(NotFound):
        fix(connected, "drop-tables")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 seconds"), (1, "1 second"), (119, "119 seconds"), (120, "2 minutes"), (7199, "119 minutes"),
     (7200, "2 hours"), (86400, "1 day"), (200000, "2 days")],
)  # fmt: skip
def test_spans_of_time_in_words(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_what_was_a_moment_ago_was_just_now() -> None:
    assert [ago(seconds) for seconds in (0, 4.9, 5, 7200)] == [
        "just now",
        "just now",
        "5 seconds ago",
        "2 hours ago",
    ]


def test_a_single_text_is_not_counted() -> None:
    assert of_the_last_texts(1, 1) == "the last text"
    assert of_the_last_texts(3, 1200) == "3 of the last 1,200 texts"
