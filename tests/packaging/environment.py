"""Commands in a folder, and an environment that holds the wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def call(command: list[str], folder: Path, env: dict[str, str] | None = None) -> str:
    """Run a command there and return what it printed; its errors fail the test."""
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def new_environment(wheel: Path, folder: Path) -> Path:
    """The interpreter of a new environment that holds the wheel and what it and the demo host require."""
    new = folder / "venv" / "bin" / "python"
    locked = ["--no-deps", "--require-hashes", "-r", str(ROOT / "locks" / "demo.txt")]
    ours = ["--no-deps", str(wheel)]
    uv = shutil.which(
        "uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    )
    if uv:
        call([uv, "venv", "--python", sys.executable, str(folder / "venv")], folder)
        for wanted in (locked, ours):
            call([uv, "pip", "install", "--system-certs", "--python", str(new), *wanted], folder)
    else:
        call([sys.executable, "-m", "venv", str(folder / "venv")], folder)
        for wanted in (locked, ours):
            call([str(new), "-m", "pip", "install", *wanted], folder)
    return new
