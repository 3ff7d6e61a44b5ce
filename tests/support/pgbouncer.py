"""A real PgBouncer in transaction pooling, before the tests' PostgreSQL."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, make_url

from tests.faults.processes import wait_until
from tests.faults.stores import LOOPBACK, free_port

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
MISSING = "There is no PgBouncer (Debian: apt-get install pgbouncer)"
SETTINGS = """
[databases]
* = host={host} port={port} user={user} {password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
ignore_startup_parameters = extra_float_digits
"""


@contextmanager
def pgbouncer(database_url: str, port: int | None = None) -> Iterator[str]:
    """The same database's URL through a pooler that has three connections for everybody."""
    assert PGBOUNCER
    url = make_url(database_url)
    folder, port = Path(tempfile.mkdtemp(prefix="sms-pgbouncer-")), port or free_port()
    folder.chmod(0o755)
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        SETTINGS.format(
            host=_host(url),
            port=url.port or url.query.get("port", 5432),
            user=url.username,
            password=f"password={url.password}" if url.password else "",
            listen=port,
        )
    )
    other_user = ["-u", _user(url)] if os.geteuid() == 0 else []  # it does not run as root
    process = subprocess.Popen([PGBOUNCER, *other_user, str(settings)], stderr=subprocess.DEVNULL)
    try:
        wait_until("PgBouncer listens", lambda: listens(port), 20)
        yield url.set(host=LOOPBACK, port=port, query={}).render_as_string(hide_password=False)
    finally:
        process.kill()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _host(url: URL) -> str:
    return str(url.host or url.query.get("host", LOOPBACK))


def _user(url: URL) -> str:
    """Somebody who may open PostgreSQL's socket."""
    folder = Path(_host(url))
    return folder.owner() if folder.is_dir() else "nobody"


def listens(port: int) -> bool:
    """Whether somebody answers at this port of the loopback."""
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0
