"""The wheel in an empty environment beside the demo host: tables, pages and static files come out of it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.packaging.environment import call

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]

LOOK = """
import json
import illumichat_sms_plugin
from illumichat_sms_plugin import migrating
from demo.host import create_app

app = create_app()
ours = [name for name in app.jinja_env.list_templates() if name.startswith("illumichat_sms/")]
for name in ours:
    app.jinja_env.get_template(name)
static = {}
client = app.test_client()
for name, blueprint in app.blueprints.items():
    if blueprint.has_static_folder and blueprint.static_folder.startswith(illumichat_sms_plugin.__path__[0]):
        for file in sorted(__import__("pathlib").Path(blueprint.static_folder).rglob("*.*")):
            url = f"{blueprint.static_url_path}/{file.relative_to(blueprint.static_folder).as_posix()}"
            static[url] = client.get(url).status_code
print(json.dumps({
    "package": illumichat_sms_plugin.__path__[0],
    "migrations": str(migrating.migrations_folder()),
    "revision": migrating.head_revision(),
    "templates": ours,
    "static": static,
}))
"""


@pytest.fixture(scope="module")
def beside(python: Path) -> Path:
    """A folder that holds the demo and nothing else of the repository."""
    folder = python.parents[2] / "beside"
    shutil.copytree(ROOT / "demo", folder / "demo", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="module")
def env(beside: Path, python: Path) -> dict[str, str]:
    """What an operator sets."""
    key = call(
        [str(python), "-c", "from cryptography.fernet import Fernet as F; print(F.generate_key().decode())"],
        beside,
    )
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(beside),
        "DATABASE_URL": f"sqlite:///{beside / 'host.sqlite'}",
        "SECRET_KEY": "of this test only",
        "SMS_PUBLIC_URL": "http://127.0.0.1:8000",
        "SMS_ENCRYPTION_KEYS": key.strip(),
    }


def test_the_wheel_brings_its_tables_pages_and_static_files(python: Path, beside: Path, env: dict[str, str]):
    flask = [str(python), "-m", "flask", "--app", "demo.host"]
    call([*flask, "db", "upgrade"], beside, env)
    call([*flask, "sms", "upgrade"], beside, env)
    call([*flask, "demo", "seed"], beside, env)
    call([*flask, "db", "check"], beside, env)

    seen = json.loads(call([str(python), "-c", LOOK], beside, env).splitlines()[-1])
    site_packages = Path(seen["package"]).parent
    assert site_packages.is_relative_to(python.parents[1]), "it must not come from the checkout"
    assert seen["migrations"] == f"{seen['package']}/migrations"
    assert seen["revision"]
    assert set(seen["templates"]) == {
        str(file.relative_to(ROOT / "illumichat_sms_plugin/templates"))
        for file in (ROOT / "illumichat_sms_plugin/templates").rglob("*.html")
    }
    assert seen["templates"]
    assert seen["static"]
    assert set(seen["static"].values()) == {200}

    call([*flask, "sms", "downgrade", "base", "--yes"], beside, env)
    call([*flask, "db", "check"], beside, env)
