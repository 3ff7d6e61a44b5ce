"""Which fields an admin touched, and which of them somebody else changed meanwhile. docs/decisions/saving-with-versions.md

A form brings a mark of each value that it was shown with. A mark that is wrong or missing makes a field look changed
by both, so the admin is asked; it never has a value replaced unasked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

SECRETS = "secrets"
"""Stands for all tokens and keys, which no page shows."""
CONNECTION = frozenset({"account_sid", "phone_number", "api_key_sid", SECRETS})
"""Counts as one field: the number of one account and the token of another make no connection."""
LONGEST = 10_000
"""Characters of a form's marks that are read."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The fields that were left as they were shown, and those that both changed, each to something else."""

    untouched: frozenset[str]
    clashing: frozenset[str]


def compare(seen: Mapping[str, str], typed: Mapping[str, str], stored: Mapping[str, str]) -> Compared:
    """Compare what was typed with what is stored now; ``seen`` has the marks of what was shown."""
    untouched = {name for name, value in typed.items() if seen.get(name) == mark(name, value)}
    touched = {name for name, value in typed.items() if value != stored.get(name)} - untouched
    changed = {name for name, value in stored.items() if seen.get(name) != mark(name, value)}
    clashing = touched & changed
    if touched & CONNECTION and changed & CONNECTION:
        clashing |= touched & CONNECTION
    return Compared(frozenset(untouched), frozenset(clashing))


def mark(name: str, value: str) -> str:
    """Some characters that tell a field's value from any other."""
    return hashlib.sha256(f"{name}\0{value}".encode()).hexdigest()[:16]


def write_marks(shown: Mapping[str, str]) -> str:
    """The marks of all values, for a form's hidden field."""
    return " ".join(f"{name}={mark(name, value)}" for name, value in shown.items())


def read_marks(written: str) -> dict[str, str]:
    """The marks by field; what cannot be read is left out."""
    pairs = (pair.partition("=") for pair in written[:LONGEST].split(" "))
    return {name: found for name, _, found in pairs}
