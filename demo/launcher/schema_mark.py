"""Whether the demo's own database is as this checkout would leave it, found without loading the app.

Preparing an up-to-date database changes nothing, but takes the longest of all when the demo starts.
"""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from demo.launcher.options import ROOT

MADE_FROM = ("migrations", "demo/host/migrations", "demo/host/seed")
VERSIONS = ("SELECT version_num FROM alembic_version", "SELECT version_num FROM alembic_version_sms")


def schema_mark(database: Path) -> str | None:
    """Changes with the migrations, the seed and the versions in ``database``; None when it has none."""
    if not database.exists():
        return None
    digest = hashlib.sha256()
    try:
        with closing(sqlite3.connect(database)) as connection:
            for query in VERSIONS:
                digest.update(repr(connection.execute(query).fetchall()).encode())
    except sqlite3.Error:
        return None
    for folder in MADE_FROM:
        for file in sorted((ROOT / folder).rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()
