"""What a stranger with a script can make us pay: a refused request costs twice a plain forged one at most."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence

import pytest
from flask import Flask

from bench.in_process import post
from bench.refusals import AS_TWILIOS, ATTACKS, FORGED, PROXIED
from illumichat_sms_plugin.blueprints.twilio_webhooks import MAX_FIELDS
from illumichat_sms_plugin.host import Assistant
from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.inbound import explaining, rejections
from illumichat_sms_plugin.services.inbound.rejection_diagnosis import Reason
from illumichat_sms_plugin.services.inbound.rejections import flush_rejections, recent_rejections
from tests.support.channels import connect
from tests.support.cpu_time import cpu_seconds
from tests.support.memory_host import ACME, MemoryHost

PATH = "/api/sms/webhook/ast_support"
ROUNDS, PER_ROUND = 34, 30
"""A thousand requests at 15 a second, with a round of explaining every two seconds."""

Form = Sequence[tuple[str, str]]


@pytest.fixture
def quiet(connected: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Rounds come when the test says so."""
    monkeypatch.setattr(rejections, "_flush_later", lambda runtime: None)
    return connected


def connect_more(app: Flask, host: MemoryHost, many: int) -> None:
    """So many further assistants of the same workspace, each with a channel: ``ast_0``, ``ast_1`` …"""
    for n in range(many):
        host.assistants.known[f"ast_{n}"] = Assistant(f"ast_{n}", "One of many", ACME)
        connect(app, f"ast_{n}", phone_number=f"+1555124{n:04}")


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("attack", "siblings"), [*((attack, 0) for attack in ATTACKS), ("as Twilio's", explaining.MAX_SIBLINGS)]
)
def test_a_refused_request_costs_at_most_twice_a_plain_forged_one(
    quiet: Flask, host: MemoryHost, attack: str, siblings: int
) -> None:
    """A thousand of each in turns. The plain ones are as Twilio's form is, and nobody explains their refusal."""
    connect_more(quiet, host, siblings)
    with quiet.app_context():
        buffer = current_runtime().rejections

    def plain() -> None:
        for _ in range(PER_ROUND):
            post(quiet, PATH, AS_TWILIOS, FORGED)
        with buffer.round():
            pass

    def attacked() -> None:
        for _ in range(PER_ROUND):
            post(quiet, f"{PATH}?added=by-a-proxy", ATTACKS[attack], PROXIED)
        with quiet.app_context():
            flush_rejections(current_runtime())

    plain(), attacked()
    ratio = 9.0
    for _ in range(3):  # what else runs here makes a measurement worse, never better
        pairs = [(cpu_seconds(plain, tries=1), cpu_seconds(attacked, tries=1)) for _ in range(ROUNDS)]
        ratio = min(ratio, sum(ours for _, ours in pairs) / sum(floor for floor, _ in pairs))
        if ratio < 2.0:
            return
    assert ratio < 2.0, f"{ratio:.2f} times a plain forged request"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_samples_of_a_flood_take_two_megabytes_at_most(quiet: Flask, host: MemoryHost) -> None:
    """Also with characters that take four bytes each, and many assistants."""
    form = [(f"Field{n:02}", "🦊" * 32) for n in range(rejections.MAX_FIELDS)]
    connect_more(quiet, host, 20)
    for n in range(20):
        post(quiet, f"/api/sms/webhook/ast_{n}", form, FORGED)
    with quiet.app_context():
        flush_rejections(current_runtime())
    tracemalloc.start()
    try:
        for n in range(20):
            for _ in range(5):
                post(quiet, f"/api/sms/webhook/ast_{n}", form, FORGED)
        held, _ = tracemalloc.get_traced_memory()
        with quiet.app_context():
            buffer = current_runtime().rejections
            assert buffer._samples == 30
            flush_rejections(current_runtime())
        left, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held - left < 2_000_000


@pytest.mark.parametrize(
    "form",
    [
        [(f"f{n}", "x") for n in range(rejections.MAX_FIELDS + 1)],
        [("Body", "x" * 9000)],
        [("Body", "x"), ("Long" * 3000, "")],
    ],
    ids=["many fields", "a long value", "a long name"],
)
def test_what_is_large_is_counted_and_not_examined(quiet: Flask, form: Form) -> None:
    assert post(quiet, PATH, form, FORGED).startswith("403")
    with quiet.app_context():
        flush_rejections(current_runtime())
        (row,) = recent_rejections(1)
    assert (row.reason, row.times) == (Reason.NOT_EXAMINED, 1)


def test_beyond_the_rounds_budget_nothing_is_examined(quiet: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first is, whatever it costs: an admin who mends a proxy tries once and looks."""
    monkeypatch.setattr(explaining, "ROUND_BUDGET", 0.0)
    for _ in range(3):
        post(quiet, PATH, AS_TWILIOS, FORGED)
    with quiet.app_context():
        flush_rejections(current_runtime())
        found = {row.reason: row.times for row in recent_rejections(1)}
    assert found == {Reason.UNKNOWN: 1, Reason.NOT_EXAMINED: 2}


@pytest.mark.parametrize("many", [MAX_FIELDS, 5000])
def test_too_many_fields_are_refused_before_they_are_parsed(
    quiet: Flask, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flask.Request.form", property(lambda self: pytest.fail("the form was parsed")))
    form = [(f"f{n}", "") for n in range(many)]
    assert post(quiet, PATH, [*form, ("last", "")], FORGED).startswith("413")
