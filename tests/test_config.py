"""Settings: checked when the app starts, each one documented."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from illumichat_sms_plugin.config import Settings, setting_name
from illumichat_sms_plugin.encryption import generate_key
from illumichat_sms_plugin.errors import StartRefused

README = Path(__file__).parent.parent / "README.md"
GOOD = {"SMS_PUBLIC_URL": "https://chat.example.com", "SMS_ENCRYPTION_KEYS": generate_key()}


def settings(**given: Any) -> Settings:
    return Settings.from_config(GOOD | given)


@pytest.mark.parametrize("item", dataclasses.fields(Settings), ids=setting_name)
def test_every_setting_stands_in_the_readme(item: dataclasses.Field[Any]) -> None:
    row = f"| `{setting_name(item)}` |"
    readme = README.read_text(encoding="utf-8")
    assert row in readme
    line = next(line for line in readme.splitlines() if line.startswith(row))
    assert item.metadata["doc"] in line, "README says something else than config.py"


def test_the_two_required_settings_are_enough() -> None:
    assert settings().twilio_api_url == "https://api.twilio.com"
    assert settings().reply_stale_after == 1800


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SMS_PUBLIC_URL", None, "SMS_PUBLIC_URL is not set"),
        ("SMS_PUBLIC_URL", "chat.example.com", "must be a URL"),
        ("SMS_PUBLIC_URL", "http://chat.example.com", "must use https"),
        ("SMS_PUBLIC_URL", "https://chat.example.com?x=1", "must be a URL"),
        ("SMS_ENCRYPTION_KEYS", None, "SMS_ENCRYPTION_KEYS is not set"),
        ("SMS_ENCRYPTION_KEYS", "not a key", "no Fernet key"),
        ("SMS_TWILIO_API_URL", "http://twilio.example", "must use https"),
        ("SMS_ASSISTANT_TIMEOUT", "soon", "must be a number"),
        ("SMS_ASSISTANT_ATTEMPTS", "2.5", "must be a whole number"),
        ("SMS_REPLY_STALE_AFTER", "-1", "must be between"),
        ("SMS_PRICE_DELAYS", "1,later", "must be a list of numbers"),
        ("SMS_KEEP_DAYS_BOUND", "29", "must be 0 or at least 30"),
        ("SMS_PRICE_CURRENCY", "$", "must be a currency code"),
    ],
)
def test_a_wrong_value_stops_the_start_with_a_sentence(name: str, value: Any, sentence: str) -> None:
    with pytest.raises(StartRefused, match=sentence) as refused:
        settings(**{name: value})
    assert "not a key" not in str(refused.value), "a key never shows, not even a wrong one"


def test_values_from_the_environment_are_read() -> None:
    read = settings(
        SMS_ENCRYPTION_KEYS=f"{generate_key()}, {generate_key()}",
        SMS_PUBLIC_URL="https://chat.example.com/",
        SMS_WORKER_CONCURRENCY="4",
        SMS_PRICE_DELAYS="1,2.5",
    )
    assert len(read.encryption_keys) == 2
    assert read.webhook_url("ast_1") == "https://chat.example.com/api/sms/webhook/ast_1"
    assert (read.worker_concurrency, read.price_delays) == (4, (1.0, 2.5))


def test_loopback_may_go_without_https() -> None:
    assert settings(SMS_PUBLIC_URL="http://127.0.0.1:8000").public_url == "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    "url",
    [
        "rediss://:secret@redis.example:6379/0?ssl_cert_reqs=None",
        "redis://:secret@redis.example:6379/0?no_such_argument=1",
        "redis://:secret@redis.example:6379/0?protocol=9",
        "redis://:secret@redis.example:6379/0?socket_timeout=soon",
        "rediss://:secret@redis.example:6379/0?ssl_ca_certs=/no/such/file.pem",
        "redis+sentinel://:secret@redis.example:26379",
    ],
)
def test_a_redis_url_whose_arguments_cannot_work_stops_the_start(url: str):
    """Else every connection would fail, and texts wait unseen until they are stale."""
    with pytest.raises(StartRefused, match="SMS_REDIS_URL") as refused:
        Settings.from_config(GOOD | {"SMS_REDIS_URL": url})
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        "rediss://:x@redis.example:6379/1?ssl_cert_reqs=none",
        "unix:///run/redis.sock?db=2",
    ],
)
def test_a_redis_url_that_can_work_is_taken(url: str):
    assert Settings.from_config(GOOD | {"SMS_REDIS_URL": url}).redis_url == url
