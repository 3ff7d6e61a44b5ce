"""README's "Install it into a host", walked word for word on a fresh Flask-Migrate project."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import textwrap
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from tests.packaging.environment import ROOT
from tests.support.twilio_requests import ACCOUNT_SID, AUTH_TOKEN, NUMBER
from tests.testing.hosts import SmallestHost

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]

FACTORY = """

def create_app():
    from flask_migrate import Migrate

    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///host.sqlite"
    app.config["SMS_TWILIO_API_URL"] = "{twilio}"
{settings}
    db.init_app(app)
    Migrate(app, db)
    host = Host()
{loading}
    return app
"""


class Readme:
    """The section: its steps, with their code and their commands."""

    def __init__(self) -> None:
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        section = re.search(r"^## Install it into a host\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)
        assert section
        self.text = section.group(1)
        self.steps = re.split(r"^(?=\d\. \*\*)", self.text, flags=re.MULTILINE)

    def code(self, step: int) -> str:
        """The Python of a step."""
        (found,) = re.findall(r"```python\n(.*?)```", self.steps[step], re.DOTALL)
        return textwrap.dedent(found.rstrip(" "))

    def commands(self, step: int) -> list[str]:
        """The lines of a step that are for the shell."""
        prose = re.sub(r"```.*?```", "", self.steps[step], flags=re.DOTALL)
        lines = re.findall(r"^       (\S.*)$", prose, re.MULTILINE)
        return [line.split("  #")[0].strip() for line in lines]


class Project:
    """A folder with a host in it, and a shell there."""

    def __init__(self, folder: Path, python: Path) -> None:
        self.folder = folder
        path = os.pathsep.join([str(python.parent), os.environ.get("PATH", "")])
        self.env = {"PATH": path, "HOME": str(folder), "SMS_CONNECT_AUTH_TOKEN": AUTH_TOKEN}

    def run(self, line: str) -> str:
        """What the line prints, on both streams."""
        done = subprocess.run(
            line,
            shell=True,
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def run_until(self, line: str, is_up: Callable[[], bool]) -> None:
        """Start what does not end, and end it as an operator does when it is up."""
        with subprocess.Popen(line.split(), cwd=self.folder, env=self.env) as process:
            deadline = time.monotonic() + 120
            while not is_up() and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.2)
            seen = is_up()
            process.send_signal(signal.SIGTERM)
            assert (seen, process.wait(60)) == (True, 0), line

    def rows(self, statement: str) -> list[Any]:
        """Rows of the host's database."""
        with closing(sqlite3.connect(self.folder / "instance" / "host.sqlite")) as database:
            return database.execute(statement).fetchall()

    def tables(self) -> set[str]:
        """All tables there."""
        return {name for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}


@pytest.fixture
def project(tmp_path: Path, python: Path) -> Project:
    return Project(tmp_path, python)


def test_the_steps_lead_to_an_assistant_with_a_number_and_back(
    project: Project, wheel: Path, redis_url: str, twilio: Any
) -> None:
    readme = Readme()

    # 1. The wheel that the line installs is the one that is built; the environment has it.
    assert wheel.name in readme.commands(1)[1]

    # 2, 3. The contract's smallest host, the loading, and the settings with a key that the line makes.
    (make_key,) = readme.commands(3)
    key = project.run(make_key).strip()
    settings = readme.code(3).replace("…", key).replace("redis://localhost:6379/0", redis_url)
    source = SmallestHost().source.partition("\ndef create_app")[0]
    factory = FACTORY.format(
        twilio=twilio.url,
        settings=textwrap.indent(settings, "    "),
        loading=textwrap.indent(readme.code(2), "    "),
    )
    (project.folder / "app.py").write_text(source + factory, encoding="utf-8")
    for line in ("flask db init", "flask db migrate -m first", "flask db upgrade"):
        project.run(line)
    own = project.tables()

    # 4. Our tables; and before the host's autogenerate is taught, a warning of what it would do.
    (upgrade,) = readme.commands(4)
    assert "does not leave the tables sms_* alone" in project.run(upgrade)
    ours = {name for name in project.tables() - own if name.startswith("sms_")}
    assert len(ours) > 10
    env = project.folder / "migrations" / "env.py"
    untaught = env.read_text(encoding="utf-8")
    assert "drop_table('sms_messages')" in migration_of(project, "untaught")
    taught = untaught.replace("context.configure(", "context.configure(include_name=include_name, ")
    env.write_text(taught.replace("\ndef ", f"\n{readme.code(4)}\n\ndef ", 1), encoding="utf-8")
    checked = project.run("flask db check")
    assert "No new upgrade operations detected" in checked
    assert "sms_*" not in checked

    # 5. The two processes.
    worker, housekeeping = readme.commands(5)
    with Redis.from_url(redis_url) as redis:
        project.run_until(worker, lambda: bool(redis.scard("rq:workers")))
    project.run_until(housekeeping, lambda: bool(project.rows("SELECT * FROM sms_heartbeats")))

    # 6. An assistant with a number.
    (connect,) = readme.commands(6)
    said = project.run(connect.replace("AC…", ACCOUNT_SID).replace("+15551234567", NUMBER))
    assert f"is connected to {NUMBER}" in said
    assert "https://app.example.com/api/sms/webhook/ast_support#" in said

    # And the way back.
    back = re.findall(
        r"`(flask sms [^`]*|pip uninstall [^`]*)`", readme.steps[-1].partition("To **remove**")[2]
    )
    assert back == ["flask sms downgrade base", "pip uninstall illumichat-sms-plugin"]
    project.run(f"{back[0]} --yes")
    assert project.tables() - own == {"alembic_version_sms"}
    assert project.rows("SELECT * FROM alembic_version_sms") == []


def migration_of(project: Project, name: str) -> str:
    """What autogenerate would do now; the file is gone again."""
    project.run(f"flask db migrate -m {name}")
    (file,) = (project.folder / "migrations" / "versions").glob(f"*_{name}.py")
    written = file.read_text(encoding="utf-8")
    file.unlink()
    return written
