"""A TypeScript client generated from the OpenAPI document compiles, with what an admin's front end does in it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from flask import Flask

HERE = Path(__file__).parent
INSTALLED = HERE.parents[1] / ".venv" / "typescript"
NODE = shutil.which("node")
PROGRAMS = ["admin.ts", "wrong.ts"]

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.skipif(
        NODE is None or not (INSTALLED / "installed.json").exists(),
        reason="no TypeScript here: ./run test installs it where there is npm and its registry",
    ),
]


def node(script: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program of the installed packages."""
    command = [str(NODE), str(INSTALLED / "node_modules" / script), *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=180, check=False)


@pytest.fixture
def client(app: Flask, tmp_path: Path) -> Path:
    """A folder with the generated types, and the packages that a front end would have."""
    (tmp_path / "openapi.json").write_text(app.test_client().get("/api/sms/openapi.json").text)
    (tmp_path / "node_modules").symlink_to(INSTALLED / "node_modules")
    # Without the option, what has a default would have to be sent all the same.
    options = ("--default-non-nullable", "false", "--output", "sms.ts")
    made = node("openapi-typescript/bin/cli.js", "openapi.json", *options, cwd=tmp_path)
    assert made.returncode == 0, made.stdout + made.stderr
    compiler = {
        "strict": True,
        "noEmit": True,
        "noUncheckedIndexedAccess": True,
        "module": "esnext",
        "moduleResolution": "bundler",
        "target": "es2022",
        "lib": ["es2022", "dom"],
        "types": [],
        "skipLibCheck": True,  # what browsers have; our own types are no library
    }
    for name in PROGRAMS:
        shutil.copy(HERE / name, tmp_path)
    config = {"compilerOptions": compiler, "files": PROGRAMS}
    (tmp_path / "tsconfig.json").write_text(json.dumps(config))
    return tmp_path


def test_a_front_end_compiles_and_its_mistakes_are_found(client: Path) -> None:
    """What a host without pages does for an admin; then a wrong word, a wrong path and a wrong field."""
    compiled = node("typescript/bin/tsc", cwd=client)
    found = re.findall(r"^(\S+)\((\d+),", compiled.stdout, re.MULTILINE)
    assert set(found) == {("wrong.ts", "10"), ("wrong.ts", "12"), ("wrong.ts", "15")}, compiled.stdout
    assert compiled.stdout.count("error TS") == len(found), compiled.stdout  # others name no place
