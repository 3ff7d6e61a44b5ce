"""The host as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from click import ClickException

from demo.host import create_app

ROOT = Path(__file__).parents[2]


def start(tmp_path: Path, **environment: str) -> subprocess.Popen[str]:
    settings = {"ILLUMICHAT_PLUGINS": "none", "DATABASE_PATH": str(tmp_path / "new" / "host.sqlite3")}
    return subprocess.Popen(
        [sys.executable, "-m", "demo.host", "--port", "0"],
        cwd=ROOT,
        env=os.environ | settings | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_it_serves_and_ends_cleanly_on_sigterm(tmp_path: Path) -> None:
    process = start(tmp_path)
    try:
        url = process.stdout.readline().split()[-1]
        assert requests.get(f"{url}/healthz", timeout=10).text == "ok\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert "Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.communicate()


def test_a_wrong_setting_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    process = start(tmp_path, LLM_BASE_URL="http://127.0.0.1:1/v1")
    _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "LLM_MODEL must name the model" in said
    assert "Traceback" not in said


def test_a_plugin_that_refuses_stops_the_start_with_its_sentence(tmp_path: Path) -> None:
    process = start(tmp_path, ILLUMICHAT_PLUGINS="sms", SMS_PUBLIC_URL="http://public.example")
    _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "The plugin sms does not start. SMS_" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("value", ["many", "-1", "1e9"])
def test_a_wrong_number_is_named(value: str, tmp_path: Path) -> None:
    with pytest.raises(ClickException, match="DB_POOL_SIZE must be"):
        create_app({"DB_POOL_SIZE": value, "DATABASE_PATH": tmp_path / "h.sqlite3"})


def test_the_old_name_of_the_postgresql_scheme_is_understood() -> None:
    app = create_app({"DATABASE_URL": "postgres://u:p@127.0.0.1:1/d", "ILLUMICHAT_PLUGINS": "none"})
    assert app.config["SQLALCHEMY_DATABASE_URI"] == "postgresql://u:p@127.0.0.1:1/d"
