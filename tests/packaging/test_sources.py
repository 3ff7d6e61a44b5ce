"""The source archive holds all that the commands of ``./run`` need, and its tests run where it is unpacked."""

from __future__ import annotations

import os
import sys
import tarfile
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.packaging.conftest import LEFT_OUT
from tests.packaging.environment import call

ROOT = Path(__file__).parents[2]
WITHOUT_CODE = (".ci", "docs", "locks", "migrations")
QUICK = ("tests/tools/test_locks.py", "tests/tools/test_sbom.py", "tests/test_page_budget.py")

pytestmark = pytest.mark.xdist_group("wheel")


@pytest.fixture(scope="module")
def packed(source_archive: Path) -> set[Path]:
    """The files in it, as they lie in the repository."""
    with tarfile.open(source_archive) as archive:
        return {Path(*Path(file.name).parts[1:]) for file in archive if file.isfile()}


def folders() -> list[Path]:
    """Those at the top of the repository that somebody wrote."""
    return [ROOT / name for name in WITHOUT_CODE] + [file.parent for file in ROOT.glob("*/__init__.py")]


def test_every_file_of_every_folder_is_in_the_source_archive(packed: set[Path]) -> None:
    """A new folder has to be listed in MANIFEST.in."""
    assert {"examples", "tests", "tools"} <= {folder.name for folder in folders()}
    files = {file.relative_to(ROOT) for folder in folders() for file in folder.rglob("*") if file.is_file()}
    written = {file for file in files if not is_one_of(file, LEFT_OUT)}
    assert written <= packed, sorted(written - packed)


def test_no_cache_is_in_the_source_archive(packed: set[Path]) -> None:
    assert {file for file in packed if is_one_of(file, ("__pycache__", ".*_cache", "*.pyc"))} == set()


def is_one_of(file: Path, patterns: tuple[str, ...]) -> bool:
    """Whether it, or a folder that it lies in, has such a name."""
    return any(fnmatch(part, pattern) for part in file.parts for pattern in patterns)


def test_tests_run_where_it_is_unpacked(unpacked: Path) -> None:
    """Of the plugin that lies beside them."""
    of_this_run = [name for name in os.environ if name.startswith("PYTEST_")]
    env = {name: value for name, value in os.environ.items() if name not in of_this_run}
    env["PYTHONPATH"] = str(unpacked)
    where = "import illumichat_sms_plugin; print(illumichat_sms_plugin.__file__)"
    assert Path(call([sys.executable, "-c", where], unpacked, env).strip()).is_relative_to(unpacked)
    said = call([sys.executable, "-m", "pytest", "-n0", "-p", "no:cacheprovider", *QUICK], unpacked, env)
    assert f"rootdir: {unpacked}" in said
