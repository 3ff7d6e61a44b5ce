"""Who may import whom inside the plugin. Every import counts: at the top, inside a function, for types only."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = "illumichat_sms_plugin"
ROOT = Path(__file__).parent.parent / PACKAGE
FILES = sorted(ROOT.rglob("*.py"))

LAYERS = (
    {"plugin"},
    {"slots", "cli"},
    {"blueprints", "jobs", "cli_analytics"},
    {"schemas", "services"},
    {"runtime"},
    {"models", "twilio_gateway", "job_queue", "host"},
)
"""From left to right: a part may import itself and what stands to its right. Every other module is a plain
value, at the right end: it may import plain values only."""

LONGEST_FILE = 300
OUTSIDE_ONLY_IN = {"twilio": "twilio_gateway", "rq": "job_queue"}
"""Libraries that exactly one part of the plugin knows."""


def part_of(module: str) -> str:
    """``illumichat_sms_plugin.services.leases`` belongs to ``services``; the package itself to ``""``."""
    part = [*module.split("."), ""][1]
    return "" if part.startswith("__") else part


def layer_of(part: str) -> int:
    """The part's place from the left; plain values come last."""
    return next((place for place, parts in enumerate(LAYERS) if part in parts), len(LAYERS))


def module_name(file: Path) -> str:
    """The dotted name of a file of the package."""
    names = [PACKAGE, *file.relative_to(ROOT).with_suffix("").parts]
    return ".".join(names[:-1] if names[-1] == "__init__" else names)


def imports(tree: ast.AST, module: str, *, is_package: bool) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything imported anywhere in ``tree``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = (
                module.split(".")[: len(module.split(".")) - node.level + is_package] if node.level else []
            )
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def may_import(importer: str, imported: str) -> bool:
    """The layer rule for two parts of the package."""
    left, right = layer_of(importer), layer_of(imported)
    return importer == imported or left < right or left == right == len(LAYERS)


def violations(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """What ``source``, being ``module``, imports against the rules, as ``line: reason``."""
    part = part_of(module)
    found = []
    for line, name in imports(ast.parse(source), module, is_package=is_package):
        top = name.split(".")[0]
        owner = OUTSIDE_ONLY_IN.get(top)
        if owner is not None and part != owner:
            found.append(f"{line}: only {owner} may import {top}")
        if name == "flask.request" and part == "services":
            found.append(f"{line}: services do not read the request")
        if top == PACKAGE and part and part_of(name) and not may_import(part, part_of(name)):
            found.append(f"{line}: {part} may not import {part_of(name)}")
        if top == PACKAGE and not part:
            found.append(f"{line}: the package itself imports nothing of itself")
    return found


def test_every_name_in_the_layers_is_a_part_of_the_package():
    parts = {part_of(module_name(file)) for file in FILES}
    assert set().union(*LAYERS) <= parts


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_imports_only_what_its_layer_may(file: Path):
    found = violations(file.read_text(), module_name(file), is_package=file.name == "__init__.py")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_file_is_longer_than_a_subject(file: Path):
    assert len(file.read_text().splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("file", sorted(ROOT.glob("services/*.py")), ids=lambda file: file.name)
def test_a_service_does_not_reach_the_request_through_flask_either(file: Path):
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert (node.value.id, node.attr) != ("flask", "request"), f"line {node.lineno}"


def test_a_web_process_that_loads_the_whole_plugin_does_not_load_twilios_library():
    """``import twilio.rest`` takes a fifth of a second and 40 MB; only a worker needs it."""
    code = f"import sys, {PACKAGE}.plugin; print([m for m in ('twilio', 'rq') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("services.x", "from illumichat_sms_plugin.blueprints import guard"),
        ("services.x", "from ..blueprints import guard"),
        ("services.x", "from .. import blueprints"),
        ("services.x", "def f():\n    import illumichat_sms_plugin.cli"),
        ("services.x", "if TYPE_CHECKING:\n    from illumichat_sms_plugin.jobs import answer_session"),
        ("services.x", "from illumichat_sms_plugin import plugin"),
        ("services.x", "from illumichat_sms_plugin.schemas import analytics"),
        ("services.x", "from flask import current_app, request"),
        ("services.x", "from rq import Queue"),
        ("models.x", "from twilio.rest import Client"),
        ("models.x", "from illumichat_sms_plugin.runtime import current_runtime"),
        ("segments", "from illumichat_sms_plugin.models import SmsMessage"),
        ("__init__", "from illumichat_sms_plugin.config import Settings"),
    ],
)
def test_the_rule_catches_this(module: str, line: str):
    assert violations(line, f"{PACKAGE}.{module}")


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("plugin", "from illumichat_sms_plugin.services import channels"),
        ("blueprints.x", "from illumichat_sms_plugin.errors import NotFound"),
        ("services.x", "from illumichat_sms_plugin.services.leases import SessionLease"),
        ("config", "from illumichat_sms_plugin.encryption import SecretBox"),
        ("job_queue.x", "from rq import Queue"),
        ("twilio_gateway.x", "from twilio.rest import Client"),
        ("blueprints.x", "from flask import request"),
    ],
)
def test_the_rule_allows_this(module: str, line: str):
    assert violations(line, f"{PACKAGE}.{module}") == []
