"""One process says that a channel has changed, the others hear of it once."""

from __future__ import annotations

from typing import Any

import pytest

from illumichat_sms_plugin.config import Settings
from illumichat_sms_plugin.job_queue import JobQueue, change_signal
from illumichat_sms_plugin.job_queue.change_signal import ChangeSignal
from tests.faults.stores import Valkey
from tests.support.apps import KEY, PUBLIC_URL


@pytest.fixture(autouse=True)
def _look_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_signal, "LOOK_EVERY", 0.0)
    monkeypatch.setattr(change_signal, "REST_AFTER_FAILURE", 0.0)


def a_process(redis_url: str, **settings: Any) -> ChangeSignal:
    given = Settings(public_url=PUBLIC_URL, encryption_keys=(KEY,), redis_url=redis_url, **settings)
    return ChangeSignal(given, JobQueue(given))


def test_what_one_sends_every_other_hears_once(redis_url: str) -> None:
    sender, first, second = (a_process(redis_url) for _ in range(3))
    first.heard()
    second.heard()
    assert not first.heard(), "nothing has happened yet"
    sender.send()
    assert first.heard()
    assert second.heard()
    assert not first.heard(), "once"
    sender.send()
    assert first.heard()


def test_who_has_just_started_cannot_know_and_takes_it_for_a_change(redis_url: str) -> None:
    assert a_process(redis_url).heard()


def test_installations_that_share_a_server_do_not_hear_each_other(redis_url: str) -> None:
    sender, ours, theirs = a_process(redis_url), a_process(redis_url), a_process(redis_url, queue="other")
    ours.heard()
    theirs.heard()
    sender.send()
    assert ours.heard()
    assert not theirs.heard()


def test_nobody_looks_more_often_than_once_a_second(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_signal, "LOOK_EVERY", 60.0)
    sender, listener = a_process(redis_url), a_process(redis_url)
    listener.heard()
    sender.send()
    assert not listener.heard()


def test_what_could_not_be_said_is_said_when_redis_is_back(valkey: Valkey) -> None:
    sender, listener = a_process(valkey.url), a_process(valkey.url)
    listener.heard()
    valkey.stop()
    sender.send()
    assert not listener.heard(), "no exception, and nothing new"
    valkey.start()
    listener.heard()
    assert not listener.heard()
    sender.heard()
    assert listener.heard()


def test_after_an_outage_anything_may_have_changed(valkey: Valkey) -> None:
    listener = a_process(valkey.url)
    listener.heard()
    valkey.stop()
    listener.heard()
    valkey.start()
    assert listener.heard()
    assert not listener.heard()


def test_a_redis_that_has_forgotten_everything_is_a_change(valkey: Valkey) -> None:
    sender, listener = a_process(valkey.url), a_process(valkey.url)
    sender.send()
    listener.heard()
    valkey.flush()
    assert listener.heard()
