"""The environment that every process of the demo gets: what the caller set, and defaults for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from demo.launcher.data_folder import DataFolder, encryption_key, secret_key
from demo.launcher.options import Options

LOOPBACK = "127.0.0.1"


def host_url(options: Options) -> str:
    """Where the host listens."""
    return f"http://{LOOPBACK}:{options.port}"


def simulator_url(options: Options) -> str:
    """Where the simulated Twilio listens, when it runs."""
    return f"http://{LOOPBACK}:{options.simulator_port}"


def database_file(folder: DataFolder) -> Path:
    """The SQLite file that the demo uses when it is not given another database."""
    return folder.path / "illumichat.sqlite"


def database_url(folder: DataFolder) -> str:
    """The same as a URL."""
    return f"sqlite:///{quote(str(database_file(folder)))}"


def redis_url_of(caller: Mapping[str, str]) -> str | None:
    """The Redis that the caller named, if any; the plugin's own setting comes first."""
    return caller.get("SMS_REDIS_URL") or caller.get("REDIS_URL") or None


def uses_simulator(caller: Mapping[str, str]) -> bool:
    """Whether the demo brings its own Twilio, rather than being pointed at another."""
    return not caller.get("SMS_TWILIO_API_URL")


def environment(
    options: Options, folder: DataFolder, caller: Mapping[str, str], redis_url: str
) -> dict[str, str]:
    """Everything the host and the plugin read from the environment; a blank variable counts as not set."""
    defaults = {
        "DATABASE_URL": database_url(folder),
        "SECRET_KEY": folder.kept("secret_key", secret_key),
        "SMS_PUBLIC_URL": host_url(options),
        "SMS_TWILIO_API_URL": simulator_url(options),
        "SMS_ENCRYPTION_KEYS": folder.kept("encryption_key", encryption_key),
        "SMS_REDIS_URL": redis_url,
    }
    env = {name: value for name, value in caller.items() if value}
    return {"PYTHONUNBUFFERED": "1", **defaults, **env, "REDIS_URL": redis_url}
