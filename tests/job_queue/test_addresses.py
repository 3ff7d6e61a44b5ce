"""Redis as other installations run it: Sentinels, a Cluster, a socket, TLS, a client that the host makes."""

from __future__ import annotations

import logging
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from redis import Redis

from demo.launcher.valkey import server as valkey_server
from illumichat_sms_plugin.config import Settings
from illumichat_sms_plugin.errors import StartRefused
from illumichat_sms_plugin.job_queue import JobQueue, worker
from illumichat_sms_plugin.job_queue.health import QueueUnusable, look_at_queue
from illumichat_sms_plugin.job_queue.rq_worker import AnswerWorker
from illumichat_sms_plugin.redis_address import client_for, refuse_bad_address
from illumichat_sms_plugin.runtime import current_runtime
from tests.faults.processes import Process, wait_until
from tests.faults.sentinel import Watched
from tests.faults.stores import LOOPBACK, Valkey, free_port
from tests.support.apps import KEY, PUBLIC_URL, make_app, sqlite_url
from tests.support.channels import connect
from tests.support.memory_host import MemoryHost
from tests.support.twilio_requests import text_in


def jobs_at(url: str) -> JobQueue:
    return JobQueue(Settings(public_url=PUBLIC_URL, encryption_keys=(KEY,), redis_url=url))


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    with Watched(tmp_path) as watched:
        yield watched


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_failover_loses_nothing(make: Callable[..., Flask], twilio: Any, watched: Watched) -> None:
    """The master dies with texts in the queue; what it knew is found again in the database."""
    app = make(SMS_REDIS_URL=watched.url, SMS_TWILIO_API_URL=twilio.url, SMS_SWEEP_AFTER=1)
    connect(app)

    def answered() -> int:
        return len({message.to for message in twilio.messages(created_by="api")})

    for number in range(4):
        assert text_in(app, From=f"+1555765{number:04}").status_code == 200
    watched.kill_the_master()
    for number in range(4, 8):
        assert text_in(app, From=f"+1555765{number:04}").status_code == 200
    with app.app_context():
        jobs = current_runtime().queue
    stopping = threading.Event()
    threads = [
        threading.Thread(target=worker._work_until, args=(app, jobs, stopping, worker.News())),
        sweeping(app, stopping),
    ]
    for thread in threads:
        thread.start()
    try:
        wait_until("all have their answer", lambda: answered() == 8, 60)
    finally:
        stopping.set()
        for thread in threads:
            thread.join(30)
    assert len(twilio.messages(created_by="api")) == 8


def sweeping(app: Flask, stopping: threading.Event) -> threading.Thread:
    """What housekeeping does about lost jobs."""
    from illumichat_sms_plugin.services.reconcile.sweep_sessions import sweep_sessions

    def sweep() -> None:
        with app.app_context():
            while not stopping.wait(0.5):
                sweep_sessions(current_runtime())

    return threading.Thread(target=sweep)


def test_no_sentinel_there(caplog: pytest.LogCaptureFixture) -> None:
    jobs = jobs_at("redis+sentinel://127.0.0.1:1,127.0.0.1:2/texts")
    assert not jobs.answer_session(1, 1)
    assert "no Sentinel answers" in caplog.text
    assert not jobs.ping()


def test_what_a_sentinel_url_says() -> None:
    url = "rediss+sentinel://u:p@s1,s2:26380/texts/3?ssl_cert_reqs=none&sentinel_password=w"
    pool: Any = client_for(url, socket_timeout=None, socket_connect_timeout=0.4).connection_pool
    kwargs = pool.connection_kwargs
    assert (kwargs["db"], kwargs["username"], kwargs["password"]) == (3, "u", "p")
    assert pool.service_name == "texts"
    manager = pool.sentinel_manager
    assert [s.connection_pool.connection_kwargs["port"] for s in manager.sentinels] == [26379, 26380]
    assert {s.connection_pool.connection_kwargs["password"] for s in manager.sentinels} == {"w"}
    assert {s.connection_pool.connection_kwargs["socket_timeout"] for s in manager.sentinels} == {0.4}


@pytest.mark.parametrize(
    "url",
    [
        "redis+sentinel://:pw-x@s1/",
        "redis+sentinel://:pw-x@/texts",
        "redis+sentinel://:pw-x@s1:port/texts",
        "redis+sentinel://:pw-x@s1/texts/0/1",
        "redis+cluster://:pw-x@s1",
    ],
)
def test_an_address_that_says_nothing_is_refused_and_not_quoted(url: str) -> None:
    with pytest.raises(StartRefused) as refused:
        refuse_bad_address(url)
    assert "pw-x" not in str(refused.value)


