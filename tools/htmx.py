"""The JavaScript library that the wheel carries, as ``static/vendor/htmx.json`` notes it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "illumichat_sms_plugin" / "static" / "vendor"


@dataclass(frozen=True, slots=True)
class Bundled:
    """A file of somebody else's, the version it is, and what its bytes hash to."""

    path: Path
    version: str
    sha256: str


def bundled_htmx() -> Bundled:
    """What the note says; a test compares it with the file."""
    noted = json.loads((VENDOR / "htmx.json").read_text())
    return Bundled(VENDOR / noted["file"], noted["version"], noted["sha256"])
