"""``./run release`` builds what is committed and has its day, and a dry run builds anything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tools import release
from tools.release_steps import BEFORE, NOT_FOR_UPLOAD, reasons_to_wait

DATED = "# Changelog\n\nWhat changed.\n\n## 1.2.3 (2026-11-30)\n\n* More.\n\n## 1.2.2 (unreleased)\n"
UNRELEASED = DATED.replace("2026-11-30", "unreleased")


GIT = """#!/bin/sh
case "$*" in
  "status --porcelain -- .") cat "$0.status" ;;
  rev-parse*) echo abc1234 ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One that is ready for a release, with a pretended git, which the other tests do without."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "CHANGELOG.md").write_text(DATED)
    git = tmp_path / "programs" / "git"
    git.parent.mkdir()
    git.write_text(GIT)
    git.chmod(0o755)
    git.with_name("git.status").touch()
    monkeypatch.setenv("PATH", os.pathsep.join([str(git.parent), os.environ["PATH"]]))
    return folder


def changed(checkout: Path, *lines: str) -> None:
    """From now on git says that."""
    (checkout.parent / "programs" / "git.status").write_text("".join(f"{line}\n" for line in lines))


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
    assert reasons_to_wait(checkout) == ["CHANGELOG.md says '1.2.3 (unreleased)' at its top."]


def test_a_change_or_a_new_file_without_a_commit_waits(checkout: Path) -> None:
    changed(checkout, "?? new.py")
    assert reasons_to_wait(checkout) == ["Not committed: new.py."]
    changed(checkout, " M CHANGELOG.md", "A  b.py", "R  c.py -> d.py", "?? e.py", "?? f.py")
    assert reasons_to_wait(checkout) == ["Not committed: CHANGELOG.md, b.py, c.py -> d.py and 2 more."]


def test_a_folder_that_git_does_not_know_waits(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout.parent / "programs" / "git").write_text(
        "#!/bin/sh\necho 'fatal: not a git repository' >&2; exit 128\n"
    )
    assert reasons_to_wait(checkout) == ["git cannot say which commit this is: fatal: not a git repository"]
    monkeypatch.setenv("PATH", str(checkout))
    assert reasons_to_wait(checkout) == ["git is not installed, so nobody knows which commit this is."]


def test_nothing_is_built_while_there_is_a_reason_to_wait(
    checkout: Path, steps: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / "CHANGELOG.md").write_text(UNRELEASED)
    changed(checkout, "?? new.py")
    assert release.main([]) == 1
    assert steps == []
    said = capsys.readouterr().out
    assert said.splitlines()[:2] == reasons_to_wait(checkout)
    assert said.endswith(f"{BEFORE}\n")


def test_a_release_ends_with_the_tag_of_the_commit_that_was_built(
    checkout: Path, steps: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert release.main([]) == 0
    assert steps == ["audit", "build in dist", "check"]
    said = capsys.readouterr().out
    assert "git tag v1.2.3 abc1234 && git push origin v1.2.3" in said
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
