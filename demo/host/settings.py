"""The host's settings, from the environment or from what :func:`demo.host.create_app` is given.

Names are the same in both places. Everything that begins with ``SMS_`` is handed on to the plugin.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import click

logger = logging.getLogger("demo_host")

DEFAULTS: Mapping[str, Any] = {
    "DATABASE_PATH": str(Path(__file__).parent / ".demo" / "host.sqlite3"),
    "DB_POOL_SIZE": 16,
    "DB_MAX_OVERFLOW": 16,
    "DB_POOL_TIMEOUT": 10.0,
    "DB_CONNECT_TIMEOUT": 5,
    "DB_BUSY_TIMEOUT": 5.0,
    "LLM_BASE_URL": "",
    "LLM_API_KEY": "",
    "LLM_MODEL": "",
    "LLM_TIMEOUT": 60.0,
    "LLM_TRANSCRIBE_MODEL": "",
    "DEMO_ASSISTANT_DELAY": 0.0,
}
"""Durations are in seconds. Not listed: DATABASE_URL (else SQLite at DATABASE_PATH), SECRET_KEY
(else a new one at every start), REDIS_URL (the default of SMS_REDIS_URL) and ILLUMICHAT_PLUGINS (names of
the plugins to load, with commas; all that are installed when it is not set)."""

FROM_ENVIRONMENT = (*DEFAULTS, "DATABASE_URL", "SECRET_KEY", "REDIS_URL", "ILLUMICHAT_PLUGINS")


class WrongSetting(click.ClickException):
    """A setting that cannot be used; the command line shows the sentence instead of a traceback."""


def from_environment() -> dict[str, str]:
    """What the environment says about the host and its plugins."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in FROM_ENVIRONMENT or name.startswith("SMS_")
    }


def complete(config: MutableMapping[str, Any]) -> None:
    """Fill in defaults, turn strings into numbers, and derive what Flask and its extensions read."""
    for name, default in DEFAULTS.items():
        if config.get(name) in (None, ""):
            config[name] = default
        elif not isinstance(default, str):
            config[name] = _number(name, config[name], type(default))
    if config["LLM_BASE_URL"] and not config["LLM_MODEL"]:
        raise WrongSetting("LLM_BASE_URL is set, so LLM_MODEL must name the model to ask.")
    if not config.get("SECRET_KEY"):
        logger.info("SECRET_KEY is not set: people are signed out when the host starts again")
        config["SECRET_KEY"] = secrets.token_urlsafe(32)
    if config.get("REDIS_URL"):
        config.setdefault("SMS_REDIS_URL", config["REDIS_URL"])
    config["SQLALCHEMY_DATABASE_URI"] = _database_url(config)
    config.update(
        MAX_CONTENT_LENGTH=1024 * 1024,
        SESSION_COOKIE_NAME="illumichat_session",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=str(config.get("SMS_PUBLIC_URL", "")).startswith("https://"),
        WTF_CSRF_TIME_LIMIT=None,
    )


def _number(name: str, value: Any, kind: type) -> Any:
    try:
        number = kind(value)
    except (TypeError, ValueError):
        raise WrongSetting(f"{name} must be a number, not {value!r}.") from None
    if not 0 <= number <= 100_000:
        raise WrongSetting(f"{name} must be between 0 and 100000, not {value!r}.")
    return number


def _database_url(config: Mapping[str, Any]) -> str:
    given = config.get("DATABASE_URL")
    if not given:
        path = Path(config["DATABASE_PATH"]).resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{path}"
    # Hosting services still hand out the scheme's old name, which SQLAlchemy does not take.
    scheme, found, rest = str(given).partition("://")
    return f"postgresql://{rest}" if found and scheme == "postgres" else str(given)
