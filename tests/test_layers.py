"""Who may import whom inside the plugin. Every import counts: at the top, inside a function, for types only."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = "illumichat_sms_plugin"
ROOT = Path(__file__).parent.parent / PACKAGE
FILES = sorted(ROOT.rglob("*.py"))

LAYERS = (
    {"plugin", "testing"},
    {"slots", "cli", "sms_channel"},
    {"blueprints", "jobs"},
    {"conformance"},
    {"schemas"},
    {"services"},
    {"runtime"},
    {"contract"},
    {"models", "twilio_gateway", "job_queue", "host"},
    {"text"},
)
"""From left to right: a part may import itself and what stands to its right. Every other module is a plain
value, at the right end: it may import plain values only."""

MOVED = {"segments", "keywords", "reply_text", "reactions", "gsm_lookalikes"}
"""Old names of modules in ``text``, kept for hosts; nothing of ours imports them."""

SERVICE_ROOMS = (
    {"housekeeping", "rotate_keys"},
    {"doctor", "notices"},
    {"sessions"},
    {"reconcile", "setup", "people", "rehearsal", "retention"},
    {"answering"},
    {"inbound", "track_delivery"},
    {"texters"},
    {"analytics"},
)
"""The same order inside ``services``; what is not named here stands at the right end and may import its neighbours."""

LONGEST_FILE = 300
OUTSIDE_ONLY_IN = {"twilio": "twilio_gateway", "rq": "job_queue"}
"""Libraries that exactly one part of the plugin knows."""


def part_of(module: str) -> str:
    """``illumichat_sms_plugin.services.leases`` belongs to ``services``; the package itself to ``""``."""
    part = [*module.split("."), ""][1]
    return "" if part.startswith("__") else part


def room_of(module: str) -> str:
    """``illumichat_sms_plugin.services.setup.account_findings`` stands in the room ``setup`` of the services."""
    names = module.split(".")
    return names[2] if names[:2] == [PACKAGE, "services"] and len(names) > 2 else ""


def branch_of(module: str) -> str:
    """``pages`` or ``api`` for a module of these two kinds of blueprints."""
    names = module.split(".")
    return names[2] if names[:2] == [PACKAGE, "blueprints"] and len(names) > 3 else ""


def place_in(order: tuple[set[str], ...], part: str) -> int:
    """The part's place from the left; what the order does not name comes last."""
    return next((place for place, parts in enumerate(order) if part in parts), len(order))


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


def may_import(importer: str, imported: str, order: tuple[set[str], ...] = LAYERS) -> bool:
    """The rule for two parts of the package, or with ``SERVICE_ROOMS`` for two rooms of the services."""
    if importer in MOVED:
        return imported == "text"
    left, right = place_in(order, importer), place_in(order, imported)
    return importer == imported or left < right or left == right == len(order)


def violations(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """What ``source``, being ``module``, imports against the rules, as ``line: reason``."""
    part, room = part_of(module), room_of(module)
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
        if room and room_of(name) and not may_import(room, room_of(name), SERVICE_ROOMS):
            found.append(f"{line}: services.{room} may not import services.{room_of(name)}")
        if {branch_of(module), branch_of(name)} == {"pages", "api"}:
            found.append(f"{line}: pages and API do not lean on each other")
        if top == PACKAGE and part_of(name) in MOVED:
            found.append(f"{line}: {part_of(name)} lives in text")
        if top == PACKAGE and not part:
            found.append(f"{line}: the package itself imports nothing of itself")
    return found


def test_every_name_in_the_layers_is_a_part_of_the_package():
    parts = {part_of(module_name(file)) for file in FILES}
    assert set().union(*LAYERS) <= parts


def test_every_name_among_the_rooms_is_a_room_of_the_services():
    assert set().union(*SERVICE_ROOMS) <= {room_of(module_name(file)) for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_imports_only_what_its_layer_may(file: Path):
    found = violations(file.read_text(), module_name(file), is_package=file.name == "__init__.py")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_file_is_longer_than_a_subject(file: Path):
    assert len(file.read_text().splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize(
    "file", sorted(ROOT.glob("services/**/*.py")), ids=lambda file: str(file.relative_to(ROOT))
)
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
        ("services.x", "def f():\n    import illumichat_sms_plugin.cli.commands"),
        ("services.x", "if TYPE_CHECKING:\n    from illumichat_sms_plugin.jobs import answer_session"),
        ("services.x", "from illumichat_sms_plugin import plugin"),
        ("services.x", "from illumichat_sms_plugin.schemas import analytics"),
        ("services.inbound.x", "from illumichat_sms_plugin.services.answering import answer_session"),
        ("services.reconcile.x", "from illumichat_sms_plugin.services.setup.account_findings import Finding"),
        ("services.channels", "from illumichat_sms_plugin.services.texters import consent"),
        ("blueprints.pages.x", "from illumichat_sms_plugin.blueprints.api.input import read_query"),
        ("services.x", "from illumichat_sms_plugin.segments import count_segments"),
        ("text.x", "from illumichat_sms_plugin.models import SmsMessage"),
        ("services.x", "from flask import current_app, request"),
        ("services.x", "from rq import Queue"),
        ("models.x", "from twilio.rest import Client"),
        ("models.x", "from illumichat_sms_plugin.runtime import current_runtime"),
        ("segments", "from illumichat_sms_plugin.models import SmsMessage"),
        ("phone_number", "from illumichat_sms_plugin.text.segments import count_segments"),
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
        ("services.answering.x", "from illumichat_sms_plugin.services.inbound import receive_message"),
        ("schemas.x", "from illumichat_sms_plugin.services.setup.ownership import Asked"),
        ("segments", "from illumichat_sms_plugin.text.segments import *"),
        ("config", "from illumichat_sms_plugin.encryption import SecretBox"),
        ("job_queue.x", "from rq import Queue"),
        ("twilio_gateway.x", "from twilio.rest import Client"),
        ("blueprints.x", "from flask import request"),
    ],
)
def test_the_rule_allows_this(module: str, line: str):
    assert violations(line, f"{PACKAGE}.{module}") == []


def node_of(file: Path, base: Path) -> str:
    """What ``file`` is in a drawing of the folders: its folder, or itself where the folder has folders of its own."""
    folder = file.parent
    has_folders = any(other.is_dir() and (other / "__init__.py").exists() for other in folder.iterdir())
    named = file.with_suffix("") if has_folders else folder
    return ".".join(named.relative_to(base).parts).removesuffix(".__init__")


def drawing(base: Path, tops: tuple[str, ...]) -> dict[str, set[str]]:
    """Which folder imports which, over everything below ``tops``."""
    files = {
        ".".join(file.relative_to(base).with_suffix("").parts).removesuffix(".__init__"): file
        for top in tops
        for file in sorted((base / top).rglob("*.py"))
    }
    arrows: dict[str, set[str]] = {}
    for module, file in files.items():
        names = imports(ast.parse(file.read_text()), module, is_package=file.name == "__init__.py")
        found = (files.get(name) or files.get(name.rpartition(".")[0]) for _line, name in names)
        goals = {node_of(goal, base) for goal in found if goal is not None}
        arrows.setdefault(node_of(file, base), set()).update(goals - {node_of(file, base)})
    return arrows


@pytest.mark.parametrize("top", ["illumichat_sms_plugin", "demo", "bench"])
def test_no_folder_imports_in_a_circle(top: str):
    sorter = graphlib.TopologicalSorter(drawing(ROOT.parent, (top,)))
    sorter.prepare()  # CycleError names the circle
