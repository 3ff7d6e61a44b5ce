"""What setup.cfg makes every host install is what the package imports, and the other way round."""

from __future__ import annotations

import ast
import configparser
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = {"flask-sqlalchemy": "", "prometheus-client": "prometheus_client", "tzdata": ""}
"""What a distribution is imported as; nothing where the host or Python's own library uses it."""
OF_OTHERS = {
    "werkzeug": "flask",
    "jinja2": "flask",
    "markupsafe": "flask",
    "click": "flask",
    "mako": "alembic",
    "urllib3": "requests",
    "psycopg": "",
    "pytest": "",
}
"""Modules that come with one of them. The driver is the host's choice; pytest runs the conformance kit and is its user's."""


def required() -> set[str]:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    return {
        re.split(r"[<>=\[;]", line)[0].strip()
        for line in config["options"]["install_requires"].splitlines()
        if line
    }


def imported() -> set[str]:
    """The top of each foreign module that the package or a migration names, wherever in the file."""
    found = set()
    for folder in ("illumichat_sms_plugin", "migrations"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                    found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {"illumichat_sms_plugin"}


def test_each_requirement_is_imported() -> None:
    assert {name for name in required() if MODULES.get(name, name)} <= {
        next((dist for dist, module in MODULES.items() if module == found), found) for found in imported()
    }


def test_what_is_imported_is_required_or_comes_with_it() -> None:
    known = {MODULES.get(name, name) for name in required()}
    known |= {module for module, by in OF_OTHERS.items() if not by or by in required()}
    assert imported() - known == set()