@pytest.mark.parametrize("url", ["valkey://localhost:6379/1", "valkeys://localhost/0?ssl_cert_reqs=none"])
def test_valkeys_own_name_is_taken(url: str) -> None:
    refuse_bad_address(url)


def test_a_socket_works(tmp_path: Path) -> None:
    path = Path(f"/tmp/sms-valkey-{free_port()}.sock")
    command = [
        valkey_server(),
        "--port",
        "0",
        "--unixsocket",
        str(path),
        "--dir",
        str(tmp_path),
        "--save",
        "",
    ]
    process = Process("valkey", command, {}, tmp_path)
    process.start()
    try:
        jobs = jobs_at(f"unix://{path}?db=1")
        wait_until("Valkey answers", jobs.ping, 20)
        assert jobs.answer_session(1, 1)
        assert look_at_queue(jobs).waiting_jobs == 1
    finally:
        process.kill()
        path.unlink(missing_ok=True)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    """One node that has all slots."""
    port = free_port()
    command = [valkey_server(), "--bind", LOOPBACK, "--port", str(port), "--dir", str(tmp_path), "--save", ""]
    command += ["--cluster-enabled", "yes", "--cluster-port", str(free_port())]
    process = Process("cluster", command, {}, tmp_path)
    process.start()
    url = f"redis://{LOOPBACK}:{port}/0"
    client = Redis.from_url(url)
    try:
        wait_until("it answers", lambda: _pings(client), 20)
        client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        wait_until("it works", lambda: b"cluster_state:ok" in client.execute_command("CLUSTER", "INFO"), 20)
        yield url
    finally:
        client.close()
        process.kill()


def _pings(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except Exception:  # noqa: BLE001 - not there yet
        return False


def test_a_cluster_is_refused_by_name(cluster: str, tmp_path: Path) -> None:
    """RQ cannot use one, and nothing would be answered while everything looks well."""
    jobs = jobs_at(cluster)
    assert not jobs.ping(), "health says that the queue cannot be used"
    with pytest.raises(QueueUnusable, match="Redis Cluster"):
        look_at_queue(jobs)
    app = make_app(sqlite_url(tmp_path / "host.db"), MemoryHost(), SMS_REDIS_URL=cluster)
    assert app.test_cli_runner().invoke(args=["sms", "upgrade"]).exit_code == 0
    done = app.test_cli_runner().invoke(args=["sms", "worker"])
    assert done.exit_code == 1
    assert "Redis Cluster" in done.output
    with Redis.from_url(cluster) as client, pytest.raises(StartRefused, match="Redis Cluster"):
        AnswerWorker(["sms"], connection=client)


def test_a_host_may_make_the_client_itself(valkey: Valkey, host: MemoryHost) -> None:
    """For what no URL can say, such as passwords that change every hour."""
    asked: list[dict[str, Any]] = []

    def redis_client(**times: Any) -> Redis:
        asked.append(times)
        return Redis(port=valkey.port, **times)

    host.redis_client = redis_client  # type: ignore[attr-defined]
    app = make_app("sqlite://", host, SMS_REDIS_URL="redis://127.0.0.1:1/0", SMS_REDIS_TIMEOUT=0.3)
    with app.app_context():
        assert current_runtime().queue.ping()
        assert current_runtime().queue.answer_session(1, 1)
    assert asked == [{"socket_timeout": 0.3, "socket_connect_timeout": 0.3}]


@pytest.fixture
def untrusted(tmp_path: Path) -> Iterator[int]:
    """The port of a TLS server whose certificate nobody knows."""
    assert shutil.which("openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    request = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost -days 2"
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*request.split(), *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server((LOOPBACK, 0)) as server:
        server.settimeout(10)

        def serve() -> None:
            try:
                plain, _ = server.accept()
                with context.wrap_socket(plain, server_side=True):
                    pass
            except OSError:
                pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]


def test_a_certificate_that_nobody_trusts_is_named(untrusted: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    assert not jobs_at(f"rediss://:pw-x@{LOOPBACK}:{untrusted}/0").answer_session(1, 1)
    assert "certificate is not trusted" in caplog.text
    assert "pw-x" not in caplog.text


def test_a_wrong_password_is_named(valkey: Valkey, caplog: pytest.LogCaptureFixture) -> None:
    with valkey.client() as client:
        client.config_set("requirepass", "right")
    with pytest.raises(QueueUnusable, match="refuses the user name or the password"):
        look_at_queue(jobs_at(valkey.url.replace("redis://", "redis://:wrong@")))
