"""``./run release``: audit, then build the wheel and its bill of materials into ``dist/``.

Fails when a vulnerability is known, and also where no database of vulnerabilities can be reached.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools import audit
from tools.sbom import bill_of_materials

ROOT = Path(__file__).parents[1]


def build(folder: Path) -> Path:
    """Build the wheel; returns its path."""
    before = set(folder.glob("*.whl"))
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True)  # noqa: S603 - our own command
    return max(folder.glob("*.whl"), key=lambda wheel: (wheel not in before, wheel.stat().st_mtime))


def write_bill(wheel: Path) -> Path:
    """Write the bill of materials beside the wheel."""
    version = wheel.name.split("-")[1]
    path = wheel.with_suffix(".cdx.json")
    path.write_text(json.dumps(bill_of_materials(wheel, version), indent=2) + "\n")
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the release may go out."""
    parser = argparse.ArgumentParser(prog="./run release", description=__doc__)
    parser.add_argument("--unaudited", action="store_true", help="build although nothing could be audited")
    parser.add_argument("--folder", type=Path, default=ROOT / "dist")
    given = parser.parse_args(arguments)
    if audit.main([] if given.unaudited else ["--release"]):
        return 1
    given.folder.mkdir(parents=True, exist_ok=True)
    wheel = build(given.folder)
    print(wheel, write_bill(wheel), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
