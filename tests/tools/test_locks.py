"""What is installed is pinned with hashes, and what hosts install is pinned apart from our tools."""

from __future__ import annotations

import hashlib
from configparser import ConfigParser
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tools.htmx import bundled_htmx
from tools.locks import FOLDER, read_lock

ROOT = Path(__file__).parents[2]
SETUP = ConfigParser()
SETUP.read(ROOT / "setup.cfg")
NEEDED = SETUP["options"]["install_requires"]
EXTRAS = SETUP["options.extras_require"]


def requirements(text: str) -> list[Requirement]:
    lines = [line.strip() for line in text.splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.txt")))
def test_every_pin_has_hashes(name: str) -> None:
    pins = read_lock(name)
    assert pins
    assert [pin.name for pin in pins if not pin.hashes] == []


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("run", NEEDED + EXTRAS["postgresql"]),
        ("demo", NEEDED + EXTRAS["demo"]),
        ("all", NEEDED + "".join(EXTRAS.values())),
    ],
    ids=["run", "demo", "all"],
)
def test_a_lock_has_all_that_setup_cfg_asks_for_in_a_version_that_fits(lock: str, wanted: str) -> None:
    pinned = {pin.name: pin.version for pin in read_lock(lock)}
    for requirement in requirements(wanted):
        name = requirement.name.lower()
        assert name in pinned, f"{name} is missing in locks/{lock}.txt: ./run pin"
        assert requirement.specifier.contains(pinned[name], prereleases=True), name


@pytest.mark.parametrize("lock", ["run", "demo", "uv"])
def test_the_locks_agree(lock: str) -> None:
    everything = {(pin.name, pin.version) for pin in read_lock("all")}
    assert {(pin.name, pin.version) for pin in read_lock(lock)} <= everything


def test_hosts_get_none_of_our_tools() -> None:
    assert not {pin.name for pin in read_lock("run")} & {
        "pytest",
        "ruff",
        "mypy",
        "uv",
        "playwright",
        "waitress",
    }


def test_the_bundled_htmx_is_the_one_that_is_noted() -> None:
    noted = bundled_htmx()
    assert hashlib.sha256(noted.path.read_bytes()).hexdigest() == noted.sha256
    assert noted.version.count(".") == 2


def test_a_line_that_is_no_pin_is_named(tmp_path: Path) -> None:
    (tmp_path / "odd.txt").write_text("flask>=3\n")
    with pytest.raises(ValueError, match="flask>=3"):
        read_lock("odd", tmp_path)
