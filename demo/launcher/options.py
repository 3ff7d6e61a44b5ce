"""The command line of ``./run demo``."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The checkout; every process runs from here."""
HIGHEST_PORT = 65534
"""One below the last port: the simulator takes the next one."""


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for. ``data_dir`` is absolute."""

    port: int
    data_dir: Path
    fresh: bool
    history: bool

    @property
    def simulator_port(self) -> int:
        """The simulated Twilio listens right beside the host."""
        return self.port + 1


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to {HIGHEST_PORT}, not {text!r}")
    return int(text)


def parse(argv: Sequence[str] | None = None) -> Options:
    """Read the command line; leaves with a sentence when it is wrong."""
    parser = argparse.ArgumentParser(
        prog="./run demo",
        description="Start the demo host with the SMS plugin, a simulated Twilio, a worker, housekeeping and Valkey.",
        epilog="Honours DATABASE_URL, REDIS_URL, LLM_BASE_URL, LLM_API_KEY, LLM_MODEL, LLM_TRANSCRIBE_MODEL and every SMS_ setting.",
    )
    parser.add_argument(
        "--port", type=_port, default=8000, help="port of the host; the simulator gets the next (8000)"
    )
    parser.add_argument(
        "--data-dir", type=Path, default=ROOT / ".demo", help="where data, keys and logs are kept (.demo)"
    )
    parser.add_argument("--fresh", action="store_true", help="throw the data of earlier starts away first")
    parser.add_argument("--history", action="store_true", help="fill in 90 days of traffic, once")
    given = parser.parse_args(argv)
    # ./run changes to the checkout before it starts Python; a relative folder means the caller's.
    called_from = Path(os.environ.get("RUN_CALLED_FROM") or Path.cwd())
    data_dir = (called_from / given.data_dir).resolve()
    return Options(port=given.port, data_dir=data_dir, fresh=given.fresh, history=given.history)
