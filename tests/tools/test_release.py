"""``./run release`` looks into what it has built."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.release_checks import IN_SOURCES, IN_WHEEL, PACKAGE, look_into_sources, look_into_wheel, write_sums


@pytest.fixture
def wheel_of(tmp_path: Path) -> Callable[..., Path]:
    def make(*names: str) -> Path:
        path = tmp_path / f"{PACKAGE}-1.0-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, "")
        return path

    return make


@pytest.fixture
def sources_of(tmp_path: Path) -> Callable[..., Path]:
    def make(*names: str) -> Path:
        path = tmp_path / f"{PACKAGE}-1.0.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            for name in names:
                archive.addfile(tarfile.TarInfo(f"{PACKAGE}-1.0/{name}"), io.BytesIO())
        return path

    return make


def test_a_wheel_with_all_its_parts(wheel_of: Callable[..., Path]) -> None:
    assert look_into_wheel(wheel_of(*(f"{PACKAGE}/{part}" for part in IN_WHEEL))) == []


@pytest.mark.parametrize("part", IN_WHEEL)
def test_a_wheel_that_lacks_a_part(wheel_of: Callable[..., Path], part: str) -> None:
    names = [f"{PACKAGE}/{other}" for other in IN_WHEEL if other != part]
    assert any(f"lacks {part}" in wrong for wrong in look_into_wheel(wheel_of(*names)))


def test_a_wheel_with_somebody_elses_files(wheel_of: Callable[..., Path]) -> None:
    (wrong,) = look_into_wheel(wheel_of(*(f"{PACKAGE}/{part}" for part in IN_WHEEL), "tests/conftest.py"))
    assert "has tests" in wrong


def test_sources_that_lack_the_tests_or_have_an_environment(sources_of: Callable[..., Path]) -> None:
    assert look_into_sources(sources_of(*IN_SOURCES)) == []
    assert "lacks locks/all.txt" in str(look_into_sources(sources_of(*(set(IN_SOURCES) - {"locks/all.txt"}))))
    assert ".venv/x" in str(look_into_sources(sources_of(*IN_SOURCES, ".venv/x")))


def test_the_sums_are_those_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("abc")
    written = write_sums([tmp_path / "a"]).read_text()
    assert written == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a\n"
