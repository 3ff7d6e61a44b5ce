"""Which processes the demo has started, and whether they still run, from /proc."""

from __future__ import annotations

from pathlib import Path


def descendants(pid: int) -> set[int]:
    """Every process that ``pid`` started, directly or not."""
    parents = {int(entry.name): _stat(int(entry.name)) for entry in Path("/proc").glob("[0-9]*")}
    found: set[int] = set()
    grown = {pid}
    while grown:
        grown = {child for child, (_, parent) in parents.items() if parent in grown} - found
        found |= grown
    return found


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    state, _ = _stat(pid)
    return state not in ("", "Z")


def _stat(pid: int) -> tuple[str, int]:
    """State and parent of a process; ("", 0) when it is gone. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html"""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return "", 0
    return fields[0], int(fields[1])
