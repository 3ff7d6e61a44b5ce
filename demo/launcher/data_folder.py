"""The folder that keeps everything between two starts: databases, keys, logs."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from demo.launcher.errors import CannotStart

MARKER = "illumichat-demo"
"""Empty file that tells a data folder of ours from any other; ``--fresh`` deletes nothing without it."""


class DataFolder:
    """One data folder, held by one demo at a time."""

    def __init__(self, path: Path, *, fresh: bool = False) -> None:
        self.path = path
        self._fresh = fresh
        self._lock = -1

    def __enter__(self) -> DataFolder:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if not (self.path / MARKER).exists() and any(self.path.iterdir()):
                raise CannotStart(f"{self.path} holds other files; give --data-dir an empty or a new folder.")
            self.path.chmod(0o700)
            (self.path / MARKER).touch()
            self._take_lock()
            if self._fresh:
                self._empty()
            self.logs.mkdir(exist_ok=True)
        except OSError as error:
            raise CannotStart(f"The data folder {self.path} cannot be used: {error.strerror}.") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lock >= 0:
            os.close(self._lock)

    @property
    def logs(self) -> Path:
        """Where every process writes its log."""
        return self.path / "logs"

    def kept(self, name: str, make: Callable[[], str]) -> str:
        """A secret made at the first start and readable by the owner only."""
        file = self.path / name
        if not file.exists():
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as opened:
                opened.write(make())
        return file.read_text().strip()

    def once(self, name: str, key: str) -> bool:
        """Whether the step ``name`` has not been done yet for ``key``; see :meth:`done`."""
        file = self.path / name
        return not file.exists() or _digest(key) not in file.read_text().splitlines()

    def done(self, name: str, key: str) -> None:
        """Remember that the step ``name`` was done for ``key``."""
        with (self.path / name).open("a") as file:
            file.write(_digest(key) + "\n")

    def _take_lock(self) -> None:
        self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(
                f"A demo is already running with {self.path}; stop it, or use another --data-dir and --port."
            ) from None

    def _empty(self) -> None:
        for entry in self.path.iterdir():
            if entry.name in (MARKER, "lock"):
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()


def _digest(key: str) -> str:
    """Keys may hold the password of a database; notes do not."""
    return hashlib.sha256(key.encode()).hexdigest()


def secret_key() -> str:
    """A key for the host's session cookies."""
    return secrets.token_urlsafe(32)


def encryption_key() -> str:
    """A Fernet key for the secrets that the plugin stores."""
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()
