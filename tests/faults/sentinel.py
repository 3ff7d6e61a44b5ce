"""Redis behind a Sentinel, as real processes: when the master dies, the replica takes over."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from redis import Redis
from redis.exceptions import RedisError

from demo.launcher.valkey import server as valkey_server
from tests.faults.processes import Process, wait_until
from tests.faults.stores import LOOPBACK, free_port

SENTINEL = """
port {port}
bind 127.0.0.1
dir {folder}
sentinel monitor texts 127.0.0.1 {master} 1
sentinel auth-pass texts secret
sentinel down-after-milliseconds texts 1000
sentinel failover-timeout texts 5000
requirepass watched
"""


class Watched:
    """A master, a replica and a Sentinel that watches them, each with a password."""

    def __init__(self, folder: Path) -> None:
        self.ports = [free_port(), free_port()]
        self.processes = [self._redis(folder, port) for port in self.ports]
        self.sentinel = free_port()
        settings = folder / "sentinel.conf"
        settings.write_text(SENTINEL.format(port=self.sentinel, folder=folder, master=self.ports[0]))
        self.processes.append(Process("sentinel", [valkey_server(), str(settings), "--sentinel"], {}, folder))
        self.url = f"redis+sentinel://:secret@127.0.0.1:1,127.0.0.1:{self.sentinel}/texts/0?sentinel_password=watched"

    def _redis(self, folder: Path, port: int) -> Process:
        mine = folder / str(port)
        mine.mkdir()
        command = [valkey_server(), "--bind", LOOPBACK, "--port", str(port), "--dir", str(mine), "--save", ""]
        command += ["--requirepass", "secret", "--masterauth", "secret", "--repl-diskless-sync-delay", "0"]
        if port != self.ports[0]:
            command += ["--replicaof", LOOPBACK, str(self.ports[0])]
        return Process(f"redis-{port}", command, {}, folder)

    def __enter__(self) -> Self:
        with ExitStack() as if_it_fails:
            if_it_fails.push(self)
            for process in self.processes:
                process.start()
            wait_until("the Sentinel knows the replica", lambda: len(self._ask("REPLICAS")) == 1, 30)
            if_it_fails.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.kill()

    def master(self) -> Redis:
        """A client of the master that there is at first."""
        return Redis(port=self.ports[0], password="secret", socket_timeout=5)

    def kill_the_master(self) -> None:
        self.processes[0].end(signal.SIGKILL)

    def has_failed_over(self) -> bool:
        """Whether the Sentinel sends everybody to the former replica."""
        told = self._ask("GET-MASTER-ADDR-BY-NAME")
        return bool(told) and int(told[1]) == self.ports[1]

    def _ask(self, question: str) -> list[Any]:
        """What the Sentinel says; nothing while it does not answer."""
        with Redis(port=self.sentinel, password="watched", socket_timeout=2) as client:
            try:
                return list(client.execute_command("SENTINEL", question, "texts"))
            except RedisError:
                return []
