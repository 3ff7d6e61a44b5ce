"""``./run release`` builds what is committed and has its day, and a dry run builds anything."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools import release
from tools.release_steps import BEFORE, NOT_FOR_UPLOAD, commit_of, reasons_to_wait

DATED = "# Changelog\n\nWhat changed.\n\n## 1.2.3 (2026-11-30)\n\n* More.\n\n## 1.2.2 (unreleased)\n"
UNRELEASED = DATED.replace("2026-11-30", "unreleased")


def git(folder: Path, *command: str) -> None:
    author = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *author, *command], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """One that is ready for a release."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "CHANGELOG.md").write_text(DATED)
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "ready")
    return folder


@pytest.fixture
def steps(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the command does, one word a step, without doing it."""
    done: list[str] = []

    def build(folder: Path) -> tuple[Path, Path]:
        done.append(f"build in {folder.relative_to(checkout)}")
        files = folder / "plugin-1.2.3-py3-none-any.whl", folder / "plugin-1.2.3.tar.gz"
        for file in files:
            file.touch()
        return files

    monkeypatch.setattr(release, "ROOT", checkout)
    monkeypatch.setattr(release, "build", build)
    monkeypatch.setattr(release, "check", lambda *files: done.append("check"))
    monkeypatch.setattr(release, "bill_of_materials", lambda *of: {})
    monkeypatch.setattr(release.audit, "main", lambda arguments: done.append("audit"))
    return done


def test_a_dated_changelog_and_nothing_left_to_commit(checkout: Path) -> None:
    assert reasons_to_wait(checkout) == []


def test_an_entry_without_its_day_waits(checkout: Path) -> None:
    (checkout / "CHANGELOG.md").write_text(UNRELEASED)
    git(checkout, "commit", "-am", "open again")
    assert reasons_to_wait(checkout) == ["CHANGELOG.md says '1.2.3 (unreleased)' at its top."]


def test_a_change_or_a_new_file_without_a_commit_waits(checkout: Path) -> None:
    (checkout / "new.py").touch()
    assert reasons_to_wait(checkout) == ["Not committed: new.py."]
    for name in "bcd":
        (checkout / f"{name}.py").touch()
    (checkout / "CHANGELOG.md").write_text(DATED + "\n")
    assert reasons_to_wait(checkout) == ["Not committed: CHANGELOG.md, b.py, c.py and 2 more."]


def test_a_folder_without_git_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "CHANGELOG.md").write_text(DATED)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert "not a checkout of git" in str(reasons_to_wait(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "git is not installed" in str(reasons_to_wait(tmp_path))


def test_nothing_is_built_while_there_is_a_reason_to_wait(
    checkout: Path, steps: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / "CHANGELOG.md").write_text(UNRELEASED)
    assert release.main([]) == 1
    assert steps == []
    said = capsys.readouterr().out
    assert said.splitlines()[:2] == [*reasons_to_wait(checkout)]
    assert said.endswith(f"{BEFORE}\n")


def test_a_release_ends_with_the_tag_of_the_commit_that_was_built(
    checkout: Path, steps: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert release.main([]) == 0
    assert steps == ["audit", "build in dist", "check"]
    said = capsys.readouterr().out
    assert f"git tag v1.2.3 {commit_of(checkout)} && git push origin v1.2.3" in said
    assert "CHANGELOG" not in said and NOT_FOR_UPLOAD not in said


@pytest.mark.parametrize("changelog", [DATED, UNRELEASED])
def test_a_dry_run_builds_and_checks_but_not_for_upload(
    checkout: Path, steps: list[str], capsys: pytest.CaptureFixture[str], changelog: str
) -> None:
    (checkout / "CHANGELOG.md").write_text(changelog)
    assert release.main(["--dry-run"]) == 0
    assert steps == ["audit", "build in dist/dry-run", "check"]
    said = capsys.readouterr().out
    assert said.endswith(f"{NOT_FOR_UPLOAD}\n")
    assert "git tag" not in said
