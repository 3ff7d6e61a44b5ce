"""``./run release``: audit, build wheel and source archive with a bill of materials into ``dist/``, and check them.

Builds nothing of a checkout whose changelog says "unreleased" or that has changes without a commit, and says what is to do
by hand first; --dry-run builds and checks all the same. Fails when a vulnerability is known, and also where no database of
vulnerabilities can be reached. Says what is left to do by hand.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools import audit, release_checks
from tools.release_steps import AFTER, BEFORE, NOT_FOR_UPLOAD, commit_of, reasons_to_wait
from tools.sbom import bill_of_materials

ROOT = Path(__file__).parents[1]


def build(folder: Path) -> tuple[Path, Path]:
    """Build the source archive, and from it the wheel; returns the paths of wheel and archive."""
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True)  # noqa: S603 - our own command
    new = [path for path in folder.iterdir() if before.get(path) != path.stat().st_mtime_ns]
    (wheel,) = [path for path in new if path.suffix == ".whl"]
    (sources,) = [path for path in new if path.name.endswith(".tar.gz")]
    return wheel, sources


def write_bill(wheel: Path) -> Path:
    """Write the bill of materials beside the wheel."""
    path = wheel.with_suffix(".cdx.json")
    path.write_text(json.dumps(bill_of_materials(wheel, version_of(wheel)), indent=2) + "\n")
    return path


def version_of(wheel: Path) -> str:
    """It stands in the name; setup.cfg is the one place that says it."""
    return wheel.name.split("-")[1]


def check(wheel: Path, sources: Path) -> list[str]:
    """All that is wrong with them."""
    return [
        *release_checks.look_into_wheel(wheel),
        *release_checks.look_into_sources(sources),
        *release_checks.check_metadata([wheel, sources]),
        *release_checks.check_requirements(wheel),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the release may go out."""
    parser = argparse.ArgumentParser(prog="./run release", description=__doc__)
    parser.add_argument("--unaudited", action="store_true", help="build although nothing could be audited")
    parser.add_argument("--dry-run", action="store_true", help="build and check what must not be uploaded")
    parser.add_argument("--folder", type=Path, help="where to build; dist, or dist/dry-run for a dry run")
    given = parser.parse_args(arguments)
    if (waiting := reasons_to_wait(ROOT)) and not given.dry_run:
        print(*waiting, BEFORE, sep="\n")
        return 1
    if audit.main([] if given.unaudited else ["--release"]):
        return 1
    folder = given.folder or ROOT / ("dist/dry-run" if given.dry_run else "dist")
    folder.mkdir(parents=True, exist_ok=True)
    wheel, sources = build(folder)
    if wrong := check(wheel, sources):
        print(*wrong, "This release must not go out.", sep="\n")
        return 1
    bill = write_bill(wheel)
    print(wheel, sources, bill, release_checks.write_sums([wheel, sources, bill]), sep="\n")
    if given.dry_run:
        print(*waiting, NOT_FOR_UPLOAD, sep="\n")
    else:
        print(AFTER.format(version=version_of(wheel), commit=commit_of(ROOT)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
