"""How many samples of a round are explained: the first always, then as many as fit into the round's CPU."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from illumichat_sms_plugin.runtime import current_runtime
from illumichat_sms_plugin.services.inbound import explaining, rejections
from illumichat_sms_plugin.services.inbound.explaining import ROUND_BUDGET, Budget
from illumichat_sms_plugin.services.inbound.rejection_diagnosis import ForeignKey, Reason
from illumichat_sms_plugin.services.inbound.rejections import flush_rejections, recent_rejections
from tests.support.channels import connect
from tests.support.twilio_requests import inbound_form, post_signed

PATH = "/api/sms/webhook/ast_support"
LEAST = ROUND_BUDGET / 10
"""Seconds of CPU that explaining one sample takes here."""


class Clock:
    """The CPU of the thread that explains, as a test lets it pass."""

    def __init__(self) -> None:
        self.now = 0.0

    def thread_time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(explaining, "time", clock)
    return clock


def spend(clock: Clock, budget: Budget, *seconds: float) -> list[bool]:
    """Explain samples that take so long; whether each was allowed."""
    allowed = []
    for each in seconds:
        allowed.append(budget.allows_one_more())
        if allowed[-1]:
            with budget.spent_on_one():
                clock.now += each
    return allowed


@pytest.mark.parametrize(
    ("seconds", "allowed"),
    [
        ([LEAST] * 12, [True] * 10 + [False] * 2),
        ([ROUND_BUDGET * 9, LEAST], [True, False]),
        ([ROUND_BUDGET * 0.6, LEAST], [True, False]),
        ([ROUND_BUDGET * 0.4, LEAST, LEAST], [True, True, True]),
    ],
    ids=["ten of a tenth", "a costly first one", "another like the first does not fit", "it would fit"],
)
def test_another_one_is_explained_while_one_like_the_last_fits_in(
    clock: Clock, seconds: list[float], allowed: list[bool]
) -> None:
    clock.now = 5.0
    assert spend(clock, Budget(), *(each * 0.999 for each in seconds)) == allowed


def test_what_is_done_once_is_not_expected_of_the_next_sample(clock: Clock) -> None:
    """The keys of a workspace's other channels are loaded once, and the next sample needs them only checked."""
    budget = Budget()
    with budget.spent():
        clock.now += ROUND_BUDGET * 0.7
    assert spend(clock, budget, LEAST, LEAST) == [True, True]
    assert spend(clock, budget, LEAST, LEAST) == [False, False]


def test_what_happens_between_two_samples_is_not_counted(clock: Clock) -> None:
    budget = Budget()
    for _ in range(5):
        assert spend(clock, budget, LEAST) == [True]
        clock.now += ROUND_BUDGET


@pytest.fixture
def noted(connected: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Three refused texts of one assistant, each for another reason; its workspace has a second channel."""
    monkeypatch.setattr(rejections, "_flush_later", lambda runtime: None)
    connect(connected, "ast_sales", phone_number="+15551230002", auth_token="0" * 32)
    for token in ("1" * 32, "0" * 32):
        post_signed(connected, PATH, inbound_form(), token=token)
    post_signed(connected, PATH, inbound_form(AccountSid="AC" + "9" * 32))
    return connected


def test_all_samples_are_explained_when_there_is_time(
    noted: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the keys of the workspace's other channels took most of it: they are loaded once."""
    load = explaining._foreign_keys

    def slowly(*arguments: Any) -> list[ForeignKey]:
        clock.now += ROUND_BUDGET * 0.7
        return load(*arguments)

    monkeypatch.setattr(explaining, "_foreign_keys", slowly)
    with noted.app_context():
        flush_rejections(current_runtime())
        found = {row.reason: row.times for row in recent_rejections(1)}
    assert found == {Reason.UNKNOWN: 1, Reason.OTHER_KEY: 1, Reason.OTHER_ACCOUNT: 1}


def test_writing_down_takes_nothing_of_what_explaining_may(
    noted: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second channel's refusals come after the first one's were written down."""
    post_signed(noted, "/api/sms/webhook/ast_sales", inbound_form(), token="1" * 32)
    write = rejections._write

    def slowly(*arguments: Any) -> None:
        clock.now += ROUND_BUDGET * 2
        write(*arguments)

    monkeypatch.setattr(rejections, "_write", slowly)
    with noted.app_context():
        flush_rejections(current_runtime())
        assert [row.reason for row in recent_rejections(2)] == [Reason.UNKNOWN]
