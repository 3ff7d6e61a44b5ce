"""The rules in a webhook URL's fragment: what is tried again, how often, and how long it may take."""

from __future__ import annotations

import socket
import time

import pytest

from demo.twilio_simulator import Simulator, seed
from demo.twilio_simulator.records import Webhook
from demo.twilio_simulator.retry_rules import parse_rules
from tests.twilio_simulator.receiver import Answer, Receiver

OURS, PHONE = seed.SUPPORT_NUMBER, seed.PHONES[0]


def text(twilio: Simulator, url: str) -> Webhook:
    twilio.set_webhook(OURS, url)
    hook = twilio.text(PHONE, OURS, "x")
    assert hook is not None
    return hook


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_by_default_a_refused_connection_is_tried_once_more(twilio: Simulator) -> None:
    hook = text(twilio, f"http://127.0.0.1:{closed_port()}/in")
    assert [attempt.problem for attempt in hook.attempts] == ["ct", "ct"]
    assert hook.outcome == "failed"
    assert {entry.code for entry in twilio.store.debugger} == {11205}


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
def test_by_default_an_error_status_is_not_tried_again(status: int, twilio: Simulator, app: Receiver) -> None:
    app.answer(Answer(status=status))
    hook = text(twilio, f"{app.url}/in")
    assert (len(app.requests), hook.outcome, hook.status_code) == (1, "failed", status)


@pytest.mark.parametrize(
    ("fragment", "status", "tries"),
    [
        ("rc=3&rp=5xx,ct,rt", 503, 4),
        ("rc=3&rp=5xx,ct,rt", 404, 1),
        ("rc=2&rp=4xx", 404, 3),
        ("rc=2&rp=all", 404, 3),
        ("rp=all", 500, 2),
        ("rc=0&rp=all", 500, 1),
        ("rc=5&rp=all", 500, 6),
        ("rc=6&rp=all", 500, 2),
    ],
)
def test_the_fragment_says_what_is_tried_again(
    fragment: str, status: int, tries: int, twilio: Simulator, app: Receiver
) -> None:
    app.answer(Answer(status=status))
    hook = text(twilio, f"{app.url}/in#{fragment}")
    assert len(app.requests) == len(hook.attempts) == tries


def test_a_retry_that_succeeds_is_a_success(twilio: Simulator, app: Receiver) -> None:
    app.answer(Answer(status=503), Answer(status=503), Answer())
    hook = text(twilio, f"{app.url}/in#rc=3&rp=5xx")
    assert (hook.ok, len(hook.attempts)) == (True, 3)


def test_all_tries_of_one_request_share_their_idempotency_token(twilio: Simulator, app: Receiver) -> None:
    app.answer(Answer(status=500))
    for _ in range(2):
        text(twilio, f"{app.url}/in#rc=2&rp=5xx")
    tokens = [r.headers["I-Twilio-Idempotency-Token"] for r in app.requests]
    assert len(set(tokens[:3])) == len(set(tokens[3:])) == 1
    assert tokens[0] != tokens[3]


def test_a_slow_answer_is_given_up_after_the_read_timeout(twilio: Simulator, app: Receiver) -> None:
    app.answer(Answer(delay=1.5))
    started = time.monotonic()
    hook = text(twilio, f"{app.url}/in#rt=100")
    assert time.monotonic() - started < 1
    assert [attempt.problem for attempt in hook.attempts] == ["rt"]


def test_all_tries_together_keep_to_the_total_time(twilio: Simulator, app: Receiver) -> None:
    app.answer(Answer(delay=0.2, status=500))
    started = time.monotonic()
    hook = text(twilio, f"{app.url}/in#rc=5&rp=all&tt=500")
    assert time.monotonic() - started < 1
    assert 2 <= len(hook.attempts) <= 3


def test_a_fragment_that_says_nothing_known_is_passed_over_and_reported(
    twilio: Simulator, app: Receiver
) -> None:
    hook = text(twilio, f"{app.url}/in#rp=6xx&ct=5")
    assert hook.ok
    assert [entry.code for entry in twilio.store.debugger] == [11243]


def test_without_a_fragment_the_rules_are_twilios() -> None:
    rules = parse_rules("https://app.test/in")
    assert (rules.connect_timeout, rules.read_timeout, rules.total_timeout, rules.retries) == (5, 15, 15, 1)
    assert rules.policies == {"ct"}


def test_edges_and_server_names_are_accepted_and_mean_nothing_here() -> None:
    assert parse_rules("https://app.test/in#e=dublin,ashburn&sni=n").invalid == ()
