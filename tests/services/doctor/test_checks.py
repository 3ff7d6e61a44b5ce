"""Each check, in health and in sickness."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from rq import SimpleWorker

from demo.twilio_simulator import seed
from illumichat_sms_plugin.encryption import generate_key
from illumichat_sms_plugin.job_queue.queue import SERIALIZER
from illumichat_sms_plugin.models import SmsChannel, SmsMessage, db_now
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.doctor import check_loopback
from illumichat_sms_plugin.services.doctor.checks import CHECKS
from illumichat_sms_plugin.services.doctor.findings import Result
from tests.services.doctor.conftest import Examine, Front, beat, problems
from tests.support.channels import change, inbound, messages, outbound, run_jobs, sessions, write
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import NUMBER, TEXTER

UNKNOWABLE = {"worker_alive"}
"""No worker listens in these tests unless one is put there."""


@contextmanager
def a_worker(app: Flask) -> Iterator[None]:
    """A worker that is registered and idle."""
    with app.app_context():
        queue = current_runtime().queue.rq_queue(timeout=5)
    worker = SimpleWorker([queue], connection=queue.connection, serializer=SERIALIZER)
    worker.register_birth()
    try:
        yield
    finally:
        worker.register_death()


def text(twilio: Any, body: str = "What are your opening hours?", **how: Any) -> Any:
    return twilio.text(TEXTER, NUMBER, body, **how)


def converse(app: Flask, twilio: Any) -> None:
    """A text, its answer, and its delivery, all by way of the public address."""
    text(twilio)
    run_jobs(app)
    twilio.wait_idle()


def test_a_healthy_channel_has_nothing_but_the_demos_address_to_say(
    healthy: Flask, examine: Examine, twilio: Any
) -> None:
    converse(healthy, twilio)
    with a_worker(healthy):
        found = examine()
    assert {name: c.evidence for name, c in found.items() if c.result is not Result.OK} == {
        "public_address": found["public_address"].evidence
    }
    assert found["public_address"].result is Result.WARNING


def test_every_finding_that_is_not_fine_says_what_to_do(examine: Examine) -> None:
    for check in examine(assistant_id="ast_sales").values():
        assert check.evidence.endswith((".", ")"))
        if check.result in (Result.WARNING, Result.PROBLEM):
            assert check.fix.endswith(".")


def test_an_assistant_without_a_channel_has_one_problem(examine: Examine) -> None:
    assert problems(examine(assistant_id="ast_sales")) - UNKNOWABLE == {"channel_on"}


def test_off_is_a_problem_with_a_button(healthy: Flask, examine: Examine) -> None:
    change(healthy, enabled=False)
    found = examine("channel_on")["channel_on"]
    assert (found.result, found.action and found.action.target) == (Result.PROBLEM, "turn-on")


def test_a_lost_key_means_enter_the_token_again(
    make: Callable[..., Flask], healthy: Flask, examine: Examine, twilio: Any, front: Front
) -> None:
    other = make(
        SMS_TWILIO_API_URL=twilio.url, SMS_PUBLIC_URL=front.url, SMS_ENCRYPTION_KEYS=[generate_key()]
    )
    found = examine(app=other)
    assert "token_readable" in problems(found)
    assert "Enter the Auth Token again" in found["token_readable"].fix
    assert "account_active" not in problems(found)


@pytest.mark.parametrize(
    ("fault", "check", "words"),
    [
        ("rotated_token", "account_active", "does not accept this Account SID with this Auth Token"),
        ("suspended_account", "account_active", "suspended"),
        ("closed_account", "account_active", "does not accept"),
        ("outage", "twilio_reachable", "does not answer as it should"),
        ("number_released", "number_able", "does not own"),
        ("not_sms_capable", "number_able", "cannot send or receive SMS"),
        ("webhook_changed", "webhook_url", "welcome answer"),
        ("webhook_method_get", "webhook_method", "GET"),
        ("application_override", "webhook_not_overridden", "TwiML app"),
    ],
)
def test_what_is_wrong_at_twilio_is_found_by_one_check_and_named(
    *, healthy: Flask, examine: Examine, twilio: Any, fault: str, check: str, words: str
) -> None:
    twilio.add_fault(fault, number=NUMBER if fault in NUMBER_FAULTS else None, count=None)
    found = examine()
    assert problems(found) - UNKNOWABLE == {check}
    assert words in found[check].evidence


NUMBER_FAULTS = {
    "number_released",
    "not_sms_capable",
    "webhook_changed",
    "webhook_method_get",
    "application_override",
}


def test_test_credentials_are_explained(healthy: Flask, examine: Examine) -> None:
    change(healthy, account_sid=seed.TEST_ACCOUNT_SID, auth_token=seed.TEST_AUTH_TOKEN)
    assert "test credentials" in examine("account_active")["account_active"].evidence


def test_a_trial_account_is_a_warning(healthy: Flask, examine: Examine, twilio: Any) -> None:
    twilio.add_fault("trial_account", count=None)
    found = examine("account_active")["account_active"]
    assert (found.result, "trial" in found.evidence) == (Result.WARNING, True)


@pytest.mark.parametrize(
    ("left", "result"), [("0.00", Result.PROBLEM), ("-3.10", Result.PROBLEM), ("0.21", Result.WARNING)]
)
def test_the_balance(healthy: Flask, examine: Examine, twilio: Any, left: str, result: Result) -> None:
    twilio.add_fault("low_balance", count=None, balance=left)
    found = examine("enough_balance")["enough_balance"]
    assert (found.result, left in found.evidence) == (result, True)


@pytest.mark.parametrize(
    ("url", "words", "action"),
    [
        ("{right}/", "ends with a slash", "set-webhook"),
        ("{right}?x=1", "question mark", "set-webhook"),
        ("{front}/API/sms/webhook/ast_support", "go to", "webhook"),
        ("https://crm.example.net/sms", "go to https://crm.example.net/sms", "webhook"),
        ("{front}/api/sms/webhook/ast_sales", "another assistant", "webhook"),
        ("", "empty", "set-webhook"),
    ],
)
def test_a_wrong_webhook_is_told_apart(
    *, healthy: Flask, examine: Examine, twilio: Any, front: Front, url: str, words: str, action: str
) -> None:
    right = f"{front.url}/api/sms/webhook/ast_support"
    twilio.set_webhook(NUMBER, url.format(right=right, front=front.url))
    found = examine("webhook_url")["webhook_url"]
    assert found.result is Result.PROBLEM
    assert words in found.evidence
    assert found.action is not None
    assert found.action.target == action


def test_a_webhook_without_retry_rules_is_a_warning_with_a_button(
    healthy: Flask, examine: Examine, twilio: Any, front: Front
) -> None:
    twilio.set_webhook(NUMBER, f"{front.url}/api/sms/webhook/ast_support")
    found = examine("webhook_url")["webhook_url"]
    assert (found.result, "retry rules" in found.evidence) == (Result.WARNING, True)
    assert found.action is not None
    assert found.action.target == "set-webhook"


def test_a_fallback_of_somebody_else_is_a_warning(healthy: Flask, examine: Examine, twilio: Any) -> None:
    assert examine("webhook_fallback")["webhook_fallback"].result is Result.OK
    twilio.number(NUMBER).sms_fallback_url = "https://crm.example.net/sorry"
    found = examine("webhook_fallback")["webhook_fallback"]
    assert (found.result, "https://crm.example.net/sorry" in found.evidence) == (Result.WARNING, True)


@pytest.mark.parametrize(
    ("public_url", "result", "words"),
    [
        ("https://chat.example.com", Result.OK, "HTTPS"),
        ("https://my_chat.example.com", Result.PROBLEM, "underscore"),
        ("http://127.0.0.1:5000", Result.WARNING, "this machine itself"),
    ],
)
def test_the_public_address(
    make: Callable[..., Flask], examine: Examine, public_url: str, result: Result, words: str
) -> None:
    found = examine("public_address", app=make(SMS_PUBLIC_URL=public_url))["public_address"]
    assert (found.result, words in found.evidence) == (result, True)


def test_the_test_text_goes_through_the_public_address_and_leaves_no_trace(
    healthy: Flask, examine: Examine
) -> None:
    found = examine("loopback")["loopback"]
    assert (found.result, "recorded within" in found.evidence) == (Result.OK, True)
    assert (list(messages(healthy)), list(sessions(healthy))) == ([], [])


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (
            "301 Moved",
            [("Location", "https://elsewhere.example.com/x?token=1")],
            "redirected to https://elsewhere",
        ),
        ("401 Who", [], "password"),
        ("403 No", [], "refused our own"),
        ("404 Nothing", [], "nothing at"),
        ("405 No", [], "did not take the form"),
        ("502 Bad", [], "was not there"),
        ("418 Teapot", [], "status 418"),
        ("200 OK", [("Content-Type", "text/html")], "something else"),
    ],
)
def test_what_stands_in_the_way_of_the_test_text_is_named(
    *, healthy: Flask, examine: Examine, front: Front, status: str, headers: list[tuple[str, str]], words: str
) -> None:
    front.answer(status, headers)
    found = examine("loopback")["loopback"]
    assert found.result is Result.PROBLEM
    assert words in found.evidence
    assert "token=1" not in found.evidence


def test_a_public_address_that_leads_to_another_installation(
    healthy: Flask, examine: Examine, front: Front
) -> None:
    front.answer("200 OK", [("Content-Type", "text/xml")], b"<Response/>")
    assert "another installation" in examine("loopback")["loopback"].evidence


def test_nobody_at_the_public_address(
    make: Callable[..., Flask], healthy: Flask, examine: Examine, front: Front
) -> None:
    front.server.shutdown()
    front.server.server_close()
    assert "could not be reached" in examine("loopback")["loopback"].evidence


def test_a_public_address_that_does_not_answer(
    healthy: Flask, examine: Examine, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    monkeypatch.setattr(check_loopback, "READ_TIMEOUT", 0.2)
    asked = threading.Event()

    def silent(environ: Any, start: Any) -> list[bytes]:
        asked.wait(10.0)
        start("200 OK", [])
        return [b""]

    front.app = silent
    try:
        assert "did not answer within" in examine("loopback")["loopback"].evidence
    finally:
        asked.set()


def test_redis_down(
    make: Callable[..., Flask], healthy: Flask, examine: Examine, front: Front, twilio: Any
) -> None:
    app = make(SMS_TWILIO_API_URL=twilio.url, SMS_PUBLIC_URL=front.url, SMS_REDIS_URL="redis://127.0.0.1:1/0")
    found = examine("queue_reachable", "worker_alive", app=app)
    assert found["queue_reachable"].result is Result.PROBLEM
    assert found["worker_alive"].result is Result.UNKNOWN


def test_redis_full(healthy: Flask, examine: Examine) -> None:
    with healthy.app_context():
        redis = current_runtime().queue.connection(timeout=2)
    redis.config_set("maxmemory", "1")
    try:
        found = examine("queue_reachable")["queue_reachable"]
    finally:
        redis.config_set("maxmemory", "0")
    assert (found.result, "memory" in found.fix) == (Result.PROBLEM, True)


def test_no_worker_and_one(healthy: Flask, examine: Examine) -> None:
    assert examine("worker_alive")["worker_alive"].result is Result.PROBLEM
    with a_worker(healthy):
        assert examine("worker_alive")["worker_alive"].result is Result.OK


@pytest.mark.parametrize(("seconds", "result"), [(5.0, Result.OK), (600.0, Result.PROBLEM)])
def test_housekeeping(healthy: Flask, examine: Examine, seconds: float, result: Result) -> None:
    beat(healthy, seconds)
    assert examine("housekeeping_recent")["housekeeping_recent"].result is result


def test_texts_that_wait_too_long(healthy: Flask, examine: Examine, twilio: Any) -> None:
    text(twilio)
    assert examine("nothing_waits")["nothing_waits"].result is Result.OK
    write(healthy, SmsMessage, SmsMessage.id > 0, created_at=db_now(-300.0))
    found = examine("nothing_waits")["nothing_waits"]
    assert (found.result, "5 minutes" in found.evidence) == (Result.WARNING, True)


def test_a_text_that_only_twilio_has(healthy: Flask, examine: Examine, twilio: Any) -> None:
    write(healthy, SmsChannel, SmsChannel.id > 0, connected_at=db_now(-7200.0))
    twilio.add_fault("lost_webhook")
    text(twilio)
    twilio.messages()[0].date_created -= 60.0
    found = examine("last_inbound")["last_inbound"]
    assert (found.result, "1 text to this number that never reached us" in found.evidence) == (
        Result.PROBLEM,
        True,
    )


def test_texts_that_came_by_catch_up_only(healthy: Flask, examine: Examine, twilio: Any) -> None:
    text(twilio)
    write(healthy, SmsMessage, SmsMessage.id > 0, sent_at=db_now(-500.0))
    found = examine("last_inbound")["last_inbound"]
    assert (found.result, "Not by webhook" in found.evidence) == (Result.WARNING, True)


def test_reports_that_never_come(healthy: Flask, examine: Examine, twilio: Any) -> None:
    twilio.add_fault("dropped_callbacks", count=None)
    converse(healthy, twilio)
    assert examine("last_callback")["last_callback"].result is Result.UNKNOWN
    write(healthy, SmsMessage, SmsMessage.direction == "outbound", accepted_at=db_now(-300.0))
    assert examine("last_callback")["last_callback"].result is Result.PROBLEM


def test_some_reports_that_never_come(healthy: Flask, examine: Examine, twilio: Any) -> None:
    converse(healthy, twilio)
    twilio.add_fault("dropped_callbacks", count=None)
    converse(healthy, twilio)
    write(healthy, SmsMessage, SmsMessage.direction == "outbound", accepted_at=db_now(-300.0))
    assert examine("last_callback")["last_callback"].result is Result.WARNING


def test_a_slow_assistant(healthy: Flask, examine: Examine, twilio: Any) -> None:
    converse(healthy, twilio)
    write(healthy, SmsMessage, SmsMessage.direction == "inbound", created_at=db_now(-25.0))
    found = examine("answers_in_time")["answers_in_time"]
    assert (found.result, "faster model" in found.fix) == (Result.WARNING, True)


def test_slow_carriers(healthy: Flask, examine: Examine, twilio: Any) -> None:
    converse(healthy, twilio)
    write(healthy, SmsMessage, SmsMessage.direction == "outbound", final_at=db_now(40.0))
    found = examine("answers_in_time")["answers_in_time"]
    assert (found.result, "status page" in found.fix) == (Result.WARNING, True)


@pytest.mark.parametrize("code", [30003, 30005, 30007, 30034])
def test_failed_texts_are_counted_by_code_and_explained(
    healthy: Flask, examine: Examine, twilio: Any, code: int
) -> None:
    twilio.add_fault(str(code), count=None)
    for _ in range(3):
        converse(healthy, twilio)
    found = examine("recent_failures")["recent_failures"]
    assert (found.result, "Failed: 3 of the last 3 texts." in found.evidence) == (Result.PROBLEM, True)
    assert str(code) in found.evidence
    assert found.fix


def test_one_failure_among_many_is_a_warning(healthy: Flask, examine: Examine, twilio: Any) -> None:
    twilio.add_fault("30005")
    for _ in range(2):
        converse(healthy, twilio)
    assert examine("recent_failures")["recent_failures"].result is Result.WARNING


def test_a_refusal_that_stands_is_a_problem(healthy: Flask, examine: Examine, twilio: Any) -> None:
    twilio.add_fault("api_error", code=21606)
    converse(healthy, twilio)
    found = examine("recent_failures")["recent_failures"]
    assert (found.result, "21606" in found.evidence) == (Result.PROBLEM, True)


def test_an_assistant_that_fails(healthy: Flask, examine: Examine, twilio: Any, host: MemoryHost) -> None:
    converse(healthy, twilio)
    text(twilio, "and now?")
    write(healthy, SmsMessage, SmsMessage.id == inbound(healthy)[-1].id, no_reply_reason="assistant_failed")
    assert examine("assistant_answers")["assistant_answers"].result is Result.PROBLEM
    converse(healthy, twilio)
    assert examine("assistant_answers")["assistant_answers"].result is Result.WARNING


def test_texts_that_wait_for_a_decision(healthy: Flask, examine: Examine, twilio: Any) -> None:
    converse(healthy, twilio)
    write(healthy, SmsMessage, SmsMessage.id == outbound(healthy)[0].id, send_state="unsettled")
    found = examine("no_decision_due")["no_decision_due"]
    assert (found.result, found.action and found.action.target) == (Result.WARNING, "decisions")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("rotated_token", "No address and no key that we know"),
        ("wrong_signature", "No address and no key that we know"),
    ],
)
def test_refused_webhooks_are_explained(
    healthy: Flask, examine: Examine, twilio: Any, fault: str, words: str
) -> None:
    twilio.add_fault(fault, count=None)
    text(twilio)
    found = examine("refused_webhooks")["refused_webhooks"]
    assert (found.result, words in found.evidence) == (Result.PROBLEM, True)
    twilio.clear_faults()
    text(twilio)
    found = examine("refused_webhooks")["refused_webhooks"]
    assert (found.result, "have come in since" in found.evidence) == (Result.WARNING, True)


def test_every_check_has_a_name_and_a_title_of_its_own() -> None:
    assert len({check.name for check in CHECKS}) == len({check.title for check in CHECKS}) == len(CHECKS)


def test_of_several_errors_what_can_be_mended_comes_first(
    healthy: Flask, examine: Examine, twilio: Any
) -> None:
    for code, times in ((30007, 2), (30034, 1)):
        for _ in range(times):
            twilio.add_fault(str(code))
            converse(healthy, twilio)
    found = examine("recent_failures")["recent_failures"]
    assert found.fix.startswith("30034: ")
    assert "\n30007: " in found.fix
    assert found.action is not None
    assert found.action.label == "About error 30034"
