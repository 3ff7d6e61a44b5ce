"""The locks: which version of which package is installed, and the hashes of its files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "locks"
PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]+?))?\s*\\?")
HASH = re.compile(r"\s+--hash=sha256:(?P<digest>[0-9a-f]{64})\s*\\?")


@dataclass(frozen=True, slots=True)
class Pin:
    """One package of a lock; ``marker`` says where it is installed, empty for everywhere."""

    name: str
    version: str
    marker: str = ""
    hashes: tuple[str, ...] = ()


def read_lock(name: str, folder: Path = FOLDER) -> Sequence[Pin]:
    """All pins of ``locks/<name>.txt``; a ValueError names the line that is neither pin nor hash."""
    pins: list[Pin] = []
    for line in (folder / f"{name}.txt").read_text().splitlines():
        if pin := PIN.fullmatch(line):
            pins.append(Pin(pin["name"].lower(), pin["version"], pin["marker"] or ""))
        elif (found := HASH.fullmatch(line)) and pins:
            last = pins.pop()
            pins.append(Pin(last.name, last.version, last.marker, (*last.hashes, found["digest"])))
        else:
            raise ValueError(f"locks/{name}.txt: {line!r} is no pin")
    return pins
