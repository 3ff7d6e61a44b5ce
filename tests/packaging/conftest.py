"""The source archive and the wheel from it, built once from a copy of the sources, as a release builds them."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.packaging.environment import call, new_environment

ROOT = Path(__file__).parents[2]
LEFT_OUT = (
    ".git",
    ".venv",
    ".demo*",
    ".*_cache",
    ".hypothesis",
    "__pycache__",
    "*.egg-info",
    "build",
    "dist",
)


@pytest.fixture(scope="session")
def source_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Path of the source archive. It is built in a copy, so that nothing stale of a build folder gets into it."""
    folder = tmp_path_factory.mktemp("sources")
    copy = folder / "copy"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
    _build("--sdist", copy, folder)
    (found,) = folder.glob("*.tar.gz")
    return found


@pytest.fixture(scope="session")
def unpacked(source_archive: Path) -> Path:
    """What somebody has who unpacks it."""
    shutil.unpack_archive(source_archive, source_archive.parent)
    return source_archive.parent / source_archive.name.removesuffix(".tar.gz")


@pytest.fixture(scope="session")
def wheel(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Path of the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    _build("--wheel", unpacked, folder)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment that holds the wheel and what it and the demo host require."""
    return new_environment(wheel, tmp_path_factory.mktemp("installed"))


def _build(what: str, source: Path, folder: Path) -> None:
    call(
        [sys.executable, "-m", "build", what, "--no-isolation", "--outdir", str(folder), str(source)], folder
    )
