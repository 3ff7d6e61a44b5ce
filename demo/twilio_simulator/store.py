"""Everything the simulator knows, behind one lock, optionally kept in an SQLite file.

Accounts, API keys, numbers, applications, services, messages and opt-outs survive a restart when a file is
given. Webhooks, the debugger and the request log are of this run only, and bounded.
"""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from demo.twilio_simulator.records import (
    Account,
    ApiKey,
    ApiRequest,
    Application,
    DebuggerEntry,
    Media,
    Message,
    MessagingService,
    Number,
    OptOut,
    Webhook,
)

Record = Account | ApiKey | Application | Message | MessagingService | Number | OptOut
T = TypeVar("T")

HISTORY = 20_000
"""How many webhooks, debugger lines and REST requests are remembered."""


class Store:
    """The simulator's memory. Read and change it while holding :attr:`lock`."""

    def __init__(self, path: str | Path | None = None) -> None:
        self.lock = threading.RLock()
        self._changed = threading.Condition(self.lock)
        self.version = time.time_ns() // 1_000_000
        """Grows with every change, over restarts too."""
        self.accounts: dict[str, Account] = {}
        self.api_keys: dict[str, ApiKey] = {}
        self.applications: dict[str, Application] = {}
        self.messages: dict[str, Message] = {}
        self.services: dict[str, MessagingService] = {}
        self.numbers: dict[str, Number] = {}
        self.opt_outs: dict[str, OptOut] = {}
        self.webhooks: deque[Webhook] = deque(maxlen=HISTORY)
        self.debugger: deque[DebuggerEntry] = deque(maxlen=HISTORY)
        self.requests: deque[ApiRequest] = deque(maxlen=HISTORY)
        self.media_fetches: list[str] = []
        """Paths of media that somebody downloaded."""
        self._tables: dict[type[Any], dict[str, Any]] = {
            Account: self.accounts,
            ApiKey: self.api_keys,
            Application: self.applications,
            Message: self.messages,
            MessagingService: self.services,
            Number: self.numbers,
            OptOut: self.opt_outs,
        }
        self._file = _open(path) if path is not None else None
        if self._file is not None:
            self._load()

    @contextmanager
    def change(self) -> Iterator[None]:
        """Hold the lock, then tell those who wait in :meth:`wait_for`."""
        with self.lock:
            yield
            self.version += 1
            self._changed.notify_all()

    def wait_for(self, condition: Callable[[], T], timeout: float) -> T:
        """Wait until ``condition()`` is true and return its value; AssertionError after ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        with self.lock:
            while not (value := condition()):
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    raise AssertionError(f"the simulator waited {timeout} s in vain")
                self._changed.wait(remaining)
            return value

    def save(self, record: Record) -> None:
        """Remember a new or changed record."""
        with self.change():
            self._tables[type(record)][record.sid] = record
            if self._file is not None:
                self._file.execute(
                    "INSERT INTO records (kind, sid, data) VALUES (?, ?, ?)"
                    " ON CONFLICT (kind, sid) DO UPDATE SET data = excluded.data",
                    (type(record).__name__, record.sid, json.dumps(dataclasses.asdict(record))),
                )

    def remove(self, record: Record) -> None:
        """Forget a record."""
        with self.change():
            self._tables[type(record)].pop(record.sid, None)
            if self._file is not None:
                self._file.execute(
                    "DELETE FROM records WHERE kind = ? AND sid = ?", (type(record).__name__, record.sid)
                )

    def clear(self) -> None:
        """Forget everything."""
        with self.change():
            for table in self._tables.values():
                table.clear()
            for log in (self.webhooks, self.debugger, self.requests, self.media_fetches):
                log.clear()
            if self._file is not None:
                self._file.execute("DELETE FROM records")

    def close(self) -> None:
        """Close the file, if there is one."""
        with self.lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def number_named(self, phone_number: str | None) -> Number | None:
        """The owned number with these digits."""
        return next((n for n in self.numbers.values() if n.phone_number == phone_number), None)

    def service_of(self, phone_number: str) -> MessagingService | None:
        """The Messaging Service whose pool holds the number."""
        return next((s for s in self.services.values() if phone_number in s.phone_numbers), None)

    def _load(self) -> None:
        assert self._file is not None  # noqa: S101 - only called when there is a file
        by_name = {kind.__name__: kind for kind in self._tables}
        for name, data in self._file.execute("SELECT kind, data FROM records ORDER BY id"):
            values = json.loads(data)
            if name == "Message":
                values["media"] = [Media(**media) for media in values["media"]]
                values["history"] = [(at, status) for at, status in values["history"]]
            kind = by_name[name]
            known = {f.name for f in dataclasses.fields(kind)}
            record = kind(**{key: value for key, value in values.items() if key in known})
            self._tables[kind][record.sid] = record


def _open(path: str | Path) -> sqlite3.Connection:
    """The file's connection. Commits at once; a crash of the machine may cost the last moments."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS records ("
        " id INTEGER PRIMARY KEY, kind TEXT NOT NULL, sid TEXT NOT NULL, data TEXT NOT NULL,"
        " UNIQUE (kind, sid))"
    )
    return connection
