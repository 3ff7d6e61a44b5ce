"""``./run`` finds a Python for .venv, or says which one failed and why."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = ("run", "setup.cfg", "locks")
PROGRAMS = ("sh", "cat", "cksum", "cp", "dirname", "mkdir", "rm")

OLD = "exit 1"
CAPABLE = ":"
WITHOUT_VENV = 'case "$*" in *"-m venv"* | *virtualenv* | *ensurepip* | *pip*) exit 1 ;; esac'
"""Debian's without python3-venv."""
OFFLINE = """case "$*" in
  *ensurepip* | *virtualenv*) exit 1 ;;
  *"--require-hashes"*) echo "ERROR: $0 has no network"; exit 1 ;;
esac"""
"""It needs uv, which its pip cannot fetch."""
PYTHON = """#!/bin/sh
echo "$0 $*" >>"{calls}"
{does}
case "$*" in *"-m venv"*) mkdir -p .venv/bin; cp "$0" .venv/bin/python ;; esac
"""


class Machine:
    """A checkout, and a PATH with nothing but some pretended Pythons."""

    def __init__(self, folder: Path) -> None:
        self.checkout, self.programs = folder / "checkout", folder / "programs"
        self.calls = folder / "calls"
        self.checkout.mkdir()
        self.programs.mkdir()
        for name in NEEDED:
            (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, self.checkout / name)
        for program in PROGRAMS:
            (self.programs / program).symlink_to(str(shutil.which(program)))
        script = self.checkout / "run"
        script.write_text(
            script.read_text().replace("/usr/bin/python3", str(self.programs / "system-python"))
        )

    def has(self, name: str, does: str) -> str:
        """A Python of that name; returns its path."""
        path = self.programs / name
        path.write_text(PYTHON.format(calls=self.calls, does=does))
        path.chmod(0o755)
        return str(path)

    def set_up(self, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "run", "setup"],
            cwd=self.checkout,
            env={"PATH": str(self.programs), **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def refusal(self, **environment: str) -> str:
        """What it says at the end, after it has failed and left nothing."""
        done = self.set_up(**environment)
        assert done.returncode == 1
        assert not (self.checkout / ".venv").exists()
        return done.stderr.partition("...\n")[2]

    def made_by(self, path: str) -> bool:
        """Whether that Python made the environment."""
        return f"{path} -m venv .venv" in self.calls.read_text()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_python_that_is_named_makes_the_environment(machine: Machine) -> None:
    machine.has("system-python", CAPABLE)
    named = machine.has("my python", CAPABLE)
    done = machine.set_up(PYTHON=named)
    assert done.returncode == 0, done.stderr
    assert machine.made_by(named)


@pytest.mark.parametrize(
    ("does", "says"),
    [(OLD, "is not Python 3.11 or newer."), (WITHOUT_VENV, "cannot make virtual environments; install that")],
    ids=["old", "without venv"],
)
def test_no_other_takes_the_place_of_a_named_python(machine: Machine, does: str, says: str) -> None:
    system, named = machine.has("system-python", CAPABLE), machine.has("mine", does)
    said = machine.refusal(PYTHON=named)
    assert said.startswith(f"PYTHON names {named}, which {says}")
    assert said.count("\n") == 1
    assert not machine.made_by(system)


def test_a_named_python_that_is_not_there(machine: Machine) -> None:
    machine.has("system-python", CAPABLE)
    assert machine.refusal(PYTHON="python9") == "PYTHON names python9, which is not there.\n"


def test_the_pip_of_another_python_may_bring_uv_to_the_one_that_is_named(machine: Machine) -> None:
    machine.has("system-python", CAPABLE)
    named = machine.has(
        "mine", WITHOUT_VENV.replace('*"-m venv"* | ', "").replace("*pip*", '*"mine -m pip"*')
    )
    done = machine.set_up(PYTHON=named)
    assert done.returncode == 0, done.stderr
    assert f"{named} -m venv --without-pip .venv" in machine.calls.read_text()


def test_a_python_that_cannot_is_passed_over_when_none_is_named(machine: Machine) -> None:
    machine.has("system-python", WITHOUT_VENV)
    other = machine.has("python3", CAPABLE)
    assert machine.set_up().returncode == 0
    assert machine.made_by(other)


def test_the_first_of_several_that_cannot_is_named(machine: Machine) -> None:
    machine.has("python3", OLD)
    system = machine.has("system-python", WITHOUT_VENV)
    machine.has("python3.12", WITHOUT_VENV)
    assert machine.refusal().startswith(f"{system} cannot make virtual environments; install that")


def test_a_download_that_failed_is_not_called_a_lack_of_environments(machine: Machine) -> None:
    system = machine.has("system-python", OFFLINE)
    shown, said = machine.refusal().splitlines()
    assert shown == f"ERROR: {system} has no network"
    assert said == f"{system} could not make .venv; the lines above say why."


def test_no_recent_python_at_all(machine: Machine) -> None:
    machine.has("python3", OLD)
    assert machine.refusal().startswith("Python 3.11 or newer is missing; install it")
