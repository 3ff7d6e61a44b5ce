"""An operator who has not run ``flask sms upgrade`` yet is told so by every command that needs the tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from illumichat_sms_plugin.cli.commands import sms_commands
from tests.support.apps import make_app, sqlite_url
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import ACCOUNT_SID, NUMBER

WITHOUT = {"upgrade", "downgrade", "segments", "generate-key", "check-host"}
"""What makes the tables, or needs none."""
NEEDS: dict[str, list[str]] = {
    "worker": [],
    "housekeeping": [],
    "rotate-keys": [],
    "connect": ["ast_support", "--account-sid", ACCOUNT_SID, "--phone-number", NUMBER],
    "release-number": [NUMBER, "--yes"],
    "recount": [],
    "options": ["ast_support"],
    "erase-channel": ["ast_support", "--yes"],
    "forget-assistant": ["ast_support", "--yes"],
    "doctor": ["ast_support"],
    "sessions": ["ast_support"],
    "opt-outs": ["ast_support"],
    "send": ["ast_support", NUMBER, "Hello"],
    "erase": ["ast_support", NUMBER, "--yes"],
    "export": ["ast_support", NUMBER],
    "pause": ["ast_support"],
    "resume": ["ast_support"],
}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An app whose database is empty."""
    folder: Path = tmp_path_factory.mktemp("bare")
    return make_app(sqlite_url(folder / "empty.sqlite"), MemoryHost())


@pytest.mark.parametrize("command", NEEDS)
def test_it_names_the_command_that_makes_them(bare: Flask, command: str) -> None:
    result = bare.test_cli_runner().invoke(args=["sms", command, *NEEDS[command]])
    assert (result.exit_code, result.output) == (
        1,
        "Error: The plugin's tables are missing: run `flask sms upgrade` first.\n",
    )


def test_no_command_is_forgotten() -> None:
    assert set(sms_commands.commands) == WITHOUT | NEEDS.keys()
