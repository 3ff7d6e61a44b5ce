"""What is looked at before a release goes out: metadata, contents, and whether what it requires fits together."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = "illumichat_sms_plugin"
IN_WHEEL = ("py.typed", "migrations/env.py", "templates/illumichat_sms/", "static/", "htmx-LICENSE.txt")
IN_SOURCES = (
    "run",
    "tests/conftest.py",
    "demo/",
    "examples/",
    "docs/host-contract.md",
    "locks/all.txt",
    "tools/",
    "CHANGELOG.md",
)


def missing_in(names: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Which of these parts no name has."""
    return [part for part in wanted if not any(part in name for name in names)]


def look_into_wheel(wheel: Path) -> list[str]:
    """What is wrong with its contents; empty when nothing is."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    strangers = sorted({name.split("/")[0] for name in names if not name.startswith(PACKAGE)})
    return [f"{wheel.name} lacks {part}" for part in missing_in(names, IN_WHEEL)] + [
        f"{wheel.name} has {name}, which is not the plugin's" for name in strangers
    ]


def look_into_sources(sources: Path) -> list[str]:
    """The same for the source archive."""
    with tarfile.open(sources) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    left = [name for name in names if ".venv" in name or "__pycache__" in name or name.startswith(".demo")]
    return [f"{sources.name} lacks {part}" for part in missing_in(names, IN_SOURCES)] + [
        f"{sources.name} has {name}" for name in left[:3]
    ]


def check_metadata(files: Sequence[Path]) -> list[str]:
    """What ``twine check --strict`` says against them."""
    return _said_by(_uv("tool", "run", "twine", "check", "--strict", *map(str, files)))


def check_requirements(wheel: Path) -> list[str]:
    """Whether the wheel and what ``locks/run.txt`` pins fit together in an empty environment (``pip check``)."""
    with tempfile.TemporaryDirectory(prefix="sms-release-") as folder:
        python = str(Path(folder, "venv", "bin", "python"))
        steps = (
            ("venv", "--quiet", "--python", sys.executable, str(Path(folder, "venv"))),
            *(
                ("pip", "install", "--quiet", "--python", python, "--no-deps", *what)
                for what in (("--require-hashes", "-r", str(ROOT / "locks" / "run.txt")), (str(wheel),))
            ),
            ("pip", "check", "--quiet", "--python", python),
        )
        for step in steps:
            if wrong := _said_by(_uv(*step)):
                return wrong
    return []


def write_sums(files: Sequence[Path]) -> Path:
    """``SHA256SUMS`` beside them, as ``sha256sum --check`` reads it."""
    path = files[0].parent / "SHA256SUMS"
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    path.write_text("".join(sums))
    return path


def _uv(*command: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("uv") or str(Path(sys.executable).parent / "uv")
    return subprocess.run([program, *command], capture_output=True, text=True, check=False)  # noqa: S603 - our own


def _said_by(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Nothing when the command ended well."""
    return [(done.stdout + done.stderr).strip() or "It failed without a word."] if done.returncode else []
