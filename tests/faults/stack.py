"""All processes of an installation, started once and broken again and again."""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from redis import Redis
from sqlalchemy import create_engine

from demo.twilio_simulator import seed
from illumichat_sms_plugin import migrating
from illumichat_sms_plugin.encryption import generate_key
from tests.faults.app import ASSISTANT, Base
from tests.faults.assistant import Assistant
from tests.faults.counters import Counters
from tests.faults.people import People
from tests.faults.processes import Process, Supervisor, wait_until
from tests.faults.standstill import Bystander
from tests.faults.stores import LOOPBACK, PostgreSQL, Valkey, free_port
from tests.faults.twilio import Twilio
from tests.faults.waiting import SHORTENED
from tests.support.no_limits import NO_LIMITS, WIDE

ROOT = Path(__file__).parents[2]
APP = "tests.faults.app:create_app()"
GUNICORN_WORKERS = 3
CONCURRENCY = 8


class Stack:
    """PostgreSQL, Valkey, gunicorn, two workers, housekeeping, and who they talk to."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="sms-faults-"))
        self.key = generate_key()
        self.assistant = Assistant()
        self.twilio = Twilio().start()
        self.valkey = Valkey(self.folder)
        self.valkey.start()
        self.database = PostgreSQL()
        self.port = free_port()
        self.people = People(self.database, self.port)
        self.env = self._environment()
        self.counters = Counters(self.env)
        self._prepare_database()
        bind = ["-b", f"{LOOPBACK}:{self.port}", "-w", str(GUNICORN_WORKERS), "--log-level", "warning"]
        self.web = self.process("web", "gunicorn", *bind, "-k", "sync", "--backlog", "1024", APP)
        self.workers = [
            self.flask(name, "worker", "--concurrency", str(CONCURRENCY)) for name in ("worker-1", "worker-2")
        ]
        self.housekeeping = self.flask("housekeeping", "housekeeping")
        self.parts = [self.web, *self.workers, self.housekeeping]
        self.supervisor = Supervisor(self.parts)
        self.supervisor.start()
        self.bystander = Bystander(self.database)
        self.bystander.start()
        self._read: dict[str, int] = {}
        self.last_row = 0
        """The last message of the runs before."""

    def _environment(self) -> dict[str, str]:
        url = f"http://{LOOPBACK}:{self.port}"
        return {
            **os.environ,
            **SHORTENED,
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "FLASK_APP": APP,
            "FAULTS_DATABASE": self.database.url,
            "FAULTS_ASSISTANT": self.assistant.url,
            "SMS_PUBLIC_URL": url,
            "SMS_ENCRYPTION_KEYS": self.key,
            "SMS_REDIS_URL": self.valkey.url,
            "SMS_TWILIO_API_URL": self.twilio.url,
            **NO_LIMITS,
            "SMS_CONNECT_AUTH_TOKEN": seed.AUTH_TOKEN,
        }

    def _prepare_database(self) -> None:
        engine = create_engine(self.database.url)
        migrating.upgrade(engine)
        Base.metadata.create_all(engine)
        engine.dispose()
        connect = ["sms", "connect", ASSISTANT, "--account-sid", seed.ACCOUNT_SID]
        command = [sys.executable, "-m", "flask", *connect, "--phone-number", seed.SUPPORT_NUMBER]
        subprocess.run(command, env=self.env, check=True, capture_output=True, timeout=120)
        wide = [f"{name}={value}" for name, value in WIDE.items()]
        command = [sys.executable, "-m", "flask", "sms", "options", ASSISTANT, *wide]
        subprocess.run(command, env=self.env, check=True, capture_output=True, timeout=120)
        hook = f"{self.env['SMS_PUBLIC_URL']}/api/sms/webhook/{ASSISTANT}#rc=3&rp=5xx,ct,rt"
        self.twilio.set_webhook(seed.SUPPORT_NUMBER, hook)

    def process(self, name: str, module: str, *arguments: str) -> Process:
        env = {**self.env, "FAULTS_ROLE": name}
        return Process(name, [sys.executable, "-m", module, *arguments], env, self.folder)

    def flask(self, name: str, command: str, *arguments: str) -> Process:
        return self.process(name, "flask", "sms", command, *arguments)

    def start(self) -> None:
        """Start what does not run and wait until all of it works."""
        for part in self.parts:
            if not part.alive():
                part.start()
        self.wait_ready()

    def wait_ready(self, redis: Callable[[], Redis] | None = None) -> None:
        """``redis`` makes a client for the Redis that the workers use now, instead of ``valkey``."""
        wait_until("the web process answers", self.answers)
        wait_until("workers take jobs", lambda: self._workers_listen(redis or self.valkey.client))

    def answers(self) -> bool:
        """Ask for its health, as a load balancer does all the time."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=5)
        try:
            connection.request("GET", "/api/sms/health")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _workers_listen(self, redis: Callable[[], Redis]) -> bool:
        """Most of their threads wait for a job; some are always just between two waits."""
        with redis() as client:
            waiting = int(client.info("clients")["blocked_clients"])
        return (
            all(worker.alive() for worker in self.workers) and waiting > CONCURRENCY * len(self.workers) / 2
        )

    def new_log_lines(self) -> dict[str, str]:
        """What was written since this was last asked."""
        fresh = {}
        for name, text in self.logs().items():
            fresh[name] = text[self._read.get(name, 0) :]
            self._read[name] = len(text)
        return fresh

    def logs(self) -> dict[str, str]:
        """Everything any process has written."""
        files = sorted(self.folder.glob("*.log"))
        return {file.name: file.read_text(errors="replace") for file in files}

    def close(self) -> None:
        self.bystander.stop()
        self.supervisor.stop()
        for part in self.parts:
            part.wanted = False
            part.kill()
        self.valkey.process.kill()
        self.database.delete()
        self.twilio.close()
        self.assistant.close()
        shutil.rmtree(self.folder, ignore_errors=True)
