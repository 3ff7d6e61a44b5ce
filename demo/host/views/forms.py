"""Read text fields of a form, each with its bound."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request


def read_fields(
    longest: Mapping[str, int], required: frozenset[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The stripped fields of the posted form, and a sentence for each that cannot be used."""
    values = {name: request.form.get(name, "").replace("\0", "").strip() for name in longest}
    problems = {}
    for name, value in values.items():
        if not value and name in required:
            problems[name] = "Please fill this in."
        elif len(value) > longest[name]:
            problems[name] = f"This is too long: at most {longest[name]} characters, not {len(value)}."
    return values, problems
