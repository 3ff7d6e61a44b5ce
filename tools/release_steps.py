"""What a release needs before it is built and after: what is done by hand, and what keeps it from being built."""

from __future__ import annotations

import subprocess
from pathlib import Path

BEFORE = """By hand before a release is built, since it changes what is built:
  1. ./run compat, on a machine that does nothing else: it brings docs/compatibility.md up to date.
  2. Add the repository's address as project_urls to setup.cfg if it is public.
  3. Put the day of the release in place of "unreleased" in CHANGELOG.md.
  4. Commit all of it, and call ./run release again."""
AFTER = """Left to do by hand:
  1. git tag v{version} {commit} && git push origin v{version}
  2. Upload the wheel, the source archive, the bill of materials and SHA256SUMS."""
NOT_FOR_UPLOAD = "This was a dry run: what it built is not for upload."


def reasons_to_wait(root: Path) -> list[str]:
    """Why no release can be built of this checkout now, one sentence each; empty when one can."""
    return [*_of_the_changelog(root / "CHANGELOG.md"), *_of_git(root)]


def commit_of(root: Path) -> str:
    """The commit that is checked out, which is what was built."""
    return _git(root, "rev-parse", "--short", "HEAD").stdout.strip()


def _of_the_changelog(changelog: Path) -> list[str]:
    lines = changelog.read_text(encoding="utf-8").splitlines()
    newest = next((line.removeprefix("## ") for line in lines if line.startswith("## ")), "")
    return (
        [f"CHANGELOG.md says {newest!r} at its top."] if "unreleased" in newest.lower() or not newest else []
    )


def _of_git(root: Path) -> list[str]:
    try:
        done = _git(root, "status", "--porcelain", "--", ".")
    except OSError:
        return ["git is not installed, so nobody knows which commit this is."]
    if done.returncode:
        return [f"git cannot say which commit this is: {done.stderr.strip()}"]
    changed = [line[3:] for line in done.stdout.splitlines()]
    more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
    return [f"Not committed: {', '.join(changed[:3])}{more}."] if changed else []


def _git(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *command], cwd=root, capture_output=True, text=True, check=False)  # noqa: S603, S607 - the user's git
