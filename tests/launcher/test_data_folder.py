"""The folder that keeps the demo's data between two starts."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from demo.launcher.data_folder import DataFolder, encryption_key
from demo.launcher.errors import CannotStart


def test_a_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path):
    with DataFolder(tmp_path / "data") as folder:
        first = folder.kept("encryption_key", encryption_key)
        assert stat.S_IMODE((folder.path / "encryption_key").stat().st_mode) == 0o600
    with DataFolder(tmp_path / "data") as folder:
        assert folder.kept("encryption_key", encryption_key) == first


def test_a_second_demo_on_the_same_folder_is_refused(tmp_path: Path):
    with (
        DataFolder(tmp_path / "data"),
        pytest.raises(CannotStart, match="already running"),
        DataFolder(tmp_path / "data"),
    ):
        pass
    with DataFolder(tmp_path / "data"):
        pass


def test_fresh_throws_everything_of_ours_away(tmp_path: Path):
    with DataFolder(tmp_path / "data") as folder:
        (folder.path / "valkey").mkdir()
        (folder.path / "valkey" / "port").touch()
        (folder.path / "illumichat.sqlite").touch()
    with DataFolder(tmp_path / "data", fresh=True) as folder:
        assert {entry.name for entry in folder.path.iterdir()} == {"illumichat-demo", "lock", "logs"}


@pytest.mark.parametrize("fresh", [False, True])
def test_a_folder_with_somebodys_files_is_left_alone(tmp_path: Path, *, fresh: bool):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CannotStart, match="other files"), DataFolder(tmp_path, fresh=fresh):
        pass
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_in_the_folders_place_is_named_in_one_sentence(tmp_path: Path):
    (tmp_path / "data").touch()
    with pytest.raises(CannotStart, match="cannot be used"), DataFolder(tmp_path / "data"):
        pass


def test_a_step_is_done_once_for_each_key(tmp_path: Path):
    with DataFolder(tmp_path / "data") as folder:
        assert folder.once("connected", "a")
        folder.done("connected", "a")
        assert not folder.once("connected", "a")
        assert folder.once("connected", "b")
