"""``./run bench NAME [OPTIONS]``: measurements, not tests."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

NAMES = sorted(
    path.stem
    for path in Path(__file__).parent.glob("*.py")
    if "def main(" in path.read_text(encoding="utf-8")
)


def run() -> None:
    chosen = [name for name in sys.argv[1:2] if name in NAMES and name != "__main__"]
    if not chosen:
        raise SystemExit(f"bench NAME, one of: {', '.join(name for name in NAMES if name != '__main__')}")
    importlib.import_module(f"bench.{chosen[0]}").main(sys.argv[2:])


run()
